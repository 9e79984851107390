"""`value_next_year:high|medium|low`: what a buyer is expected to spend in the next year, beside all other buyers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from models.churn.counts import NOWHERE, cell, move
from models.churn.model import NAME, Model
from models.churn.shares import tier
from models.churn.worth import spending
from models.kernel.feature import Feature, Tag
from models.kernel.moment import Moment
from models.kernel.settings import DAY

if TYPE_CHECKING:
    from models.churn.counts import Counts
    from models.orders.buying import Buying

HIGH, MEDIUM, LOW = 15, 16, 17
"""The tags' keys, stored in profiles."""
TIERS = (HIGH, MEDIUM, LOW)
ENDS = "with another tier; no valid order left"


class State(Struct, array_like=True, gc=False):
    """Where the shard counts what the buyer is expected to spend (`models.churn.counts.cell`)."""

    cell: int = NOWHERE


class ValueNextYear(Feature):
    """A rule about orders and snapshots; it says nothing before enough buyers are known."""

    name = "value_next_year"
    keeps = State
    reads = ("orders", "snapshot")
    tabled = NAME
    tags = (
        Tag(HIGH, "value_next_year:high", "a buyer of the tenth that is expected to spend most in a year", ENDS),
        Tag(MEDIUM, "value_next_year:medium", "a buyer of the next three tenths", ENDS),
        Tag(LOW, "value_next_year:low", "any other buyer", ENDS),
    )

    def evaluate(self, m: Moment) -> int:
        """The tier by the model in force. It is looked at with orders and every 14 days; counted every 14 days."""
        buying: Buying | None = m["buying"]
        model: Model = m.ctx.tables[NAME]
        held = next((number for number, tag in enumerate(TIERS) if m.holds(tag)), None)
        if buying is None or not buying.occasions:
            self._count(m, NOWHERE)
            if held is not None:
                m.leave(TIERS[held], "no valid order left", model.name)
            return 0
        counted = m.raised & self.signals["snapshot"]
        if not counted and not model.tiers:
            return 0
        value = spending(buying, m.p.evaluated_at / DAY, model)
        if counted:
            self._count(m, cell(value))
        if model.tiers:
            new = tier([value / least for least in model.tiers], held)
            if new != held:
                reason = f"expected to spend {value} in {m.ctx.settings.currency} minor units within a year"
                m.swap(None if held is None else TIERS[held], TIERS[new], reason, model.name)
        return 0

    def _count(self, m: Moment, cell: int) -> None:
        """Let the shard count the buyer there."""
        state = m.own(self) if cell == NOWHERE else m.ensure(self)
        if state is not None and state.cell != cell:
            counts: Counts = m.ctx.sketches[NAME]
            m.ctx.effects.recounted.add(NAME)
            move(counts.values, state.cell, cell)
            state.cell = cell

    def forget(self, m: Moment, reason: str) -> None:
        """The buyer is counted no more."""
        self._count(m, NOWHERE)
