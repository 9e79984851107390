"""Churn, first baseline: a buyer is overdue when the usual gap between purchases has passed several times over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Struct

from models.kernel.feature import Feature, View
from models.kernel.ids import digest
from models.kernel.moment import Moment
from models.kernel.outputs import CURRENCY, EXPIRES_AT, RETRACT, Output, OutputTopic
from models.kernel.settings import DAY, Setting

if TYPE_CHECKING:
    from models.orders.history import OrderSummary

MODEL = "overdue/1"


class ChurnSettings(Struct, frozen=True):
    """When a buyer is overdue."""

    overdue_factor: Annotated[float, Setting("number", "an order is overdue after this many usual gaps")] = 3.0
    overdue_floor: Annotated[int, Setting("duration", "an order is never overdue before this")] = 7 * DAY
    overdue_occasions: Annotated[int, Setting("positive", "purchase occasions needed for a churn alert")] = 3


class ChurnAlert(Output, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A buyer is overdue, or is back."""

    kind: Literal["raised", "cleared"]
    last_order: int
    overdue_ratio: float
    expected_next_order: int
    value_at_stake: int
    currency: str
    model: str
    expires_at: int | None = None
    retract: tuple[str, ...] = ()


CHURN_ALERTS = OutputTopic(
    "churn-alerts",
    ChurnAlert,
    "where churn alerts go",
    "CHURN",
    needed={"raised": ["expires_at"], "cleared": ["retract"]},
    fields={
        "last_order": {"description": "The newest valid order: event time, ms."},
        "overdue_ratio": {"description": "Time since the last order, in usual gaps."},
        "expected_next_order": {"description": "Last order plus the usual gap: event time, ms."},
        "value_at_stake": {"description": "What the shopper spent, decayed: whole minor units."},
        "currency": CURRENCY,
        "model": {"description": "What judged."},
        "expires_at": EXPIRES_AT,
        "retract": RETRACT,
    },
)


def overdue_at(summary: OrderSummary, settings: ChurnSettings) -> int:
    """When a buyer becomes overdue (ms); 0 where there are too few occasions to know a gap.

    The last order plus `overdue_factor` × the exponentially weighted gap, never less than `overdue_floor`.
    """
    gaps = summary.gaps
    if not summary.valid or gaps.occasions < settings.overdue_occasions:
        return 0
    return summary.last + max(round(settings.overdue_factor * gaps.mean * DAY), settings.overdue_floor)


def overdue_ratio(summary: OrderSummary, now: int) -> float:
    """Time since the last order in usual gaps (0.0 where no gap is known)."""
    gap = summary.gaps.mean * DAY
    return round((now - summary.last) / gap, 2) if gap > 0 else 0.0


def expected_next(summary: OrderSummary) -> int:
    """The last order plus the usual gap (ms)."""
    return summary.last + round(summary.gaps.mean * DAY)


class State(Struct, array_like=True, gc=False):
    """The newest order (ms) that an alert was raised for, 0: none is; and the alert's id, "" if it was never sent."""

    alerted: int = 0
    alert_id: str = ""


class Overdue(Feature):
    """A rule about the gaps between orders: an alert is raised once per newest order, and cleared by the next."""

    name = "churn"
    keeps = State
    reads = ("orders",)
    acting = True
    outputs = (CHURN_ALERTS,)
    settings = ChurnSettings

    def evaluate(self, m: Moment) -> int:
        """Clear an alert that no longer holds; at its due, raise one.

        A cancelled order may make a buyer overdue since long ago: that is due at once, and as of then.
        """
        s = m["order_summary"]
        if s is None:
            return 0
        state = m.ensure(self)
        if state.alerted and (s.last > state.alerted or not s.valid):
            if state.alert_id:  # else it was history, and never raised aloud
                self._alert(m, s, state, "cleared", "ordered again" if s.valid else "no valid order left")
            state.alerted, state.alert_id = 0, ""
        if state.alerted:
            return 0
        due = overdue_at(s, m.ctx.settings)
        if not due or due > m.p.evaluated_at or not m.timer:
            return max(due, m.since) if due else 0
        state.alerted = s.last
        if due < m.ctx.start:
            m.count("history_skipped")
            return 0
        ratio = overdue_ratio(s, m.p.evaluated_at)
        state.alert_id = self._alert(m, s, state, "raised", f"no order for {ratio:g} times the usual gap")
        return 0

    def _alert(self, m: Moment, s: OrderSummary, state: State, kind: str, reason: str) -> str:
        now, raised = m.p.evaluated_at, kind == "raised"
        key = digest(CHURN_ALERTS.role, kind, m.user, state.alerted, now)
        alert = ChurnAlert(
            id=key,
            kind="raised" if raised else "cleared",
            user_id=m.user,
            as_of=now,
            reason=reason,
            last_order=s.last,
            overdue_ratio=overdue_ratio(s, now),
            expected_next_order=expected_next(s),
            value_at_stake=round(s.monetary),
            currency=m.ctx.settings.currency,
            model=MODEL,
            expires_at=now + 30 * DAY if raised else None,
            retract=() if raised else (state.alert_id,),
        )
        m.show()
        m.emit(CHURN_ALERTS.role, alert)
        return key

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """The order an alert was raised for."""
        return {"buyer": {"alerted": state.alerted if state else 0}} if view.state("orders") is not None else {}

    def public(self, state: State | None) -> dict[str, str | int]:
        """Whether an alert holds."""
        return {} if state is None else {"overdue": int(bool(state.alerted))}
