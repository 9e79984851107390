"""Who comes for the first time, second by second, so that a shop has as many events a second as it is asked for."""

from __future__ import annotations

from collections import Counter

from models.settings import SECOND

MEMORY = 60
"""Seconds' worth of events: a larger surplus is forgotten instead of being made up for by as long a silence."""


class Arrivals:
    """Newcomers for a steady rate. Those who are in the shop already make most of the events; each newcomer adds one
    at once, and so makes up for what is missing.

    Parameters
    ----------
    rate
        Events a second.
    start
        When the first second begins (ms).
    """

    def __init__(self, rate: float, start: int) -> None:
        self._rate = rate
        self._start = start
        self._second = 0
        self._missing = 0.0
        self._expected: Counter[int] = Counter()

    def expect(self, at: int, events: int = 1) -> None:
        """So many events will happen at `at` (ms)."""
        self._expected[(at - self._start) // SECOND] += events

    def next_second(self) -> list[int]:
        """When newcomers come within the next second (ms, in order, evenly spaced). What they do is to be expected
        before this is called again.

        >>> arrivals = Arrivals(2.0, start=0)
        >>> arrivals.expect(400)
        >>> arrivals.next_second()
        [500]
        """
        self._missing -= self._expected.pop(self._second - 1, 0)
        self._missing = max(self._missing, -MEMORY * self._rate) + self._rate
        count = max(0, int(self._missing - self._expected[self._second]))
        begin = self._start + self._second * SECOND
        self._second += 1
        return [begin + (2 * number + 1) * SECOND // (2 * count) for number in range(count)]
