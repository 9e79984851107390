"""What is judged of a buyer at the moment of an alert, by the churn model or by the overdue rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from models.churn import overdue
from models.churn.model import Model
from models.churn.reasons import reasons
from models.churn.rollout import next_order, p_order, path, risk
from models.churn.worth import spending
from models.kernel.settings import DAY

if TYPE_CHECKING:
    from models.orders.buying import Buying
    from models.orders.history import OrderSummary


class Judgement(NamedTuple):
    """Fields of a churn alert (`models.churn.alert.ChurnAlert`) that depend on who judged."""

    reason: str
    model: str
    expected_next_order: int
    value_at_stake: int
    risk: float | None = None
    risk_after_order: float | None = None
    horizon_days: int | None = None
    reasons: tuple[str, ...] = ()
    provisional: bool = False


def by_overdue(summary: OrderSummary, now: int) -> Judgement:
    """By the overdue rule at `now` (ms)."""
    return Judgement(
        reason=f"no order for {overdue.overdue_ratio(summary, now):g} times the usual gap",
        model=overdue.MODEL,
        expected_next_order=overdue.expected_next(summary),
        value_at_stake=round(summary.monetary),
    )


def by_model(buying: Buying, now: int, horizon: int, model: Model) -> Judgement:
    """By the churn model at `now`, for a horizon (both ms)."""
    at, days = now / DAY, horizon / DAY
    found, odds = reasons(buying, at, days, model), model.odds(days)
    ahead = path(buying, at, days, model.level, odds)
    gone = 1.0 - p_order(ahead, days)
    after = risk(buying, buying.last, days, model.level, odds)
    return Judgement(
        reason=f"{gone:.0%} sure not to order within {days:.0f} d: {found[0]}",
        model=model.judged_by(days),
        expected_next_order=now + round(next_order(ahead, days) * DAY),
        value_at_stake=spending(buying, buying.last, model),
        risk=round(gone, 4),
        risk_after_order=round(after, 4),
        horizon_days=round(days),
        reasons=found,
        provisional=model.verdict(days).provisional,
    )
