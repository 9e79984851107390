"""The baseline that a churn model has to beat: recency × frequency, the share of each cell of buyers that ordered.

What many shops do by hand. A cell without labels of its own has the share of all labels.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.orders.buying import Buying

RECENCY = (7, 14, 28, 56, 91, 182, 365)
"""Days since the last order at which the next cell begins."""
REPEATS = (1, 2, 4)
"""Repeat orders at which the next cell begins."""
WORTH = 10
"""Labels of the whole shop that each cell begins with."""
UNKNOWN = 0.1, 10.0
"""Share of a shop without labels, and how many labels it is worth: one in ten, as in shops at large."""

Cells = Mapping[int, tuple[int, int]]
"""By cell: labels, and those of them with an order."""


def cell(buying: Buying, now: float) -> int:
    """The cell of a buyer at `now` (days).

    >>> from models.orders.buying import Buying
    >>> cell(Buying(first=0.0, last=0.0, occasions=1), 6.9), cell(Buying(first=0.0, last=0.0, occasions=5), 400.0)
    (0, 31)
    """
    return bisect_right(RECENCY, now - buying.last) * (len(REPEATS) + 1) + bisect_right(REPEATS, buying.occasions - 1)


class RecencyFrequency:
    """What the cells of a shop predict of any buyer.

    >>> RecencyFrequency({}).share(3), RecencyFrequency({3: (90, 45)}).share(3)
    (0.1, 0.496)
    >>> round(RecencyFrequency({3: (90, 45)}).share(4), 3)
    0.46
    """

    def __init__(self, cells: Cells) -> None:
        labels, ordered = (sum(column) for column in zip(*cells.values(), strict=True)) if cells else (0, 0)
        self._cells, self._base = cells, (ordered + UNKNOWN[0] * UNKNOWN[1]) / (labels + UNKNOWN[1])

    def share(self, at: int) -> float:
        """The share of buyers in a cell who order within a step."""
        labels, ordered = self._cells.get(at, (0, 0))
        return (ordered + WORTH * self._base) / (labels + WORTH)

    def log_odds(self, x: Sequence[float], buying: Buying, now: float) -> float:
        """Log odds of an order within a step after `now` (days); the covariates `x` are not looked at."""
        p = self.share(cell(buying, now))
        return log(p / (1.0 - p))
