"""Purchases as the raw files have them: what the closed forms are fitted on, and the truth of every holdout.

Nothing here knows the engine. A *buying occasion* is one order and those less than 24 hours after it; it has a day.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from models.kernel.settings import DAY

Floats = npt.NDArray[np.floating[Any]]
Whole = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]
Days = int | Whole

WEEK = 7.0
SPAN = 100_000 * DAY
"""Longer than any history (ms): a buyer's number times this, plus the time, sorts by buyer, then by time."""


class Histories(NamedTuple):
    """The sufficient statistics of the closed forms, one element a buyer: repeat occasions, weeks from the first to the
    last one (0 without a repeat), weeks from the first one to the end of the observation."""

    x: Floats
    tx: Floats
    T: Floats


class Purchases:
    """All buying occasions of a data set.

    Parameters
    ----------
    orders
        One row an order: `buyer` (text) and `at` (ms).
    start
        Midnight of day 0 (ms).

    Attributes
    ----------
    names
        Ids of the buyers, which are numbered 0 to N - 1 in the arrays.
    first
        The day of each one's first occasion.
    end
        Days that the data cover: the last day with an order, plus one.

    A *cut* is a number of days: days 0 to cut - 1 are observed, day `cut` is the first of the holdout.
    """

    def __init__(self, orders: pl.DataFrame, start: int) -> None:
        ordered = orders.sort("buyer", "at")
        found = list(_occasions(ordered["buyer"].to_list(), ordered["at"].to_list()))
        self.names = sorted({buyer for buyer, _ in found})
        self.start = start
        number = {name: i for i, name in enumerate(self.names)}
        self._opened = np.array([number[buyer] * SPAN + at - start for buyer, at in found], np.int64)
        self._placed = np.array([number[b] * SPAN + at - start for b, at in ordered["buyer", "at"].rows()], np.int64)
        self._begins = np.searchsorted(self._opened, np.arange(len(self.names)) * SPAN)
        self.first: Whole = self._opened[self._begins] % SPAN // DAY
        self.end = int((self._placed % SPAN).max()) // DAY + 1

    def buyers(self, cut: int) -> Whole:
        """Numbers of those with an occasion before the cut."""
        return np.flatnonzero(self.first < cut)

    def occasions(self, buyers: Whole, start: Days, stop: Days) -> Whole:
        """How many occasions each of the buyers has on days `start` to `stop` - 1: the same for all, or one's own."""
        return self._before(buyers, stop) - self._before(buyers, start)

    def last(self, buyers: Whole, cut: Days) -> Whole:
        """The day of each buyer's last occasion before the cut."""
        return self._opened[self._before(buyers, cut) - 1] % SPAN // DAY

    def histories(self, buyers: Whole, cut: int) -> Histories:
        """What the closed forms know of each buyer at the cut; the observation ends with day `cut` - 1.

        >>> orders = pl.DataFrame({"buyer": ["a", "a", "b"], "at": [0, 14 * DAY, 7 * DAY]})
        >>> [found.tolist() for found in Purchases(orders, 0).histories(np.array([0, 1]), 29)]
        [[1.0, 0.0], [2.0, 0.0], [4.0, 3.0]]
        """
        first = self.first[buyers]
        repeats = self._before(buyers, cut) - self._begins[buyers] - 1
        return Histories(repeats * 1.0, (self.last(buyers, cut) - first) / WEEK, (cut - 1 - first) / WEEK)

    def orders(self, buyer: str) -> Whole:
        """When a buyer's orders were (ms), ascending: all of them, also those of one occasion."""
        number = bisect_left(self.names, buyer)
        begin, end = np.searchsorted(self._placed, (number * SPAN, (number + 1) * SPAN))
        return self._placed[begin:end] % SPAN + self.start

    def _before(self, buyers: Whole, day: Days) -> Whole:
        """Where each buyer's occasions of this day or later begin."""
        return np.searchsorted(self._opened, buyers * SPAN + day * DAY)


def _occasions(buyers: Sequence[str], times: Sequence[int]) -> Iterator[tuple[str, int]]:
    """The orders that open an occasion; orders come by buyer, then by time (ms).

    >>> list(_occasions(["a", "a", "a", "b"], [0, DAY - 1, DAY, DAY + 1]))
    [('a', 0), ('a', 86400000), ('b', 86400001)]
    """
    who, opened = "", 0
    for buyer, at in zip(buyers, times, strict=True):
        if buyer != who or at >= opened + DAY:
            who, opened = buyer, at
            yield buyer, at
