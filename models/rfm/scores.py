"""The scores of recency, frequency and monetary value: what a buyer's orders add up to, beside the table of cuts."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from msgspec import Struct

from models.kernel import zones
from models.kernel.effects import Context
from models.kernel.feature import Feature, View
from models.kernel.moment import Moment
from models.kernel.settings import SharedSettings
from models.rfm import hysteresis, sketch
from models.rfm.cuts import NAME, Cuts, notice
from models.rfm.grid import Grid
from models.rfm.hysteresis import Scored
from models.rfm.sketch import Entry, Sketch
from models.rfm.steps import first_move

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
    way
        The way F went since the last own order event (`models.rfm.hysteresis.Scored`).
    """

    scores: int = 0
    last: int = 0
    orders: int = 0
    monetary: float = 0.0
    net: int = 0
    counted: Entry | None = None
    way: int = 0

    @property
    def scored(self) -> Scored:
        """The scores one by one."""
        return Scored(self.scores // 100, self.scores // 10 % 10, self.scores % 10, self.way)

    def score(self, cuts: Cuts, today: int, zone: str, *, afresh: bool) -> bool:
        """Score by a table on a calendar day of the shop (see `models.kernel.zones.day`). True if that changed a score.

        Afresh at an own order event; else as far as a score may move without one.
        """
        had = self.scores
        if not self.orders:
            self.scores = self.way = 0
            return self.scores != had
        days = today - zones.day(self.last, zone)
        if afresh or not had:
            new = hysteresis.afresh(cuts, days, self.orders, self.monetary, self.last)
        else:
            new = hysteresis.held(self.scored, cuts, days, self.orders, self.monetary, self.last)
        self.scores, self.way = new.digits, new.way
        return self.scores != had

    def falls(self, cuts: Cuts, zone: str) -> int:
        """When R falls by time alone (ms): at a midnight of the shop; 0 if it is 1 for good."""
        r = self.scores // 100
        return zones.midnight(zones.day(self.last, zone) + cuts.falls(r), zone) if r > 1 else 0


class Scores(Feature):
    """Scores a buyer when orders change, when another table is in force, and when R falls by time alone."""

    name = "scores"
    keeps = State
    raises = ("scores",)
    reads = ("orders", "table")
    levels = {  # noqa: RUF012
        "rf:<R><F>": "Buyers in a cell of the R-F grid, by their scores",
        "rf_value:<R><F>": "What these buyers spent, less refunds, in minor units",
    }

    def evaluate(self, m: Moment) -> int:
        """Scores as of now. The due is when R falls, or when the next table is looked at."""
        state, ordered = m.own(self), bool(m.raised & self.signals["orders"])
        grid = Grid(m, state)
        if ordered or (state is not None and state.last == UNKNOWN):
            state = self._learn(m, m.ensure(self))
        if state is None:
            return 0
        cuts, now, zone = m.ctx.tables[NAME], m.p.evaluated_at, m.ctx.settings.time_zone
        if state.score(cuts, zones.day(now, zone), zone, afresh=ordered):
            m.show()
            m.raised |= self.signals["scores"]
        grid.move(m, state)
        return due(m.ctx, m.user, state, now) if state.orders else 0

    def _learn(self, m: Moment, state: State) -> State:
        """Take over what the orders add up to, and count the buyer anew."""
        s = m["order_summary"]
        state.last, state.orders, state.monetary, state.net = s.last, s.valid, s.monetary, s.net
        self._count(m, state, sketch.entry(s, m.ctx.settings))
        return state

    def _count(self, m: Moment, state: State, entry: Entry | None) -> None:
        """Let the sketch count the buyer there."""
        if entry != state.counted:
            counts: Sketch = m.ctx.sketches[NAME]
            counts.move(state.counted, entry, zones.day(m.p.evaluated_at, m.ctx.settings.time_zone))
            m.ctx.effects.recounted.add(NAME)
            state.counted = entry

    def forget(self, m: Moment, reason: str) -> None:
        """The buyer is counted no more."""
        if (state := m.own(self)) is not None:
            self._count(m, state, None)
            Grid(m, state).move(m, None)

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """The scores as three digits: R, F, M."""
        return {"buyer": {"scores": state.scores if state else 0}} if view.state("orders") is not None else {}

    def public(self, state: State | None) -> dict[str, str | int]:
        """Scores, valid orders, and what they came to after refunds."""
        return {} if state is None else {"rfm": str(state.scores), "orders": state.orders, "net": state.net}


def due(ctx: Context, user: str, state: State, after: int) -> int:
    """When the scores of a buyer are looked at by themselves, later than `after` (ms); 0: never.

    Where R falls by time, or once the first table is in force that may move a score: at a time of the day of the
    buyer's own, so that no scan is needed. By the fixed cuts that is the first one with cuts of its own.
    """
    settings: SharedSettings = ctx.settings
    cuts: Cuts = ctx.tables[NAME]
    falls, every = state.falls(cuts, settings.time_zone), settings.table_every
    if not every:
        return falls
    start = settings.table_lag + crc32(user.encode()) % every
    look = after + every - (after - start) % every
    if cuts.half_life:
        moves = first_move(cuts, state.scored, state.orders, state.monetary, state.last, settings)
    else:
        moves = notice(cuts, settings)
    if (wait := moves + settings.table_lag - look) > 0:
        look += -(-wait // every) * every
    return min(falls, look) if falls else look
