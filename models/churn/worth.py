"""What a buyer is worth: how many orders are expected within 90 days or a year, and what is spent within a year.

The number of orders is a linear function of fifteen rates.

Coefficients come from least-squares temporal-difference learning over a finite horizon (S. J. Bradtke and A. G. Barto,
"Linear least-squares algorithms for temporal difference learning", Machine Learning 22, 1996): with rates φ before and
φ' after a step of 14 days in which n orders came, E_d = θ_d·φ and

    θ_d = (Σ φφᵀ + ridge)⁻¹ (Σ nφ + Σ φφ'ᵀ θ_(d−14))

They were worked out in advance and are shipped with the prior (`models.churn.prior`). The shop's own labels of 90 days
say how many times as many orders come here (`models.churn.model.Model.orders_scale`).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, expm1
from typing import TYPE_CHECKING

from models.churn.covariates import LN2, LONGEST, RATE_PRIOR, covariates
from models.churn.level import Level
from models.churn.posterior import dot, sigmoid
from models.churn.prior import shipped
from models.churn.reasons import basket

if TYPE_CHECKING:
    from models.churn.model import Model
    from models.orders.buying import Buying

QUARTER, YEAR = 90, 365
"""Days of which numbers of orders are expected."""
SEEN365 = 365.0 / LN2
"""Days of a half-life of 365 days that weigh in all, if a buyer is known for ever."""


def rates(buying: Buying, now: float, level: Level) -> tuple[float, ...]:
    """The fifteen rates of a buyer with one or more occasions; parameters as of `covariates`.

    A constant; repeats decayed to `now` with half-lives of 14, 90 and 365 days; the orders that two rates, of 90 and
    of 365 days, give in 90 days; how recent the newest occasion is, with half-lives of 14, 60 and 180 days; for a
    buyer of one occasion the same with 120 days, and 1; P(order within a step) by the own gaps alone; and the rate of
    365 days less by how overdue the buyer is, by how long ago the newest occasion was, and times the basket's size.
    """
    x = covariates(buying, now, level)
    since = min(max(now - buying.last, 0.0), LONGEST)
    known = min(max(now - buying.first, 0.0), LONGEST)
    f365 = buying.f365 * 2.0 ** (since / -365.0)
    quarter = 90.0 * exp(x[2])
    year = 90.0 * (RATE_PRIOR + f365) / (RATE_PRIOR / level.rate - SEEN365 * expm1(known * (-LN2 / 365.0)))
    first_only, lately = x[4], year * 2.0 ** (since / -180.0)
    return (
        1.0,
        buying.f14 * 2.0 ** (since / -14.0),
        buying.f90 * 2.0 ** (since / -90.0),
        f365,
        quarter,
        year,
        2.0 ** (since / -14.0),
        2.0 ** (since / -60.0),
        2.0 ** (since / -180.0),
        first_only * 2.0 ** (since / -120.0),
        first_only,
        sigmoid(x[6]),
        year * exp(-x[7]),
        lately,
        x[9] * lately,
    )


def expected_orders(buying: Buying, now: float, level: Level, theta: Sequence[float]) -> float:
    """The expected number of occasions within the horizon of `theta` (fifteen coefficients), 0 or more.

    >>> from models.churn.prior import shipped
    >>> from models.orders.buying import Buying
    >>> buying = Buying()
    >>> for day in range(0, 360, 30): buying.learn_one(day, 20.0, 1)
    >>> level = Level(amount=3.0)
    >>> round(expected_orders(buying, 340, level, shipped().orders_90), 1)
    3.0
    """
    return max(0.0, dot(rates(buying, now, level), theta))


def orders_expected(buying: Buying, now: float, days: int, model: Model) -> float:
    """The expected number of occasions within `QUARTER` or `YEAR` days after `now` (days), at this shop's scale."""
    taught = shipped(model.prior)
    theta = taught.orders_90 if days == QUARTER else taught.orders_365
    return model.orders_scale * expected_orders(buying, now, model.level, theta)


def spending(buying: Buying, now: float, model: Model) -> int:
    """What a buyer is expected to spend in the year from `now` (days) on, in minor units: expected orders, each of the
    size usual for the buyer."""
    return round(orders_expected(buying, now, YEAR, model) * basket(buying, model))
