"""Ordering, and what comes of an order: reports, updates, cancellations, refunds, reviews."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from kairos.simulate.catalogue import Product
from kairos.simulate.visit import Visit
from models.kernel.events import CLICKSTREAM, ORDER
from models.kernel.settings import DAY, HOUR, MINUTE, SECOND

COUPONS = (("WELCOME10", 10), ("SALE20", 20), ("SEASON30", 30))
"""Coupons with their discount in per cent."""
RELOADED_AFTER = 400 * SECOND
"""Mean time until a receipt is looked at again."""
SHIPPED = 0.1
"""Share of orders with an update of their status; of those with another amount; of those that are cancelled."""
AMENDED = 0.02
CANCELLED = 0.015
PARTLY = 0.4
"""Share of refunds of one product; the others refund the whole order."""
REVIEWED = 0.05


class Item(Struct, gc=False):
    """One line of an order."""

    product_id: str
    category: str
    price: float
    quantity: int


class Order(Struct, gc=False):
    """Properties of Order Completed and of an Order Updated that states an amount."""

    order_id: str
    cart_id: str
    revenue: float
    currency: str
    products: list[Item]
    coupon: str | UnsetType = UNSET
    discount: float | UnsetType = UNSET


def place(visit: Visit) -> Order | None:
    """Order what is in the cart now; None if there is nothing."""
    person, cart = visit.person, visit.person.cart
    if cart is None or not cart.lines:
        return None
    order = _order(visit, cart.id, cart.lines)
    person.cart = None
    person.buys += 1
    _report(visit, order)
    return order


def _order(visit: Visit, cart: str, lines: list[tuple[Product, int]]) -> Order:
    draws, floor = visit.draws, visit.floor
    cents = sum(product.price * quantity for product, quantity in lines)
    items = [Item(product.id, product.category, product.price / 100, quantity) for product, quantity in lines]
    order = Order(f"o-{floor.writer.number()}", cart, cents / 100, floor.settings.currency, items)
    if draws.chance(visit.person.coupons):
        order.coupon, percent = draws.pick(COUPONS)
        off = round(cents * percent / 100)
        order.revenue, order.discount = (cents - off) / 100, off / 100
    return order


def _report(visit: Visit, order: Order) -> None:
    """Order Completed: most shops report it more than once."""
    draws, funnel, placed = visit.draws, visit.floor.settings.funnel, visit.at
    visit.say(ORDER, "Order Completed", order)
    if draws.chance(funnel.reported):
        visit.at += 10 + int(draws.exponential(40.0))
        visit.say(ORDER, "Order Completed", order)
    if draws.chance(funnel.reloaded):
        for _ in range(2):
            visit.at += 10 + int(draws.exponential(RELOADED_AFTER))
            visit.say(ORDER, "Order Completed", order)
    visit.at = placed


def follow(visit: Visit, order: Order) -> None:
    """What comes of an order in the days after; the rows are the visit's, with their own times."""
    draws, placed = visit.draws, visit.at
    if draws.chance(CANCELLED):
        _later(visit, placed + 5 * MINUTE, 4 * HOUR, ORDER, "Order Cancelled", {"order_id": order.order_id})
        return
    if draws.chance(SHIPPED):
        status = {"order_id": order.order_id, "status": "shipped"}
        _later(visit, placed + 6 * HOUR, DAY, ORDER, "Order Updated", status)
    if draws.chance(AMENDED):
        _later(visit, placed + 10 * MINUTE, 6 * HOUR, ORDER, "Order Updated", _amended(order))
    if draws.chance(visit.person.refunds):
        _later(visit, placed + 2 * DAY, 5 * DAY, ORDER, "Order Refunded", _refund(visit, order))
    if draws.chance(REVIEWED):
        review = {"category": order.products[0].category, "rating": 1 + int(4.99 * draws.random() ** 0.4), "lang": "en"}
        _later(visit, placed + 3 * DAY, 5 * DAY, CLICKSTREAM, "Product Reviewed", review)


def _later(visit: Visit, earliest: int, mean: int, role: int, event: str, properties: Any) -> None:
    """A row some time after; the visit itself goes on where it was."""
    now = visit.at
    visit.at = earliest + int(visit.draws.exponential(mean))
    visit.say(role, event, properties)
    visit.at = now


def _amended(order: Order) -> dict[str, Any]:
    return {"order_id": order.order_id, "revenue": round(order.revenue * 0.9, 2), "currency": order.currency}


def _refund(visit: Visit, order: Order) -> dict[str, Any]:
    refund: dict[str, Any] = {"order_id": order.order_id, "refund_id": f"r-{visit.floor.writer.number()}"}
    if visit.draws.chance(PARTLY):
        refund |= {"products": order.products[:1], "currency": order.currency}
    return refund
