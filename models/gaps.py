"""The gap between a buyer's purchase occasions: exponentially weighted mean and variance.

The step is River's: `river.stats.EWMean` (m ← αx + (1 − α)m, the first value as it is) and `river.stats.EWVar`
(EWMean of x² minus the square of EWMean of x). The state is two plain numbers, so it can be stored without pickle.
"""

from __future__ import annotations

from msgspec import Struct

from models.settings import DAY


class Gaps(Struct, array_like=True, gc=False):
    """Purchase occasions up to now.

    Attributes
    ----------
    occasions
        Number of occasions. Orders within 24 hours of the one before belong to its occasion.
    occasion, order
        Event time (ms) of the newest occasion's first order, and of the newest order.
    mean, square
        Exponentially weighted means of the gap in days and of its square.
    """

    occasions: int = 0
    occasion: int = 0
    order: int = 0
    mean: float = 0.0
    square: float = 0.0

    def learn_one(self, e: int, fading: float) -> None:
        """Take the next order, at event time `e` (ms), not before the one before.

        >>> gaps = Gaps()
        >>> for day in (0, 10, 30):
        ...     gaps.learn_one(day * DAY, 0.3)
        >>> gaps.occasions, gaps.mean
        (3, 13.0)
        """
        if self.occasions and e - self.order <= DAY:
            self.order = e
            return
        if self.occasions:
            gap = (e - self.occasion) / DAY
            first = self.occasions == 1
            self.mean = gap if first else fading * gap + (1 - fading) * self.mean
            self.square = gap * gap if first else fading * gap * gap + (1 - fading) * self.square
        self.occasions += 1
        self.occasion = self.order = e

    @property
    def variance(self) -> float:
        """Exponentially weighted variance of the gap, in days²."""
        return self.square - self.mean**2
