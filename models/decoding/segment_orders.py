"""Segment's calls about orders as JSON: reports, updates, refunds, cancellations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import Struct

from models.decoding.fields import REFUSED, Wrong
from models.decoding.limits import LimitChecker
from models.decoding.rejections import MISSING_ID, ContractViolation, Untidy
from models.decoding.segment_calls import Track
from models.decoding.segment_carts import Price, Quantity, named
from models.kernel import events
from models.kernel.events import ORDER, Amended, Event, Line, Ordered


class PricedItem(Struct, gc=False):
    """A line of an order or a refund. It adds nothing without a price, and counts once without a quantity."""

    price: Price | None = None
    quantity: Quantity | None = None


class OrderItem(PricedItem, gc=False):
    """A line of a reported order; with a coupon on it the order is discounted."""

    coupon: str | None = None
    product_id: str | None = None
    sku: str | None = None
    name: str | None = None
    variant: str | None = None


class OrderReference(Struct, gc=False):
    """Properties of Order Cancelled: which order a call is about."""

    order_id: str | None = None


class AmountProperties(OrderReference, gc=False):
    """Properties of calls that state an amount."""

    cart_id: str | None = None
    revenue: Price | None = None
    total: Price | None = None
    currency: str | None = None
    products: list[PricedItem] | None = None

    @property
    def stated(self) -> float | None:
        """The amount the message itself states: revenue, else total."""
        return self.total if self.revenue is None else self.revenue

    @property
    def without_amount(self) -> bool:
        """Whether there is nothing to make an amount of: none is stated, and there are no products."""
        return self.stated is None and not self.products

    def quantities(self, check: LimitChecker) -> list[int]:
        """How many of each of the products."""
        if not self.products:
            return []
        check.products(len(self.products))
        return [check.quantity(item.quantity) for item in self.products]

    def amount(self, quantities: Sequence[int], check: LimitChecker, e: int) -> int:
        """The amount in the shop's minor units: the stated one, else the sum of the lines, with these quantities."""
        if (stated := self.stated) is not None:
            return check.money.amount(stated, self.currency, e)
        lines = zip(self.products or [], quantities, strict=True)
        return check.money.total([(item.price or 0.0, quantity) for item, quantity in lines], self.currency, e)


class OrderProperties(AmountProperties, gc=False):
    """Properties of Order Completed and Order Updated."""

    products: list[OrderItem] | None = None  # type: ignore[assignment]
    coupon: str | None = None
    discount: Price | None = None

    @property
    def discounted(self) -> bool:
        """Whether there is a coupon, on the order or on a line, or a discount above 0."""
        if self.coupon or self.discount:
            return True
        return any(item.coupon for item in self.products) if self.products else False

    def lines(self, quantities: Sequence[int], check: LimitChecker) -> tuple[Line, ...]:
        """The products that were ordered, as far as it is said which."""
        if not self.products:
            return ()
        found: list[Line] = []
        for item, quantity in zip(self.products, quantities, strict=True):
            if item.product_id or item.sku or item.name or item.variant:
                found.append(named(item, quantity, None, check))
        return tuple(found)


class RefundProperties(AmountProperties, gc=False):
    """Properties of Order Refunded; `refund_id` is an extension of Kairos."""

    refund_id: str | None = None


class OrderCall(Track, kw_only=True, gc=False):
    """A call about an order."""

    role: ClassVar[int] = ORDER
    wrong: ClassVar[Wrong] = REFUSED
    required: ClassVar[tuple[str, ...]] = ("order_id",)


class OrderReport(OrderCall, kw_only=True, gc=False):
    """A report of an order."""

    properties: OrderProperties | None = None

    event_type: ClassVar[type[Ordered | Amended]] = Ordered

    def to_event(self, check: LimitChecker, e: int) -> Event:
        p = self.properties or OrderProperties()
        order = check.required_ident("order_id", p.order_id)
        stated = p.stated is not None
        if not stated and not p.products and not check.tolerant:
            raise Untidy("no amount")
        cart, quantities = check.ident("cart_id", p.cart_id), p.quantities(check)
        amount, lines = p.amount(quantities, check, e), p.lines(quantities, check)
        return self.event_type(order, amount, stated, cart, p.discounted, lines)

    @classmethod
    def salvage(cls, properties: Any) -> Event | None:
        order, cart = properties.order_id or "", properties.cart_id or ""
        return cls.event_type(order, None, False, cart, properties.discounted)


class OrderCompleted(OrderReport, kw_only=True, tag="Order Completed", gc=False):
    """A new order; `cart_id` on it is an extension of Kairos."""


class OrderUpdated(OrderReport, kw_only=True, tag="Order Updated", gc=False):
    """A change of an order. Without an amount (a change of status, say) it leaves the amount as it is."""

    event_type: ClassVar[type[Ordered | Amended]] = Amended

    def to_event(self, check: LimitChecker, e: int) -> Event:
        p = self.properties
        if p is not None and not p.without_amount:
            return OrderReport.to_event(self, check, e)
        p = p or OrderProperties()
        order = check.required_ident("order_id", p.order_id)
        return Amended(order, None, False, check.ident("cart_id", p.cart_id), p.discounted)

    @classmethod
    def salvage(cls, properties: Any) -> Event | None:
        """Nothing of an update that does not say of which order."""
        return super().salvage(properties) if properties.order_id else None


class OrderRefunded(OrderCall, kw_only=True, tag="Order Refunded", gc=False):
    """A refund. Without an amount and without products it refunds the rest of its order."""

    properties: RefundProperties | None = None

    required: ClassVar[tuple[str, ...]] = ("order_id", "refund_id")

    def to_event(self, check: LimitChecker, e: int) -> Event:
        p = self.properties or RefundProperties()
        refund, order = check.ident("refund_id", p.refund_id), check.ident("order_id", p.order_id)
        if not refund and not order:
            raise ContractViolation(MISSING_ID, "neither order_id nor refund_id")
        return events.Refunded(refund, order, None if p.without_amount else p.amount(p.quantities(check), check, e))


class OrderCancelled(OrderCall, kw_only=True, tag="Order Cancelled", gc=False):
    """A cancellation. Its money is not looked at."""

    properties: OrderReference | None = None

    def to_event(self, check: LimitChecker, e: int) -> Event:
        p = self.properties or OrderReference()
        return events.Cancelled(check.required_ident("order_id", p.order_id))
