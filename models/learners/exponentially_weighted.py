"""Exponentially weighted mean and variance.

The step is River's: `river.stats.EWMean` (m ← αx + (1 − α)m, the first value as it is) and `river.stats.EWVar`
(EWMean of x² minus the square of EWMean of x). Source of both: T. Finch, "Incremental calculation of weighted mean and
variance", University of Cambridge, 2009, section 9. One difference: the variance is never negative (River's may be, by
its rounding).
"""

from __future__ import annotations

from collections.abc import Sequence

from models.learners.protocol import finite


class EWStatistics:
    """Mean and mean square of what was learned, the newest weighing most.

    Parameters
    ----------
    fading
        Weight of the newest observation, 0..1.
    count, mean, square
        The state: number of observations, weighted mean, weighted mean of squares.
    """

    __slots__ = ("count", "fading", "mean", "square")

    def __init__(self, fading: float, count: int = 0, mean: float = 0.0, square: float = 0.0) -> None:
        self.fading, self.count, self.mean, self.square = fading, count, mean, square

    def learn_one(self, x: float) -> None:
        """Take the next observation. Raises ValueError if it, or its square, is not finite.

        >>> ew = EWStatistics(0.5)
        >>> for x in (1, 3, 5): ew.learn_one(x)
        >>> ew.predict_one(), ew.variance
        (3.5, 2.75)
        """
        square = finite(x * x)
        if self.count:
            keep = 1 - self.fading
            self.mean = self.fading * x + keep * self.mean
            self.square = self.fading * square + keep * self.square
        else:
            self.mean, self.square = x, square
        self.count += 1

    def predict_one(self) -> float:
        """The next observation, as expected: the mean; 0 before the first."""
        return self.mean

    @property
    def variance(self) -> float:
        """Exponentially weighted variance."""
        return variance(self.mean, self.square)

    def dump(self) -> list[int | float]:
        """Count, mean, mean square."""
        return [self.count, self.mean, self.square]

    @classmethod
    def load(cls, state: Sequence[int | float], fading: float) -> EWStatistics:
        """Go on from what `dump` gave; from nothing where it is empty."""
        return cls(fading, int(state[0]), state[1], state[2]) if state else cls(fading)


def variance(mean: float, square: float) -> float:
    """Variance by mean and mean square. Never negative, though their rounding may make the difference so.

    >>> variance(3.0, 11.0), variance(0.1, 0.1**2 - 1e-18)
    (2.0, 0.0)
    """
    return max(0.0, square - mean**2)
