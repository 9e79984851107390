"""The gaps between a buyer's purchase occasions: exponentially weighted mean and variance, of days and of their logs.

Gaps are long-tailed: the overdue rule reads the mean in days, the logs say how far a gap is from the usual one.
"""

from __future__ import annotations

from math import log

from msgspec import Struct, field

from models.kernel.settings import DAY
from models.learners.exponentially_weighted import EWStatistics, variance


class Gaps(Struct, array_like=True, gc=False):
    """Purchase occasions up to now.

    Attributes
    ----------
    occasions
        Number of occasions. Orders less than 24 hours after the first one of an occasion belong to it. (Not after the
        one before: else who orders every day has one occasion without end, no gap, and is never missed.)
    occasion, order
        Event time (ms) of the newest occasion's first order, and of the newest order.
    mean, square
        Exponentially weighted means of the gap in days and of its square.
    logs
        State of the exponentially weighted statistics of the natural logarithm of the gap in days.
    """

    occasions: int = 0
    occasion: int = 0
    order: int = 0
    mean: float = 0.0
    square: float = 0.0
    logs: list[int | float] = field(default_factory=list)

    def learn_one(self, e: int, fading: float, *, logs: bool = True) -> None:
        """Take the next order, at event time `e` (ms), not before the one before. Without `logs` those stay behind.

        >>> gaps = Gaps()
        >>> for day in (0, 10, 30):
        ...     gaps.learn_one(day * DAY, 0.3)
        >>> gaps.occasions, gaps.mean
        (3, 13.0)
        """
        if self.order - self.occasion >= DAY:  # stored while orders were chained to the one before
            self.occasion = self.order
        if self.occasions and e - self.occasion < DAY:
            self.order = e
            return
        if self.occasions:
            self._learn((e - self.occasion) / DAY, fading, logs)
        self.occasions += 1
        self.occasion = self.order = e

    def _learn(self, gap: float, fading: float, with_logs: bool) -> None:
        days = EWStatistics(fading, self.occasions - 1, self.mean, self.square)
        days.learn_one(gap)
        self.mean, self.square = days.mean, days.square
        if not with_logs:
            return
        logs = EWStatistics.load(self.logs, fading)
        logs.learn_one(log(gap))
        self.logs = logs.dump()

    @property
    def variance(self) -> float:
        """Exponentially weighted variance of the gap, in days²."""
        return variance(self.mean, self.square)
