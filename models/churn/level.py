"""The shop's level: pooled numbers of all its buyers, beside which one buyer's are judged.

They come from orders alone. Each has pseudo-counts beside it, which are all there is in a shop without orders: half a
repeat in 90 days of one buyer, and five gaps of 30 days.
"""

from __future__ import annotations

from math import log, log1p, sqrt

from msgspec import Struct
from msgspec.structs import force_setattr

from models.learners.protocol import finite

PSEUDO_REPEATS, PSEUDO_DAYS = 0.5, 90.0
PSEUDO_GAPS, PSEUDO_GAP, PSEUDO_VARIANCE = 5.0, log(30.0), 1.0
"""Weight, mean and variance of the pseudo-gaps' log."""
LEAST_VARIANCE = 0.04
"""Of log gaps: the shop's is never taken to be smaller."""
BOUNDS = {
    "rate": (1e-6, 10.0),
    "gap_mean": (0.0, log1p(36_500.0)),
    "gap_sd": (sqrt(LEAST_VARIANCE), 10.0),
    "amount": (0.0, log1p(1e12)),
    "items": (0.0, log1p(1e12)),
}
"""Least and most of each number: what lies beyond counts as the bound, so that no covariate can get out of hand."""


class Level(Struct, frozen=True, array_like=True, gc=False):
    """The shop's pooled numbers; the defaults are those of a shop without orders.

    Attributes
    ----------
    rate
        Repeat occasions a buyer and day.
    gap_mean, gap_sd
        Mean and standard deviation of log(1 + gap in days).
    amount, items
        Mean of log(1 + amount) and of log(1 + number of items) over the occasions where it is known.

    Raises
    ------
    ValueError
        If a number is not finite.
    """

    rate: float = PSEUDO_REPEATS / PSEUDO_DAYS
    gap_mean: float = PSEUDO_GAP
    gap_sd: float = sqrt(PSEUDO_VARIANCE)
    amount: float = 0.0
    items: float = 0.0

    def __post_init__(self) -> None:
        for name, (least, most) in BOUNDS.items():
            x = finite(getattr(self, name))
            if not least <= x <= most:
                force_setattr(self, name, min(max(x, least), most))

    @classmethod
    def pooled(
        cls,
        repeats: float,
        exposure: float,
        gaps: tuple[float, float, float],
        amounts: tuple[float, float],
        items: tuple[float, float],
    ) -> Level:
        """The level by sums over all buyers, to which the pseudo-counts are added here.

        Parameters
        ----------
        repeats, exposure
            Number of repeat occasions, and days since the first occasion, summed over buyers.
        gaps
            Number, sum and sum of squares of log(1 + gap in days).
        amounts, items
            Number and sum of log(1 + amount), and of log(1 + number of items), where known.

        >>> Level.pooled(0, 0.0, (0, 0.0, 0.0), (0, 0.0), (0, 0.0)) == Level()
        True
        >>> Level.pooled(10, 900.0, (10, 20.0, 45.0), (20, 60.0), (4, 6.0)).rate
        0.010606060606060607
        """
        n, total, squares = gaps
        n += PSEUDO_GAPS
        mean = (total + PSEUDO_GAPS * PSEUDO_GAP) / n
        square = (squares + PSEUDO_GAPS * (PSEUDO_GAP * PSEUDO_GAP + PSEUDO_VARIANCE)) / n
        return cls(
            (repeats + PSEUDO_REPEATS) / (exposure + PSEUDO_DAYS),
            mean,
            sqrt(max(square - mean * mean, LEAST_VARIANCE)),
            _mean(*amounts),
            _mean(*items),
        )


def _mean(n: float, total: float) -> float:
    return total / n if n else 0.0
