"""Calls about orders. Of an order's products only what makes its amount is read."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from models.decoding.limits import Terms
from models.decoding.rejections import MISSING_ID, Refused
from models.decoding.segment_call import Track
from models.decoding.segment_cart import Price, Quantity
from models.kernel import events
from models.kernel.events import ORDER, Amended, Event, Ordered


class Item(Struct, gc=False):
    """A line of an order: without a price it counts nothing, without a quantity once."""

    price: Price | None = None
    quantity: Quantity | None = None


class Subject(Struct, gc=False):
    """Which order a call is about."""

    order_id: str | None = None


class Bought(Item, gc=False):
    """A line of a reported order; a coupon on it is a discount."""

    coupon: str | None = None


class Amount(Subject, gc=False):
    """Properties of calls that state an amount."""

    cart_id: str | None = None
    revenue: Price | None = None
    total: Price | None = None
    currency: str | None = None
    products: list[Item] | None = None

    @property
    def silent(self) -> bool:
        """It says nothing about money: no amount, no products."""
        return self.stated is None and not self.products

    @property
    def stated(self) -> float | None:
        """The amount the message itself states: revenue, else total."""
        return self.total if self.revenue is None else self.revenue

    def amount(self, terms: Terms, e: int) -> int:
        """The order's amount in the shop's minor units: the stated one, else the sum of its lines."""
        products = self.products or []
        terms.products(len(products))
        quantities = terms.quantities([item.quantity for item in products])
        if (stated := self.stated) is not None:
            return terms.money.amount(stated, self.currency, e)
        lines = zip(products, quantities, strict=True)
        return terms.money.total([(item.price or 0.0, quantity) for item, quantity in lines], self.currency, e)


class Order(Amount, gc=False):
    """Properties of a report of an order."""

    products: list[Bought] | None = None  # type: ignore[assignment]
    coupon: str | None = None
    discount: Price | None = None

    @property
    def discounted(self) -> bool:
        """It names a coupon, on the order or on a line, or a discount above 0."""
        return bool(self.coupon or self.discount) or any(item.coupon for item in self.products or ())


class Refund(Amount, gc=False):
    """Properties of Order Refunded; `refund_id` is ours."""

    refund_id: str | None = None


def needed(terms: Terms, name: str, value: str | None) -> str:
    """An id that must not be missing. Raises Refused: `missing_id`, `too_large`."""
    if not value:
        raise Refused(MISSING_ID, f"{name} is missing")
    return terms.ident(name, value)


class Report(Track, kw_only=True, gc=False):
    """A report of an order."""

    properties: Order | None = None

    role: ClassVar[int] = ORDER
    ids: ClassVar[tuple[str, ...]] = ("order_id", "cart_id")
    needed: ClassVar[str] = "order_id"
    means: ClassVar[type[Ordered | Amended]] = Ordered

    def read(self, terms: Terms, e: int) -> Event:
        p = self.properties or Order()
        order = needed(terms, "order_id", p.order_id)
        cart = terms.ident("cart_id", p.cart_id)
        return self.means(order, p.amount(terms, e), p.stated is not None, cart, p.discounted)

    @classmethod
    def salvage(cls, order: str, cart: str) -> Event | None:
        return cls.means(order, None, False, cart)


class OrderCompleted(Report, kw_only=True, tag="Order Completed", gc=False):
    """Order Completed; `cart_id` on it is our own extension."""


class OrderUpdated(Report, kw_only=True, tag="Order Updated", gc=False):
    """Order Updated. One that says nothing about money (a change of status, say) leaves the amount as it is."""

    means: ClassVar[type[Ordered | Amended]] = Amended

    def read(self, terms: Terms, e: int) -> Event:
        p = self.properties
        if p is not None and not p.silent:
            return Report.read(self, terms, e)
        p = p or Order()
        order = needed(terms, "order_id", p.order_id)
        return Amended(order, None, False, terms.ident("cart_id", p.cart_id), p.discounted)


class OrderRefunded(Track, kw_only=True, tag="Order Refunded", gc=False):
    """Order Refunded. One that names neither an amount nor a product refunds the rest of its order."""

    properties: Refund | None = None

    role: ClassVar[int] = ORDER
    ids: ClassVar[tuple[str, ...]] = ("refund_id", "order_id")
    needed: ClassVar[str] = "refund_id"

    def read(self, terms: Terms, e: int) -> Event:
        p = self.properties or Refund()
        refund = needed(terms, "refund_id", p.refund_id)
        order = terms.ident("order_id", p.order_id)
        return events.Refunded(refund, order, None if p.silent else p.amount(terms, e))


class OrderCancelled(Track, kw_only=True, tag="Order Cancelled", gc=False):
    """Order Cancelled. Its money is not looked at."""

    properties: Subject | None = None

    role: ClassVar[int] = ORDER
    ids: ClassVar[tuple[str, ...]] = ("order_id",)
    needed: ClassVar[str] = "order_id"

    def read(self, terms: Terms, e: int) -> Event:
        p = self.properties or Subject()
        return events.Cancelled(needed(terms, "order_id", p.order_id))
