"""The funnel of a visit: product viewed, something added to a cart, checkout started, ordered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from models.kernel.events import Added, Amended, Browsed, CartViewed, Event, Ordered, Replaced
from models.kernel.feature import Feature
from models.kernel.moment import Moment
from models.kernel.shopper import STAGE, STAGES

FUNNEL = ("viewed", "carted", "checkout", "bought")
"""Columns of the minute (`models.kernel.effects.COLUMNS`), from the first stage on."""
VIEWED, CARTED, CHECKOUT, BOUGHT = (STAGE * stage for stage in range(1, 1 + len(FUNNEL)))


class Funnel(Feature):
    """A fact: how far the running visit came. Each stage counts once a visit, in the minute in which it was reached.

    Whoever orders without having viewed anything has come through all stages in that minute. The kernel forgets the
    stage where the next visit begins.
    """

    name = "funnel"
    listens = (Browsed, Added, Replaced, CartViewed, Ordered, Amended)

    def takes(self, kind: type[Event]) -> Callable[[Moment, Any], int]:
        """By the type of event."""
        takers: dict[type[Event], Callable[[Moment, Any], int]] = {
            Browsed: self.view,
            Added: partial(self.reach, stage=CARTED),
            CartViewed: self.check_out,
            Replaced: self.fill,
        }
        return takers.get(kind, self.order)

    def view(self, m: Moment, event: Browsed) -> int:
        """A page; of a product or not."""
        if event.product and not m.p.flags & STAGES:
            self.reach(m, event, VIEWED)
        return 0

    def fill(self, m: Moment, event: Replaced) -> int:
        """A snapshot of a cart, which may be empty."""
        return self.reach(m, event, CARTED) if event.lines else 0

    def check_out(self, m: Moment, event: CartViewed) -> int:
        """A look at a cart, or the beginning of a checkout."""
        return self.reach(m, event, CHECKOUT) if event.checkout else 0

    def order(self, m: Moment, event: Ordered | Amended) -> int:
        """A report of an order, the first or a later one."""
        return self.reach(m, event, BOUGHT) if m.new_order else 0

    def reach(self, m: Moment, event: Event, stage: int) -> int:
        """The visit has come to a stage, and through all before it."""
        p = m.p
        reached = p.flags & STAGES
        for passed in range(reached + STAGE, stage + STAGE, STAGE):
            m.ctx.effects.minute(FUNNEL[passed // STAGE - 1], m.e)
        if stage > reached:
            p.flags += stage - reached
        return 0
