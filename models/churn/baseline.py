"""The baseline that a churn model has to beat: recency × frequency, the share of each cell of buyers that ordered.

What many shops do by hand. A cell without labels of its own has the share of all labels.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
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


def share(cells: Cells, at: int) -> float:
    """The share of buyers in a cell who order within a step.

    >>> share({}, 3), share({3: (90, 45)}, 3), round(share({3: (90, 45)}, 4), 3)
    (0.1, 0.496, 0.46)
    """
    labels, ordered = (sum(column) for column in zip(*cells.values(), strict=True)) if cells else (0, 0)
    base = (ordered + UNKNOWN[0] * UNKNOWN[1]) / (labels + UNKNOWN[1])
    labels, ordered = cells.get(at, (0, 0))
    return (ordered + WORTH * base) / (labels + WORTH)
