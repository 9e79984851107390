"""`segment:…`: the ten segments of the R-F grid, by the scores of recency and frequency."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from models.kernel.feature import Feature, Tag, View
from models.kernel.moment import Moment
from models.kernel.zones import day
from models.rfm.cuts import NAME

SEGMENTS = (
    "",
    "hibernating",
    "at_risk",
    "cant_lose",
    "about_to_sleep",
    "need_attention",
    "loyal",
    "promising",
    "new",
    "potential_loyalist",
    "champions",
)
"""Names of the segments; a profile stores the index. Append only."""

_GRID = {
    1: ("hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"),
    2: ("hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"),
    3: ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    4: ("promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"),
    5: ("new", "potential_loyalist", "potential_loyalist", "champions", "champions"),
}
"""Segment by recency score (row) and frequency score (column). 51 is new, 41 promising."""


def segment(r: int, f: int) -> int:
    """Index of the segment of a recency and a frequency score.

    >>> SEGMENTS[segment(5, 1)], SEGMENTS[segment(2, 3)], SEGMENTS[segment(4, 1)]
    ('new', 'at_risk', 'promising')
    """
    return SEGMENTS.index(_GRID[r][f - 1])


class State(Struct, array_like=True, gc=False):
    """The segment told last (index of `SEGMENTS`), and since when."""

    segment: int = 0
    since: int = 0


class Segment(Feature):
    """A rule about the scores."""

    name = "segment"
    keeps = State
    reads = ("scores",)
    hourly = {  # noqa: RUF012
        "moved:<segment>><segment>": "Buyers who went from one segment to another; from or to none: `moved:>new`",
    }
    tags = (
        Tag(
            -2,
            "segment:…",
            "by recency and frequency of the valid orders, on the R-F grid",
            "with another segment; no valid order left",
        ),
    )

    def evaluate(self, m: Moment) -> int:
        """The segment of the scores."""
        state, scores = m.own(self), m.state("scores")
        if scores is None:
            return 0
        state = m.ensure(self)
        r, f = scores.scores // 100, scores.scores // 10 % 10
        new = segment(r, f) if scores.orders else 0
        if new == state.segment:
            return 0
        reason = _reason(m, scores) if scores.orders else "no valid order left"
        self._leave(m, state, reason, new)
        if new:
            state.segment, state.since = new, m.p.evaluated_at
            m.entered(f"segment:{SEGMENTS[new]}", reason, m.ctx.tables[NAME].name)
        return 0

    def _leave(self, m: Moment, state: State, reason: str, new: int = 0) -> None:
        """Leave the segment for a new one, or none."""
        if state.segment or new:
            m.ctx.effects.hour(f"moved:{SEGMENTS[state.segment]}>{SEGMENTS[new]}", m.p.evaluated_at)
        if state.segment:
            m.exited(f"segment:{SEGMENTS[state.segment]}", state.since, reason, m.ctx.tables[NAME].name)
            state.segment = state.since = 0

    def forget(self, m: Moment, reason: str) -> None:
        """Exit the segment of a shopper who is forgotten."""
        if (state := m.own(self)) is not None:
            self._leave(m, state, reason)

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """The segment, and since when."""
        if view.state("orders") is None:
            return {}
        state = state or State()
        return {"buyer": {"segment": SEGMENTS[state.segment], "segment_since": state.since}}

    def public(self, state: State | None) -> dict[str, str | int]:
        """The name of the segment."""
        return {} if state is None else {"segment": SEGMENTS[state.segment]}


def _reason(m: Moment, scores: Any) -> str:
    digits, fixed = str(scores.scores), " by fixed cuts" if m.ctx.tables[NAME].fixed else ""
    zone = m.ctx.settings.time_zone
    days = day(m.p.evaluated_at, zone) - day(scores.last, zone)
    ago = "today" if days == 0 else f"{days} d ago"
    return f"R {digits[0]} F {digits[1]} M {digits[2]}{fixed}: last order {ago}, {scores.orders} in all"
