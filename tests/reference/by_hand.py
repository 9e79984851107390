"""Words for stories about one shopper, "u", told by hand. Day 0 is `START`, a Thursday at 00:00 UTC."""

from __future__ import annotations

from typing import Any

from models.kernel.settings import DAY, MINUTE
from tests.reference.logs import Logs


def told(logs: Logs, family: str, until: float = 200) -> list[tuple[str, str, float]]:
    """(kind, tag, day) of one family, up to a day."""
    logs.tick(int(until * DAY) + 1)
    said = logs.told("user-tags")
    return [(kind, tag, as_of / DAY) for kind, tag, as_of in said if tag.startswith(family)]


def order(logs: Logs, day: float, name: object, revenue: float = 10, **properties: Any) -> None:
    logs.track("Order Completed", "u", int(day * DAY), order_id=f"o{name}", revenue=revenue, **properties)


def refund(logs: Logs, day: float, name: object, revenue: float | None = None) -> None:
    stated = {} if revenue is None else {"revenue": revenue}
    refund_id = f"r{name}-{day}"
    logs.track("Order Refunded", "u", int(day * DAY), order_id=f"o{name}", refund_id=refund_id, **stated)


def view(logs: Logs, day: float, product: str, event: str = "Product Viewed") -> None:
    logs.track(event, "u", int(day * DAY), product_id=product)


def visit(logs: Logs, day: float, **context: Any) -> None:
    logs.track("Page Viewed", "u", int(day * DAY), context=context)


def like(logs: Logs, minute: int, category: str, times: int = 1, event: str = "Product Reviewed") -> None:
    """Three clicks' worth of interest, each time."""
    for i in range(times):
        logs.track(event, "u", minute * MINUTE + i, category=category)
