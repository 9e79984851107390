"""Recency, frequency, monetary value: scores 1..5 and the ten segments of the R-F grid.

Scores are judged by a table, `Cuts`. Version 0 is fixed, for shops with too few buyers to have quartiles of their own.
"""

from __future__ import annotations

from bisect import bisect_right

from msgspec import Struct

from models.settings import DAY

SEGMENTS = (
    "",
    "hibernating",
    "at_risk",
    "cant_lose",
    "about_to_sleep",
    "need_attention",
    "loyal",
    "promising",
    "new",
    "potential_loyalist",
    "champions",
)
"""Names of the segments; a profile stores the index. Append only."""

_GRID = {
    1: ("hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"),
    2: ("hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"),
    3: ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    4: ("promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"),
    5: ("new", "potential_loyalist", "potential_loyalist", "champions", "champions"),
}
"""Segment by recency score (row) and frequency score (column). 51 is new, 41 promising."""


class Cuts(Struct, frozen=True):
    """A table of cuts.

    Attributes
    ----------
    version
        0 for the fixed cuts; later ones are computed from the population.
    recency
        Full days since the last order at which R falls from 5 to 4, to 3, to 2, to 1.
    frequency
        Number of orders from which F is 2, 3, 4, 5.
    monetary
        Decayed spending at the last order (minor units) from which M is 2, 3, 4, 5.
    """

    version: int = 0
    recency: tuple[int, int, int, int] = (14, 30, 60, 120)
    frequency: tuple[int, int, int, int] = (2, 3, 4, 6)
    monetary: tuple[int, int, int, int] = (2_500, 5_000, 10_000, 25_000)

    @property
    def name(self) -> str:
        """How outputs name this table."""
        return f"cuts/{self.version}"

    def r(self, last: int, now: int) -> int:
        """Recency score at `now` of a shopper whose newest valid order was at `last` (ms).

        >>> [Cuts().r(0, days * DAY) for days in (0, 13, 14, 30, 60, 119, 120)]
        [5, 5, 4, 3, 2, 2, 1]
        """
        return 5 - bisect_right(self.recency, max(0, now - last) // DAY)

    def f(self, orders: int) -> int:
        """Frequency score of a number of valid orders.

        >>> [Cuts().f(n) for n in (1, 2, 3, 4, 5, 6, 99)]
        [1, 2, 3, 4, 4, 5, 5]
        """
        return 1 + bisect_right(self.frequency, orders)

    def m(self, decayed: float) -> int:
        """Monetary score of decayed spending at the last order (minor units).

        >>> [Cuts().m(x) for x in (0, 2499, 2500, 9999, 25000)]
        [1, 1, 2, 3, 5]
        """
        return 1 + bisect_right(self.monetary, decayed)

    def crossing(self, last: int, after: int) -> int:
        """The first time later than `after` at which the recency score falls (ms); 0 if it is 1 for good."""
        i = bisect_right([last + days * DAY for days in self.recency], after)
        return last + self.recency[i] * DAY if i < len(self.recency) else 0


FIXED = Cuts()


def segment(r: int, f: int) -> int:
    """Index of the segment of a recency and a frequency score.

    >>> SEGMENTS[segment(5, 1)], SEGMENTS[segment(2, 3)], SEGMENTS[segment(4, 1)]
    ('new', 'at_risk', 'promising')
    """
    return SEGMENTS.index(_GRID[r][f - 1])
