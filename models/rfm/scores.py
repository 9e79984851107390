"""The scores of recency, frequency and monetary value: what a buyer's orders add up to, beside the table of cuts."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from msgspec import Struct

from models.kernel.effects import Context
from models.kernel.feature import Feature, View
from models.kernel.moment import Moment
from models.kernel.settings import SharedSettings
from models.rfm import sketch
from models.rfm.cuts import NAME, Cuts
from models.rfm.sketch import Entry, bucket

UNKNOWN = -1
"""`State.last` where the orders were not added up yet."""


class State(Struct, array_like=True, gc=False):
    """What is scored, so that a look at another table need not add orders up again.

    Attributes
    ----------
    scores
        R, F and M as three digits; 0 without a valid order.
    last, orders, monetary
        Time of the newest valid order (ms), number of valid ones, minor units decayed to `last`.
    net
        Minor units after refunds.
    counted
        Where the shard's sketch counts the buyer (None: nowhere).
    """

    scores: int = 0
    last: int = 0
    orders: int = 0
    monetary: float = 0.0
    net: int = 0
    counted: Entry | None = None

    def m(self, cuts: Cuts, slack: float = 1.0) -> int:
        """The monetary score by a table; `slack` multiplies the spending."""
        spent = self.monetary * slack
        return cuts.of(bucket(spent, self.last, cuts.half_life) if cuts.half_life else spent)


class Scores(Feature):
    """Scores a buyer when orders change, when another table is in force, and when R falls by time alone."""

    name = "scores"
    keeps = State
    raises = ("scores",)
    reads = ("orders", "table")

    def evaluate(self, m: Moment) -> int:
        """Scores as of now. The due is when R falls, or when the next table is looked at."""
        state = m.own(self)
        if m.raised & self.signals["orders"] or (state is not None and state.last == UNKNOWN):
            state = self._learn(m, m.ensure(self))
        if state is None:
            return 0
        cuts, now = m.ctx.tables[NAME], m.p.evaluated_at
        scores = 100 * cuts.r(state.last, now) + 10 * cuts.f(state.orders) + state.m(cuts) if state.orders else 0
        if scores != state.scores:
            state.scores = scores
            m.show()
        m.raised |= self.signals["scores"]
        return due(m.ctx, m.user, state.last, now) if state.orders else 0

    def _learn(self, m: Moment, state: State) -> State:
        """Take over what the orders add up to, and count the buyer anew."""
        s = m["order_summary"]
        state.last, state.orders, state.monetary, state.net = s.last, s.valid, s.monetary, s.net
        self._count(m, state, sketch.entry(s, m.ctx.settings.half_life))
        return state

    def _count(self, m: Moment, state: State, entry: Entry | None) -> None:
        """Let the sketch count the buyer there."""
        if entry != state.counted:
            m.ctx.sketches[NAME].move(state.counted, entry)
            m.ctx.effects.recounted.add(NAME)
            state.counted = entry

    def forget(self, m: Moment, reason: str) -> None:
        """The buyer is counted no more."""
        if (state := m.own(self)) is not None:
            self._count(m, state, None)

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """The scores as three digits: R, F, M."""
        return {"buyer": {"scores": state.scores if state else 0}} if view.state("orders") is not None else {}

    def public(self, state: State | None) -> dict[str, str | int]:
        """Scores, valid orders, and what they came to after refunds."""
        return {} if state is None else {"rfm": str(state.scores), "orders": state.orders, "net": state.net}


def due(ctx: Context, user: str, last: int, after: int) -> int:
    """When the scores of a buyer whose newest valid order was at `last` (ms) are looked at by themselves.

    Later than `after` (ms): where R falls, or the next table is looked at, once each, at a time of the day of the
    buyer's own, so that no scan is needed. 0 if neither will be.
    """
    settings: SharedSettings = ctx.settings
    cuts: Cuts = ctx.tables[NAME]
    falls, every = cuts.crossing(last, after), settings.table_every
    if not every:
        return falls
    start = settings.table_lag + crc32(user.encode()) % every
    looks = after + every - (after - start) % every
    return min(falls, looks) if falls else looks
