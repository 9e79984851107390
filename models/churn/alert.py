"""Churn alerts: a buyer who may not come back, told at the moment when that can be said; and that the buyer is back.

The churn model judges once it knows how risky the shop's repeat buyers are: a repeat buyer's risk comes within the top
share of all, and the own usual gap is over. Nothing of this falls while nothing is bought, so the moment is known ahead
and is a timer; orders, snapshots and a timer that came too early plan it anew. Before that the overdue rule judges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Struct

from models.acting import gate
from models.churn.ahead import STEPS
from models.churn.alert_message import CHURN_ALERTS, ChurnAlert
from models.churn.covariates import STEP
from models.churn.crossing import crossing, expected_gap, passed
from models.churn.daily_limit import held_back
from models.churn.judgement import Judgement, by_model, by_overdue
from models.churn.model import NAME, Model
from models.churn.overdue import OverdueSettings, overdue_at, overdue_ratio
from models.churn.rollout import risks_ahead, risks_along
from models.kernel.feature import Feature, View
from models.kernel.ids import digest
from models.kernel.moment import Moment
from models.kernel.outputs import Arm
from models.kernel.settings import DAY, HOUR, Setting

if TYPE_CHECKING:
    from models.orders.buying import Buying
    from models.orders.history import OrderSummary

CHURN = "churn"
"""The programme's name."""
STANDS = 30 * DAY
"""How long an alert makes sense, and how long after it an order counts as its success (ms)."""
SOONEST = 3 * DAY
"""Nobody is alerted about sooner after an order than this (ms), however short the own usual gap is."""
PATIENCE = 6 * HOUR
"""A timer that came too early is followed by another one not sooner than this (ms)."""
AHEAD = STEPS * round(STEP) * DAY
"""What lies further ahead (ms) is not planned: the next snapshot looks again. Nor is anybody alerted about whose moment
lies further back, as when the shop's first model is made, or who was held back so long: that would be no news."""


class AlertSettings(OverdueSettings, frozen=True):
    """When buyers are told of."""

    churn_share: Annotated[float, Setting("fraction", "share of repeat buyers to alert about: the riskiest")] = 0.10
    churn_by: Annotated[
        Literal["model", "overdue"],
        Setting("choice", "who judges: the churn model, once it knows the riskiest; or always the overdue rule"),
    ] = "model"
    churn_cooldown: Annotated[int, Setting("duration", "no second alert about a buyer sooner than this")] = 30 * DAY
    churn_most: Annotated[
        int,
        Setting("whole", "churn alerts of a day at most, over all shards: those with the most at stake; 0: no limit"),
    ] = 0


class State(Struct, array_like=True, gc=False):
    """The newest order (ms) that an alert was raised or suppressed for, 0: none; its id, "" if none stands; when the
    newest alert was raised (ms); the newest order (ms) for which one was held back, by the limit of a day; the value at
    stake that the shard counts of a standing alert (minor units), -1: it counts none."""

    alerted: int = 0
    alert_id: str = ""
    raised: int = 0
    held: int = 0
    counted: int = -1


class Churn(Feature):
    """A rule about orders and time: an alert is raised once for a newest order, and cleared by the next."""

    name = "churn"
    keeps = State
    raises = ("alerted",)
    reads = ("orders", "scored", "consent_withdrawn")
    acting = True
    outputs = (CHURN_ALERTS,)
    settings = AlertSettings
    hourly = {  # noqa: RUF012
        "alerts": "Churn alerts raised",
        "alert_suppressed:<reason>": "Churn alerts that were not sent",
    }
    levels = {  # noqa: RUF012
        "alerts_standing": "Churn alerts that stand: raised, and not cleared",
        "at_stake": "The value at stake of these alerts, in minor units, as it was when they were raised",
    }
    counters = {"churn_held": "Churn alerts that had to wait, for the limit of a day: once for each newest order"}  # noqa: RUF012

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
                self._clear(m, s, state, "ordered again" if s.valid else "no valid order left")
            state.alerted, state.alert_id = 0, ""
            _count(m, state, -1)
        if state.alerted:
            if m.raised & self.signals["consent_withdrawn"]:
                self._withdraw(m, s, state)
            return 0
        due, now = self._due(m, s, state), m.p.evaluated_at
        if not due or due > now or not self._mine(m):
            # A timer of another rule may not speak here: what asks somebody to act may have to wait for unread records.
            return max(due, m.since, now + m.timer) if due else 0
        if due < m.ctx.start:
            state.alerted = s.last
            m.count("history_skipped")
            return 0
        if until := gate.quiet(m, now):
            return until
        found = _judged(m, s)
        wait = held_back(m, found.value_at_stake, first=state.held != s.last, by_model=_by_model(m))
        if wait:
            state.held = s.last
            return now + wait
        self._decide(m, s, state, found)
        return 0

    def _decide(self, m: Moment, s: OrderSummary, state: State, found: Judgement) -> None:
        """Raise an alert, or say why not. Either way that is all for this newest order."""
        now = m.p.evaluated_at
        state.alerted = s.last
        answer = gate.ask(m, CHURN, now, STANDS)
        if answer.refused:
            m.ctx.effects.hour(f"alert_suppressed:{answer.refused}", now)
            self._alert(m, s, state, "suppressed", found._replace(reason=answer.refused), arm=answer.arm)
            return
        state.raised = now
        state.alert_id = self._alert(m, s, state, "raised", found, arm=answer.arm, channels=answer.channels)
        m.ctx.effects.hour("alerts", now)
        _count(m, state, found.value_at_stake)

    def _withdraw(self, m: Moment, s: OrderSummary, state: State) -> None:
        """The buyer may no longer be reached as before: an alert that may still be acted on is taken back."""
        if state.alert_id and m.p.evaluated_at < state.raised + STANDS:
            self._clear(m, s, state, "consent withdrawn")
            state.alert_id = ""
            _count(m, state, -1)

    def _mine(self, m: Moment) -> bool:
        """Whether this is the rule's own timer."""
        return m.timer and m.p.dues.get(self.number, m.now + 1) <= m.now

    def _due(self, m: Moment, s: OrderSummary, state: State) -> int:
        """When an alert is due, if nothing is bought (ms); 0: not within sight."""
        model, settings, now = _model(m), m.ctx.settings, m.p.evaluated_at
        if not _by_model(m):
            due = overdue_at(s, settings)
            return due if state.held != s.last or due >= now - AHEAD else 0
        buying: Buying = m["buying"]
        if buying.repeats < 1:
            return 0
        gate = max(round((buying.last + expected_gap(buying, model.level)) * DAY), s.last + SOONEST)
        since = max(gate, state.raised + settings.churn_cooldown if state.raised else 0)
        start = max(now, since)
        horizon = settings.churn_horizon / DAY
        if start - now > AHEAD or (since < now - AHEAD and passed(buying, (now - AHEAD) / DAY, horizon, model)):
            return 0
        if start == now:
            risks = risks_along(m["ahead"], horizon, STEPS + 1)
        else:
            risks = risks_ahead(buying, start / DAY, horizon, STEPS + 1, model.level, model.odds(horizon))
        found = crossing(buying, start / DAY, risks, horizon, model)
        if found is None:
            return 0
        due = max(round(found * DAY), start)
        return due if due == now else max(due, now + PATIENCE)

    def _clear(self, m: Moment, s: OrderSummary, state: State, reason: str) -> None:
        found = _judged(m, s)._replace(reason=reason, risk=None, risk_after_order=None, horizon_days=None, reasons=())
        self._alert(m, s, state, "cleared", found)

    def _alert(
        self,
        m: Moment,
        s: OrderSummary,
        state: State,
        kind: Literal["raised", "suppressed", "cleared"],
        found: Judgement,
        *,
        arm: Arm | None = None,
        channels: tuple[str, ...] = (),
    ) -> str:
        now = m.p.evaluated_at
        key = digest(CHURN_ALERTS.role, kind, m.user, state.alerted, now)
        alert = ChurnAlert(
            id=key,
            kind=kind,
            user_id=m.user,
            as_of=now,
            last_order=s.last,
            overdue_ratio=overdue_ratio(s, now),
            currency=m.ctx.settings.currency,
            arm=arm,
            channels=channels,
            expires_at=now + STANDS if kind == "raised" else None,
            retract=(state.alert_id,) if kind == "cleared" else (),
            **found._asdict(),
        )
        m.raised |= self.signals["alerted"]
        m.show()
        m.emit(CHURN_ALERTS.role, alert)
        return key

    def forget(self, m: Moment, reason: str) -> None:
        """An alert about somebody who is forgotten stands no more."""
        if (state := m.own(self)) is not None:
            _count(m, state, -1)

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """The order an alert was raised for; the one for which it was held back, if it was."""
        if view.state("orders") is None:
            return {}
        held = {"alert_held_back": state.held} if state and state.held > state.alerted else {}
        return {"buyer": {"alerted": state.alerted if state else 0, **held}}

    def public(self, state: State | None) -> dict[str, str | int]:
        """Whether an alert holds."""
        return {} if state is None else {"overdue": int(bool(state.alerted))}


def _count(m: Moment, state: State, at_stake: int) -> None:
    """Let the shard count a standing alert with so much at stake; -1: none stands."""
    if state.counted >= 0:
        m.count("alerts_standing", -1)
        m.count("at_stake", -state.counted)
    if at_stake >= 0:
        m.count("alerts_standing")
        m.count("at_stake", at_stake)
    state.counted = at_stake


def _judged(m: Moment, s: OrderSummary) -> Judgement:
    """By who judges now. Without a valid order there is nothing for the model to judge."""
    if _by_model(m) and s.valid:
        return by_model(m["buying"], m.p.evaluated_at, m.ctx.settings.churn_horizon, _model(m))
    return by_overdue(s, m.p.evaluated_at)


def _by_model(m: Moment) -> bool:
    """Whether the churn model judges, and not the overdue rule."""
    return _model(m).alerts and m.ctx.settings.churn_by == "model"


def _model(m: Moment) -> Model:
    model: Model = m.ctx.tables[NAME]
    return model
