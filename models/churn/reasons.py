"""Why a buyer is at risk, in words: the shopper's numbers beside the shop's, the weightiest first.

What a covariate contributes is its weight times its distance from the mean of the shop's labels: exact for the log odds
of a linear model (Štrumbelj, Kononenko, "An Efficient Explanation of Individual Classifications using Game Theory",
JMLR 11, 2010, section 2). Covariates that say the same thing are added up.
"""

from __future__ import annotations

from math import expm1
from typing import TYPE_CHECKING

from models.churn.covariates import COVARIATES, covariates, standing
from models.churn.crossing import expected_gap
from models.churn.model import Model
from models.kernel.settings import UNITS

if TYPE_CHECKING:
    from models.orders.buying import Buying

SILENCE = "log_recency", "first_only_recency", "own_hazard", "overdue"
FREQUENCY = "log_rate90", "log_f14", "first_only", "log_repeats"
BASKET = "amount_mean", "amount_last", "items_last"
"""Covariates that speak of the time since the last order, of how often, and of how much is bought."""


def reasons(buying: Buying, now: float, horizon: float, model: Model) -> tuple[str, ...]:
    """What raises the risk of a repeat buyer at `now`, for a horizon (both days), the weightiest first; at most three,
    at least one."""
    x = dict(zip(COVARIATES, covariates(buying, now, model.level), strict=True))
    usual = dict(zip(COVARIATES, model.usual or x.values(), strict=True))
    weights = dict(zip(COVARIATES, model.explaining(horizon), strict=True))
    lowers = {
        words: sum(weights[name] * (x[name] - usual[name]) for name in names)
        for names, words in (
            (SILENCE, silence(buying, now, model)),
            (FREQUENCY, _frequency(buying, now, model)),
            (BASKET, _basket(buying, model)),
        )
    }
    raising = sorted((lowered, words) for words, lowered in lowers.items() if lowered < 0)
    return tuple(words for _, words in raising) or (silence(buying, now, model),)


def silence(buying: Buying, now: float, model: Model) -> str:
    """How long a buyer has been silent at `now` (days), beside the own usual gap and the shop's."""
    own, shop = expected_gap(buying, model.level), expm1(model.level.gap_mean)
    return f"no order for {now - buying.last:.0f} d, usually every {own:.0f} d (shop: {shop:.0f} d)"


def _frequency(buying: Buying, now: float, model: Model) -> str:
    seen = max(now - buying.first, 1.0)
    shop = model.level.rate * seen
    orders = "repeat order" if buying.repeats == 1 else "repeat orders"
    return f"{buying.repeats} {orders} in {seen:.0f} d (shop: {shop:.1f} in as long)"


def _basket(buying: Buying, model: Model) -> str:
    shop = UNITS * expm1(model.level.amount)
    return f"typical order of {basket(buying, model) / shop:.0%} of the shop's" if shop else "typical order not known"


def basket(buying: Buying, model: Model) -> float:
    """What the buyer usually orders for, in minor units: by the mean of the logs, drawn towards the shop's."""
    return UNITS * expm1(model.level.amount + standing(buying, model.level).amount_mean)
