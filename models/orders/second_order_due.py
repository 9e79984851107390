"""`second_order_due`: one order so far, some weeks ago."""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct

from models.kernel.feature import Feature, Tag
from models.kernel.moment import Moment
from models.kernel.settings import DAY, Setting
from models.orders.history import OrderSummary

SECOND_ORDER = 3
"""The tag's key, stored in profiles."""


class SecondOrderSettings(Struct, frozen=True):
    """When a second order is due."""

    second_order_after: Annotated[int, Setting("period", "how long after a first order the second is due")] = 21 * DAY
    second_order_until: Annotated[
        int, Setting("period", "how long after a first order the second is no longer waited for")
    ] = 90 * DAY


class SecondOrderDue(Feature):
    """A rule about buyers of one order."""

    name = "second_order_due"
    settings = SecondOrderSettings
    reads = ("orders",)
    tags = (Tag(SECOND_ORDER, "second_order_due", "one valid order, 21 days ago", "a second one; 90 days"),)

    def evaluate(self, m: Moment) -> int:
        """By the age of the only order."""
        summary, settings, now = m["order_summary"], m.ctx.settings, m.p.evaluated_at
        if summary is None:
            return 0
        m.turn(SECOND_ORDER, holds(summary, now, settings), lambda: reason(summary, now))
        return due(summary, now, settings)


def holds(summary: OrderSummary, now: int, settings: SecondOrderSettings) -> bool:
    """Exactly one valid order, not too new and not too old at `now` (ms)."""
    after, until = settings.second_order_after, settings.second_order_until
    return summary.valid == 1 and summary.last + after <= now < summary.last + until


def due(summary: OrderSummary, after: int, settings: SecondOrderSettings) -> int:
    """When that changes by itself, later than `after` (ms); 0 if it will not."""
    if summary.valid != 1:
        return 0
    dues = (summary.last + settings.second_order_after, summary.last + settings.second_order_until)
    return min((at for at in dues if at > after), default=0)


def reason(summary: OrderSummary, now: int) -> str:
    """The reason of the tag, as its message gives it."""
    orders = "1 order" if summary.valid == 1 else f"{summary.valid} orders"
    return f"{orders}, the last {max(0, now - summary.last) // DAY} d ago" if summary.valid else "no valid order left"
