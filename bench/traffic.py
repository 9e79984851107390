"""Live traffic: the stream's mix at a given rate, by shoppers of equal zeal, its event times those of sending.

Each order is a new shopper's first: whoever sees it must say so at once, and only once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from bench.stream import SHOPPERS, choose, row
from kairos.replay.row import Row
from models.kernel.events import CLICKSTREAM, ORDER

LATER = 50_000_000
"""A `first` beyond any number of other traffic."""
NEW = b"new-"
"""How the ids of new shoppers begin."""


class Traffic:
    """Rows without end; no message id comes twice. `first` is the number of the first, less one."""

    def __init__(self, seed: int = 11, first: int = 0) -> None:
        self._random = Random(seed)
        self._number = first

    def rows(self, rate: float, events: int, start: int) -> Iterator[Row]:
        """So many events at `rate` a second from `start` (ms) on.

        >>> rows = list(Traffic().rows(1_000, 3, 5))
        >>> [e for e, *_ in rows]
        [5, 6, 7]
        """
        for i in range(events):
            self._number += 1
            role = choose(self._random)
            user = f"new-{self._number}" if role == ORDER else f"u{self._random.randrange(SHOPPERS)}"
            yield row(self._random, self._number, start + int(i * 1000 / rate), user, role)

    def clicks(self, rate: float, events: int, start: int, users: Sequence[str]) -> Iterator[Row]:
        """So many clicks, by `users` in turns.

        >>> [key for _, _, key, _ in Traffic().clicks(1_000, 3, 5, ["a", "b"])]
        [b'a', b'b', b'a']
        """
        for i in range(events):
            self._number += 1
            user = users[i % len(users)]
            yield row(self._random, self._number, start + int(i * 1000 / rate), user, CLICKSTREAM)
