"""Whether a message that asks for action may go out now, and to whom; what a shopper got of them lately.

Rules that ask somebody to act come here at the moment of firing. What may hold a message back for a while is asked
first (`quiet`), then what keeps it from being sent (`ask`): so that both groups of an experiment are asked at the same
moment, and up to the group's own refusal they are refused alike.
"""

from __future__ import annotations

from bisect import insort
from typing import Any, NamedTuple

from msgspec import Struct, field

from models.acting.arms import arm as arm_of
from models.acting.consent import permitted
from models.acting.experiments import Trial, begin, convert
from models.acting.quiet_hours import quiet_until
from models.acting.settings import ActingSettings
from models.kernel import zones
from models.kernel.call_context import read_zone
from models.kernel.events import Added, Amended, CartViewed, Ordered, Removed, Replaced
from models.kernel.feature import Feature, View
from models.kernel.moment import Moment
from models.kernel.outputs import Arm
from models.kernel.tags import Key

CONSENT, HOLDOUT, CAP = "consent", "holdout", "cap"
"""Why a message is suppressed, beside the reasons of those who ask."""


class State(Struct, array_like=True, gc=False):
    """When the newest messages went out that asked for action (ms, oldest first; as many as may within the time of the
    cap); the shopper's time zone, as an id of the vocabulary or by name; the newest trial of each programme."""

    acted: list[int] = field(default_factory=list)
    zone: Key | None = None
    trials: dict[str, Trial] = field(default_factory=dict)


class Answer(NamedTuple):
    """What the gate says: why not ("": go), the shopper's group, the channels that may be used."""

    refused: str
    arm: Arm
    channels: tuple[str, ...]

    @property
    def said(self) -> bool:
        """Whether the shopper was reminded, or would have been but for the holdout: what follows is compared."""
        return self.refused in ("", HOLDOUT)


class Acting(Feature):
    """A fact about the messages a shopper got, and about where the shopper is."""

    name = "acting"
    keeps = State
    listens = (Added, Removed, Replaced, CartViewed, Ordered, Amended)
    settings = ActingSettings
    counters = {  # noqa: RUF012
        "trials:<programme>:<permille>:<arm>": "Trials begun: shoppers of a group who came to where a message is due",
        "conversions:<programme>:<permille>:<arm>": "Those of them in which the shopper ordered",
    }
    hourly = {"deferred:<why>": "Messages held back for a while: `active`, `quiet`"}  # noqa: RUF012

    def fold(self, m: Moment, event: Any) -> int:
        """Where the shopper is, and whether a trial is won."""
        if m.new_order and (state := m.own(self)) is not None and state.trials:
            convert(m, state.trials)
        if m.e == m.p.last and m.record is not None:
            zone = read_zone(m.record.context)
            if zone in zones.names():
                m.ensure(self).zone = m.ctx.vocabulary.id(zone)
        return 0

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """The newest messages, the time zone, and the groups and trials by programme."""
        if state is None:
            return {}
        trials = {
            programme: {"arm": trial.arm, "begun": trial.begun, "converted": trial.converted}
            for programme, trial in sorted(state.trials.items())
        }
        zone = None if state.zone is None else view.name(state.zone)
        return {"asked_to_act": state.acted, "zone": zone, "trials": trials}


def quiet(m: Moment, now: int) -> int:
    """When the quiet hours of the shopper end in which `now` lies (ms); 0: it lies in none. Counted as held back."""
    settings = m.ctx.settings
    if not settings.quiet_hours:
        return 0
    until = quiet_until(now, settings.quiet_hours, _zone(m))
    if until:
        m.ctx.effects.hour("deferred:quiet", now)
    return until


def ask(m: Moment, programme: str, now: int, period: int, *, own: str = "", arm: Arm | None = None) -> Answer:
    """Whether a message may go out at `now`. If so, it counts as one that went out.

    Parameters
    ----------
    programme
        The kind of messages: each has a holdout of its own.
    now, period
        Event time, and how long orders after it count as its success (ms).
    own
        Why whoever asks would not send it, whatever the group; "": no reason.
    arm
        The group, where an earlier message of the same attempt decided on it.
    """
    settings, channels = m.ctx.settings, permitted(m)
    group = arm or arm_of(m.user, programme, settings.holdout)
    if not channels or own:
        return Answer(CONSENT if not channels else own, group, channels)
    state = m.ensure(m.names.named[Acting.name])
    begin(m, state.trials, programme, group, now, period)
    if group == HOLDOUT:
        return Answer(HOLDOUT, group, channels)
    return Answer("" if _within_cap(state, now, settings) else CAP, group, channels)


def _within_cap(state: State, now: int, settings: Any) -> bool:
    """Whether one more message may go out at `now`; if so, it is kept."""
    most, lately = settings.message_cap, now - settings.message_cap_window
    if not most:
        return True
    if sum(at > lately for at in state.acted) >= most:
        return False
    insort(state.acted, now)
    del state.acted[:-most]
    return True


def _zone(m: Moment) -> str:
    """The shopper's time zone, else the shop's."""
    state = m.state(Acting.name)
    if state is None or state.zone is None:
        zone: str = m.ctx.settings.time_zone
        return zone
    return m.ctx.vocabulary.names[state.zone] if isinstance(state.zone, int) else state.zone
