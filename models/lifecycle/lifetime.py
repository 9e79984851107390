"""How long a shopper is remembered: visitors 30 days after their last event, buyers 3 years."""

from __future__ import annotations

from models.kernel.effects import Context
from models.kernel.events import Amended, Event, Ordered
from models.kernel.moment import Moment
from models.kernel.settings import SharedSettings

REPORTS = (Ordered, Amended)
"""Events that make a buyer."""


class Lifetime:
    """Implements `models.fold.Lifetime`."""

    def begins(self, ctx: Context, event: Event, e: int) -> int:
        """When a shopper will be forgotten of whom nothing is known but this event, of time `e` (both ms)."""
        return e + _ttl(ctx, type(event) in REPORTS)

    def ends(self, m: Moment) -> int:
        """When the shopper will be forgotten (ms): after what was told last, so that who comes back begins later."""
        orders = m.state("orders")
        return max(m.p.last + _ttl(m.ctx, orders is not None and orders.reported), m.p.evaluated_at + 1)


def _ttl(ctx: Context, buyer: bool) -> int:
    settings: SharedSettings = ctx.settings
    return settings.buyer_ttl if buyer else settings.visitor_ttl
