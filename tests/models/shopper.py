"""One shopper for tests: events and timers folded as the engine does, and what was said about tags."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from msgspec import Raw

from models.features import SHOPPERS, ShopSettings
from models.kernel.call_context import call_context
from models.kernel.events import (
    CART,
    CLICKSTREAM,
    ORDER,
    Added,
    Browsed,
    CartViewed,
    Event,
    Ordered,
    Removed,
    Replaced,
    Reviewed,
)
from models.kernel.moment import Moment, slot
from models.kernel.outputs import TagChange
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY
from models.kernel.shopper import Profile
from models.kernel.tags import name
from models.rfm.cuts import FIXED, NAME, Cuts

E0 = 1_700_000_000_000
"""2023-11-14T22:13:20Z, a Tuesday."""

Told = tuple[str, str, int]
"""Kind, tag, days since `E0`, rounded down."""


def role(event: Event) -> int:
    """Rank of an event's role."""
    if isinstance(event, Browsed | Reviewed):
        return CLICKSTREAM
    return CART if isinstance(event, (Added, Removed, Replaced, CartViewed)) else ORDER


class Shopper:
    """Folds what one shopper does; event time goes on with it."""

    def __init__(self, settings: ShopSettings | None = None, cuts: Cuts = FIXED) -> None:
        self.ctx = SHOPPERS.context(settings or ShopSettings(currency="USD"))
        self.ctx.enforce(NAME, cuts)
        self.p: Profile | None = None
        self.watermark = 0
        self.count = 0
        self.applied = False

    def does(self, event: Event, e: int, context: Any = None) -> Shopper:
        """An event at `e` (ms), after the timers that are due before the watermark."""
        self.until(max(e, self.watermark))
        self.count += 1
        fields = call_context(Raw(json.dumps(context).encode()))
        reading = DecodedRecord(e, "u", event, role(event), self.count, True, context=fields)
        skipped = self.ctx.effects.counts["bot_skipped"]
        self.p, outcome = SHOPPERS.event(self.ctx, "u", self.p, reading, self.watermark)
        self.applied = outcome == "applied" and self.ctx.effects.counts["bot_skipped"] == skipped
        return self

    def looks(self, day: float, product: str = "", category: str = "", context: Any = None, weight: int = 2) -> Shopper:
        """A view, some days after `E0`."""
        return self.does(Browsed(category, weight if category else 0, product), E0 + round(day * DAY), context)

    def buys(self, day: float, amount: int | None = 10_000, order: str = "", discounted: bool = False) -> Shopper:
        """An order, some days after `E0`."""
        return self.does(Ordered(order or f"o{day}", amount, True, "", discounted), E0 + round(day * DAY))

    def until(self, watermark: int) -> Shopper:
        """Let event time go on to `watermark` (ms): timers due before it fire."""
        while self.p is not None and self.p.due < watermark:
            self.p = SHOPPERS.timer(self.ctx, "u", self.p, self.p.due)
        self.watermark = watermark
        return self

    def rests(self, days: float) -> Shopper:
        """Let event time go on to some days after `E0`, timers due then included."""
        return self.until(E0 + round(days * DAY) + 1)

    @property
    def changes(self) -> list[TagChange]:
        """Every change said so far."""
        return [said.output for said in self.ctx.effects.outputs if isinstance(said.output, TagChange)]

    def told(self, *families: str) -> list[Told]:
        """Changes of tags whose name begins so."""
        return [(c.kind, c.tag, (c.as_of - E0) // DAY) for c in self.changes if c.tag.startswith(families)]

    @property
    def held(self) -> set[str]:
        """Tags held, but for stage and segment."""
        assert self.p is not None
        return {name(key, self.ctx.vocabulary.names, SHOPPERS.tags) for key in (self.p.tags or [])[::2]}

    def state(self, feature: str) -> Any:
        """The state of a feature, by its name."""
        assert self.p is not None
        return slot(self.p, SHOPPERS.named[feature])

    def judged_fully(self, now: int) -> list[str]:
        """What evaluating every rule at `now` (ms) would change, as if its orders had changed too.

        But for those that ask somebody to act: what is due of them then is theirs to say.
        """
        other = deepcopy(self)
        assert other.p is not None
        before = len(other.changes)
        other.p.at(now)
        m = Moment(other.ctx, "u", other.p, now, now, None, SHOPPERS)
        if other.state("orders") is not None:
            m.raised = SHOPPERS.named["orders"].signals["orders"]
        for rule in SHOPPERS.features:
            if not rule.acting and (rule.ineligible or other.p.eligible):
                rule.evaluate(m)
        return [f"{change.kind} {change.tag}: {change.reason}" for change in other.changes[before:]]
