"""A buyer with everything, for the simulated shop: every fact is kept of that one, and nearly everything said.

Fourteen orders in 84 days, discounts, a refund, five categories, two channels and devices, views that return without an
order, two open carts of three products, of which one was told of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from kairos.replay.row import Row
from kairos.terminal.times import stamp
from models.kernel.events import CART, CLICKSTREAM, ORDER
from models.kernel.settings import DAY, HOUR, MINUTE

WHO = "shopper-everything"
CATEGORIES = ("shoes", "shirts", "toys", "jackets", "books")
EVERY = 6 * DAY
SESSIONS = 14


def rows(start: int) -> list[Row]:
    """What the buyer does in the 90 days from `start` (ms) on."""
    calls = [*_orders(start), *_last_days(start + SESSIONS * EVERY)]
    return [_row(number, *call) for number, call in enumerate(sorted(calls, key=lambda call: call[0]))]


Done = tuple[int, int, str, dict[str, Any]]
"""When (ms), which role, the event's name and properties."""


def _orders(start: int) -> Iterator[Done]:
    """A session every six days: five views, a product, an order; one order is refunded."""
    for number in range(SESSIONS):
        at, order = start + number * EVERY + 19 * HOUR, f"order-{number}"
        for i, category in enumerate(CATEGORIES):
            seen = {"product_id": f"{category}-{number}", "category": category, "price": 40.0}
            yield at + i * MINUTE, CLICKSTREAM, "Product Viewed", seen
        lines = [{"product_id": f"shoes-{number}", "price": 40.0 + number, "quantity": 2}]
        yield at + 10 * MINUTE, CART, "Product Added", lines[0] | {"cart_id": f"cart-{number}"}
        paid = {"order_id": order, "cart_id": f"cart-{number}", "revenue": 80.0 + 2 * number, "products": lines}
        yield at + 15 * MINUTE, ORDER, "Order Completed", paid | ({"coupon": "TEN"} if number % 2 else {})
        if number % 4 == 1:
            yield at + DAY, ORDER, "Order Refunded", {"order_id": order, "refund_id": f"refund-{number}"}


def _last_days(begin: int) -> Iterator[Done]:
    """Views of one product on several days, and two carts that are left, the second just before the end."""
    for day in range(4):
        seen = {"product_id": "jackets-99", "category": "jackets", "price": 120.0}
        yield begin + day * DAY, CLICKSTREAM, "Product Viewed", seen
    for cart, at in (("cart-left", begin + 3 * DAY + HOUR), ("cart-open", begin + 5 * DAY - HOUR // 4)):
        for i in range(3):
            line = {"product_id": f"books-{i}", "price": 15.0, "quantity": i + 1, "category": "books"}
            yield at + i * MINUTE, CART, "Product Added", line | {"cart_id": cart}


def _row(number: int, at: int, role: int, event: str, properties: dict[str, Any]) -> Row:
    medium, device = ("email", "mobile") if number % 3 else ("organic", "desktop")
    context = {"timezone": "Europe/Berlin", "device": {"type": device}, "campaign": {"medium": medium}}
    call = {"messageId": f"everything-{number}", "type": "track", "event": event, "userId": WHO}
    message = call | {"timestamp": stamp(at), "context": context, "properties": properties | {"currency": "USD"}}
    return at, role, WHO.encode(), msgspec.json.encode(message)
