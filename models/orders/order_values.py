"""What a buyer's orders are worth: usual size, and the newest one beside those before it.

Sizes are long-tailed, so it is the natural logarithm of an order's amount (minor units) that is learned. Only valid
orders of known amount above 0 count, in the order of their event times.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import log

from msgspec import Struct, field

from models.learners.exponentially_weighted import EWStatistics
from models.learners.gaussian import GaussianScorer

GRACE = 3
"""Orders before the newest one without which it is not scored."""


class OrderValues(Struct, array_like=True, gc=False):
    """Orders up to now.

    Attributes
    ----------
    e, amount
        The newest order: event time (ms), minor units; 0 if there is none.
    before
        State of the Gaussian scorer over the logs of all orders before it.
    logs
        State of the exponentially weighted statistics over the logs of all orders, the newest included.
    """

    e: int = 0
    amount: int = 0
    before: list[int | float] = field(default_factory=list)
    logs: list[int | float] = field(default_factory=list)

    def learn_one(self, e: int, amount: int, fading: float) -> None:
        """Take an order of `amount` > 0 minor units at `e` (ms): usually the next one."""
        self.learn_all([(e, amount)], fading)

    def learn_all(self, orders: Iterable[tuple[int, int]], fading: float) -> None:
        """Take several, one after the other: times (ms) and amounts."""
        logs, before = EWStatistics.load(self.logs, fading), GaussianScorer.load(self.before, GRACE)
        for e, amount in orders:
            x, older = amount, self.amount and e < self.e
            if not older:
                x, self.e, self.amount = self.amount, e, amount
                logs.learn_one(log(amount))
            if x:
                before.learn_one(log(x))
        if logs.count:
            self.logs = logs.dump()
        if before.count:
            self.before = before.dump()

    def score(self) -> tuple[float, float]:
        """How unusual the newest order is (0..1), and its log less the mean log of those before; 0 for too few.

        >>> values = OrderValues()
        >>> for day, amount in enumerate((1_000, 1_100, 900, 5_000)): values.learn_one(day, amount, 0.3)
        >>> round(values.score()[0], 4), round(values.score()[1], 2)
        (1.0, 1.61)
        """
        before = GaussianScorer.load(self.before, GRACE)
        if not self.amount or before.count < GRACE:
            return 0.0, 0.0
        x = log(self.amount)
        return before.score_one(x), x - before.mean
