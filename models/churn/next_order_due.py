"""`next_order_due`: the time in which a repeat buyer's next order usually comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from models.churn.model import NAME, Model
from models.churn.rollout import next_order, path
from models.kernel.feature import Feature, Tag, View
from models.kernel.moment import Moment
from models.kernel.settings import DAY

if TYPE_CHECKING:
    from models.orders.buying import Buying

NEXT_ORDER = 14
"""The tag's key, stored in profiles."""
BEGINS, ENDS = 0.25, 0.75
"""Shares of the orders that come within the horizon."""


class State(Struct, array_like=True, gc=False):
    """The newest order (ms) that the time was worked out from, and when it begins and ends (ms)."""

    last: int = 0
    begins: int = 0
    ends: int = 0


class NextOrderDue(Feature):
    """A rule about orders: the time is worked out once, by the model in force when the order comes."""

    name = "next_order_due"
    keeps = State
    reads = ("orders",)
    tabled = NAME
    tags = (
        Tag(
            NEXT_ORDER,
            "next_order_due",
            "a repeat buyer, by when a quarter of the orders expected within 90 days would have come",
            "an order; by when three quarters would have come",
        ),
    )

    def evaluate(self, m: Moment) -> int:
        """By the newest order; its dues are when the time begins and when it ends."""
        buying: Buying | None = m["buying"]
        model: Model = m.ctx.tables[NAME]
        if buying is None:
            return 0
        state, now, horizon = m.own(self), m.p.evaluated_at, m.ctx.settings.churn_horizon / DAY
        last = round(buying.last * DAY)
        if state is None or state.last != last:
            if buying.repeats < 1 or not model.version:
                if m.holds(NEXT_ORDER):
                    m.leave(NEXT_ORDER, "ordered", model.judged_by(horizon))
                return 0
            state = m.ensure(self)
            self._plan(state, buying, horizon, model)
        holds = state.begins <= now < state.ends
        if holds != m.holds(NEXT_ORDER):
            (m.enter if holds else m.leave)(NEXT_ORDER, _reason(state, now), model.judged_by(horizon))
        return next((due for due in (state.begins, state.ends) if due > now), 0)

    def _plan(self, state: State, buying: Buying, horizon: float, model: Model) -> None:
        ahead = path(buying, buying.last, horizon, model.level, model.odds(horizon))
        state.last = round(buying.last * DAY)
        state.begins, state.ends = (
            state.last + max(1, round(next_order(ahead, horizon, share) * DAY)) for share in (BEGINS, ENDS)
        )

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """When the next order usually comes."""
        return {"buyer": {"next_order": [state.begins, state.ends]}} if state is not None else {}


def _reason(state: State, now: int) -> str:
    begins, ends = ((at - state.last) / DAY for at in (state.begins, state.ends))
    ago = (now - state.last) // DAY
    return f"half of such orders come {begins:.0f} to {ends:.0f} d after the last, which was {ago} d ago"
