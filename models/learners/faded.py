"""Mean and variance of observations, each of which weighs less by a share at every later one.

They are those of `river.stats.Mean` and `river.stats.Var` (ddof 0), where the i-th observation has the weight
(1 − fading)⁻ⁱ: a common factor of all weights does not matter. Unlike an exponentially weighted mean that begins with
the first value, it gives that one no more weight than its age says, so it may be drawn towards a prior by the weight.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.learners.protocol import finite


class FadedStatistics:
    """Weight, sum and sum of squares of what was learned.

    Parameters
    ----------
    fading
        Share of its weight that an observation loses at each later one.
    weight, total, squares
        The state.
    """

    __slots__ = ("fading", "squares", "total", "weight")

    def __init__(self, fading: float, weight: float = 0.0, total: float = 0.0, squares: float = 0.0) -> None:
        self.fading, self.weight, self.total, self.squares = fading, weight, total, squares

    def learn_one(self, x: float) -> None:
        """Take the next observation. Raises ValueError if it, or its square, is not finite.

        >>> faded = FadedStatistics(0.5)
        >>> for x in (0.0, 3.0): faded.learn_one(x)
        >>> faded.weight, faded.predict_one(), faded.variance
        (1.5, 2.0, 2.0)
        """
        square, keep = finite(x * x), 1.0 - self.fading
        self.weight = keep * self.weight + 1.0
        self.total = keep * self.total + x
        self.squares = keep * self.squares + square

    def predict_one(self) -> float:
        """The next observation, as expected: the mean; 0 before the first."""
        return self.total / self.weight if self.weight else 0.0

    @property
    def variance(self) -> float:
        """Variance, never negative; 0 before the first."""
        return max(0.0, self.squares - self.total * self.predict_one()) / self.weight if self.weight else 0.0

    def dump(self) -> list[int | float]:
        """Weight, sum, sum of squares."""
        return [self.weight, self.total, self.squares]

    @classmethod
    def load(cls, state: Sequence[int | float], fading: float) -> FadedStatistics:
        """Go on from what `dump` gave; from nothing where it is empty."""
        return cls(fading, *state)
