"""How far out an observation lies: a normal distribution fitted to those before it.

River's `anomaly.GaussianScorer`: score = 2 · |Φ((x − mean) / sd) − ½| with sample mean and variance (ddof 1), by
Welford's step (B. P. Welford, "Note on a method for calculating corrected sums of squares and products",
Technometrics 4, 1962). One difference: where all observations were the same, that same value scores 0 (River: 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import erf, sqrt

from models.learners.protocol import finite


class GaussianScorer:
    """Scores an observation by those that were learned.

    Parameters
    ----------
    grace
        With fewer observations every score is 0.
    count, mean, squares
        The state: number of observations, their mean, the sum of squared differences from it.
    """

    __slots__ = ("count", "grace", "mean", "squares")

    def __init__(self, grace: int, count: int = 0, mean: float = 0.0, squares: float = 0.0) -> None:
        self.grace, self.count, self.mean, self.squares = grace, count, mean, squares

    def learn_one(self, x: float) -> None:
        """Take one observation. Raises ValueError if it is not finite."""
        apart = finite(x) - self.mean
        self.count += 1
        self.mean += apart / self.count
        self.squares += apart * (x - self.mean)

    def score_one(self, x: float) -> float:
        """How unusual `x` is, 0..1. Raises ValueError if it is not finite.

        >>> scorer = GaussianScorer(3)
        >>> for x in (1.0, 2.0, 3.0): scorer.learn_one(x)
        >>> scorer.score_one(2.0), round(scorer.score_one(4.0), 4), GaussianScorer(3).score_one(9.0)
        (0.0, 0.9545, 0.0)
        """
        apart = abs(finite(x) - self.mean)
        if self.count < max(self.grace, 2):
            return 0.0
        deviation = sqrt(self.squares / (self.count - 1))
        if not deviation:
            return 1.0 if apart else 0.0
        return erf(apart / deviation / sqrt(2))

    def dump(self) -> list[int | float]:
        """Count, mean, sum of squared differences."""
        return [self.count, self.mean, self.squares]

    @classmethod
    def load(cls, state: Sequence[int | float], grace: int) -> GaussianScorer:
        """Go on from what `dump` gave; from nothing where it is empty."""
        return cls(grace, int(state[0]), state[1], state[2]) if state else cls(grace)
