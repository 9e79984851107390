"""How one buyer buys: running statistics of purchase occasions, from which the churn model's covariates are taken.

Counts of repeat occasions decay with half-lives of 14, 90 and 365 days; gaps fade by a tenth at each one. Gaps, amounts
and numbers of items are long-tailed, so their logarithms count: log(1 + x), which is 0 at 0.
"""

from __future__ import annotations

from math import expm1, log1p

from msgspec import Struct

from models.learners.faded import FadedStatistics
from models.learners.protocol import finite

FADING = 0.1
"""Weight that a gap loses at each later one."""
UNKNOWN = -1.0
"""In place of the logarithm of an amount or a number of items that is not known. (A known one's is never below 0.)"""
MOST = 1e12
"""A larger amount, or number of items, counts as this one."""


class Buying(Struct, array_like=True, gc=False):
    """Purchase occasions up to now. (Which orders are one occasion says `models.orders.gaps`.)

    Attributes
    ----------
    first, last
        Event times of the first and the newest occasion, in days since 1970.
    occasions
        Number of occasions; 0: none yet.
    f14, f90, f365
        Numbers of repeat occasions, decayed to `last` with half-lives of 14, 90 and 365 days.
    gap_weight, gap_sum, gap_squares
        Faded number, sum and sum of squares of log(1 + gap in days).
    priced, amounts
        Number of occasions of known amount, and the sum of their log(1 + amount).
    amount, items
        log(1 + amount) and log(1 + number of items) of the newest occasion; `UNKNOWN` where not known.
    """

    first: float = 0.0
    last: float = 0.0
    occasions: int = 0
    f14: float = 0.0
    f90: float = 0.0
    f365: float = 0.0
    gap_weight: float = 0.0
    gap_sum: float = 0.0
    gap_squares: float = 0.0
    priced: int = 0
    amounts: float = 0.0
    amount: float = UNKNOWN
    items: float = UNKNOWN

    def learn_one(self, day: float, amount: float | None, items: int) -> None:
        """Take the next occasion. One before the newest changes nothing: occasions come in their order.

        Parameters
        ----------
        day
            Event time of its first order, in days since 1970.
        amount
            What was bought for, in major units of currency; None: not known. Below 0 counts as 0.
        items
            Number of items; 0: not known.

        Raises
        ------
        ValueError
            If `day` or `amount` is not finite: nothing is changed then.

        >>> buying = Buying()
        >>> for day in (0, 10, 30): buying.learn_one(day, 19.0, 2)
        >>> buying.repeats, round(buying.f90, 3), round(buying.amounts, 3), buying.last
        (2, 1.857, 8.987, 30)
        """
        gap = finite(day - self.last)
        paid = _log(amount)
        if self.occasions and gap < 0.0:
            return
        if self.occasions:
            self._repeat(gap)
        else:
            self.first = day
        self.occasions += 1
        self.last = day
        self.amount, self.items = paid, _log(items or None)
        if paid != UNKNOWN:
            self.priced += 1
            self.amounts += paid

    def _repeat(self, gap: float) -> None:
        self.f14 = self.f14 * 2.0 ** (-gap / 14.0) + 1.0
        self.f90 = self.f90 * 2.0 ** (-gap / 90.0) + 1.0
        self.f365 = self.f365 * 2.0 ** (-gap / 365.0) + 1.0
        gaps = FadedStatistics(FADING, self.gap_weight, self.gap_sum, self.gap_squares)
        gaps.learn_one(log1p(gap))
        self.gap_weight, self.gap_sum, self.gap_squares = gaps.weight, gaps.total, gaps.squares

    def add(self, amount: float | None, items: int) -> None:
        """Take one more order of the newest occasion: it was for so much more. Arguments and errors as of `learn_one`.

        >>> parts, whole = Buying(), Buying()
        >>> parts.learn_one(0, 20.0, 1); parts.add(10.0, 2); whole.learn_one(0, 30.0, 3)
        >>> parts == whole
        True
        """
        more = _log(amount)
        if more != UNKNOWN:
            before, known = self.amount, self.amount != UNKNOWN
            self.amount = _log(expm1(before) + expm1(more)) if known else more
            self.amounts += self.amount - (before if known else 0.0)
            self.priced += not known
        if items > 0:
            self.items = _log(items if self.items == UNKNOWN else round(expm1(self.items)) + items)

    @property
    def repeats(self) -> int:
        """Number of occasions after the first."""
        return max(0, self.occasions - 1)


def _log(x: float | None) -> float:
    return UNKNOWN if x is None else log1p(min(max(finite(x), 0.0), MOST))
