"""The few fields of a shopper that dashboards read."""

from __future__ import annotations

from models import lifecycle
from models.effects import Context
from models.profile import Profile
from models.rfm import SEGMENTS


def public(ctx: Context, user: str, p: Profile | None) -> dict[str, str | int] | None:
    """At most nine short fields, valid as of ``as_of`` (ms); None for shoppers with neither a cart nor an order.

    Money is in minor units of the shop's currency: ``net`` after refunds, ``cart`` of all open carts.
    """
    if p is None or (p.buyer is None and not p.carts):
        return None
    contents = [cart.basket.contents() for cart in p.carts]
    fields: dict[str, str | int] = {
        "as_of": p.judged,
        "stage": lifecycle.STAGES[p.stage],
        "items": sum(c.pieces for c in contents),
        "cart": sum(c.value() for c in contents),
    }
    if p.buyer is not None:
        summary = ctx.effects.summaries.get(user) or p.buyer.summary(ctx.settings)
        fields |= {
            "segment": SEGMENTS[p.buyer.segment],
            "rfm": str(p.buyer.scores),
            "orders": summary.valid,
            "net": summary.net,
            "overdue": int(bool(p.buyer.alerted)),
        }
    return fields
