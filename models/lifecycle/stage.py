"""`stage:…`: the lifecycle stage of a shopper, by the last own event."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from models.kernel.activity import AWAY_AFTER
from models.kernel.feature import Feature, Tag, View
from models.kernel.moment import Moment
from models.kernel.settings import DAY

STAGES = ("", "new", "active", "cooling", "lapsed", "returned")
"""Names of the stages; a profile stores the index. Append only."""

_TAGS = tuple(f"stage:{stage}" for stage in STAGES)

NONE, NEW, ACTIVE, COOLING, LAPSED, RETURNED = range(6)

NEW_FOR, COOLING_AFTER, LAPSED_AFTER, RETURNED_FOR = 7 * DAY, AWAY_AFTER, 90 * DAY, 30 * DAY


def stage(first: int, last: int, returned: int, now: int) -> int:
    """The stage at `now` of a shopper seen first at `first`, last at `last`, back at `returned` (0: never lapsed).

    >>> [STAGES[stage(0, 0, 0, days * DAY)] for days in (6, 7, 30, 90)]
    ['new', 'active', 'cooling', 'lapsed']
    >>> STAGES[stage(0, 99 * DAY, 99 * DAY, 100 * DAY)]
    'returned'
    """
    idle = now - last
    if idle >= LAPSED_AFTER:
        return LAPSED
    if idle >= COOLING_AFTER:
        return COOLING
    if returned and now - returned < RETURNED_FOR:
        return RETURNED
    return NEW if now - first < NEW_FOR else ACTIVE


def crossing(first: int, last: int, returned: int, after: int) -> int:
    """The first time later than `after` at which the stage may change by itself (ms); 0 if it will not.

    >>> crossing(0, 0, 0, 0) // DAY, crossing(0, 0, 0, 7 * DAY) // DAY, crossing(0, 0, 0, 90 * DAY)
    (7, 30, 0)
    """
    due = last + COOLING_AFTER
    if due <= after:
        due = last + LAPSED_AFTER
        if due <= after:
            due = 0
    if after < (active := first + NEW_FOR) < due:
        due = active
    if returned and after < (ends := returned + RETURNED_FOR) < due:
        due = ends
    return due


class State(Struct, array_like=True, gc=False):
    """The stage told last and since when; event time of the first event after a lapse."""

    stage: int = NONE
    since: int = 0
    returned: int = 0


class Stage(Feature):
    """A rule that also remembers when a shopper came back."""

    name = "stage"
    keeps = State
    reads = ("eligible", "away", "earlier")
    tags = (
        Tag(
            -1,
            "stage:…",
            "new: first seen less than 7 days ago; active; cooling: 30 days without an event; lapsed: 90; returned: "
            "back after a lapse, for 30 days",
            "with another stage",
        ),
    )

    def evaluate(self, m: Moment) -> int:
        """The stage as of now; its due is when time alone may change it."""
        state, p = m.ensure(self), m.p
        if m.idle >= LAPSED_AFTER:
            state.returned = m.e
        first, last, now = p.first, p.last, p.evaluated_at
        new = stage(first, last, state.returned, now)
        if new != state.stage:
            reason = f"first seen {ago(now - first)}, last seen {ago(now - last)}"
            self._leave(m, state, reason)
            state.stage, state.since = new, now
            m.entered(_TAGS[new], reason)
        return crossing(first, last, state.returned, now)

    def forget(self, m: Moment, reason: str) -> None:
        """Exit the stage of a shopper who is forgotten."""
        if (state := m.own(self)) is not None:
            self._leave(m, state, reason)

    def _leave(self, m: Moment, state: State, reason: str) -> None:
        if state.stage:
            m.exited(_TAGS[state.stage], state.since, reason)

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """The stage, and when the shopper came back."""
        state = state or State()
        return {"stage": STAGES[state.stage], "stage_since": state.since, "returned": state.returned}

    def public(self, state: State | None) -> dict[str, str | int]:
        """The name of the stage."""
        return {"stage": STAGES[state.stage if state else NONE]}


def ago(milliseconds: int) -> str:
    """A time that has passed, in words."""
    return "today" if milliseconds < DAY else f"{milliseconds // DAY} d ago"
