"""The outlook of one buyer, as the churn model sees it now: for people, the command line and any page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from models.churn.covariates import STEP
from models.churn.judgement import by_model
from models.churn.model import Model
from models.churn.rollout import risks_ahead
from models.churn.worth import QUARTER, YEAR, orders_expected, spending
from models.kernel.settings import DAY

if TYPE_CHECKING:
    from models.orders.buying import Buying

MOMENTS = 7
"""How many moments of the path are shown, a step apart: 12 weeks."""


class Outlook(Struct, frozen=True, kw_only=True):
    """What is expected of a buyer who buys nothing from now on.

    Attributes
    ----------
    as_of
        Event time (ms).
    model, provisional
        What judges, and whether it has not beaten its baseline in this shop yet.
    horizon_days, risk, risk_after_order
        P(no order within the horizon), now and right after the last order.
    path
        The same in so many days, as long as nothing is bought.
    expected_next_order
        The median of the times at which an order within the horizon comes (ms).
    expected_orders_90d, expected_orders_365d
        Numbers of orders.
    value_next_year
        Expected spending within a year, in minor units.
    reasons
        What raises the risk, the weightiest first.
    """

    as_of: int
    model: str
    provisional: bool
    horizon_days: int
    risk: float
    risk_after_order: float
    path: tuple[tuple[int, float], ...]
    expected_next_order: int
    expected_orders_90d: float
    expected_orders_365d: float
    value_next_year: int
    reasons: tuple[str, ...]


def outlook(buying: Buying, now: int, horizon: int, model: Model) -> Outlook:
    """The outlook of a buyer at `now`, for a horizon (both ms)."""
    found, days = by_model(buying, now, horizon, model), now / DAY
    ahead = risks_ahead(buying, days, horizon / DAY, MOMENTS, model.level, model.odds(horizon / DAY))
    return Outlook(
        as_of=now,
        model=found.model,
        provisional=found.provisional,
        horizon_days=round(horizon / DAY),
        risk=round(ahead[0], 4),
        risk_after_order=found.risk_after_order or 0.0,
        path=tuple((round(STEP * k), round(gone, 4)) for k, gone in enumerate(ahead)),
        expected_next_order=found.expected_next_order,
        expected_orders_90d=round(orders_expected(buying, days, QUARTER, model), 2),
        expected_orders_365d=round(orders_expected(buying, days, YEAR, model), 2),
        value_next_year=spending(buying, days, model),
        reasons=found.reasons,
    )
