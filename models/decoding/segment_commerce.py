"""Segment's calls about carts and orders as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from models.decoding.limits import LimitChecker
from models.decoding.rejections import WRONG_TYPE, ContractViolation
from models.decoding.segment_calls import Track
from models.kernel import events
from models.kernel.events import CART, ORDER, Amended, Event, Line, Ordered

Price = Annotated[float, Meta(ge=0)]
Quantity = Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0)]

DEFAULT_CART = "default"
"""The cart of a call that names none."""


class Product(Struct, gc=False):
    """A product and how much of it. It is known by product_id, else sku, else name."""

    product_id: str | None = None
    sku: str | None = None
    name: str | None = None
    price: Price | None = None
    quantity: Quantity | None = None
    variant: str | None = None

    def line(self, quantity: int, currency: str | None, check: LimitChecker, e: int) -> Line:
        """The line with this quantity, its price in the shop's minor units."""
        price = None if self.price is None else check.money.amount(self.price, currency, e)
        product, text = self.product_id or self.sku or self.name, check.text
        return Line(text(product), quantity, price, text(self.variant), text(self.sku))


class CartChangeProperties(Product, gc=False):
    """Properties of Product Added and Product Removed."""

    cart_id: str | None = None
    currency: str | None = None
    category: str | None = None

    def changed(self, check: LimitChecker, e: int) -> tuple[Line, ...]:
        """The lines that are added or removed."""
        return (self.line(check.quantity(self.quantity), self.currency, check, e),)


class CartUpdateProperties(Struct, gc=False):
    """Properties of Cart Updated: `products` is the whole cart."""

    products: list[Product] | None = None
    cart_id: str | None = None
    currency: str | None = None


class CartReference(Struct, gc=False):
    """Properties of Cart Viewed and Checkout Started."""

    cart_id: str | None = None


class CartCall(Track, kw_only=True, gc=False):
    """A call about a cart."""

    role: ClassVar[int] = CART
    ids: ClassVar[tuple[str, ...]] = ("cart_id",)


class ProductAdded(CartCall, kw_only=True, tag="Product Added", gc=False):
    """A product put into a cart."""

    properties: CartChangeProperties | None = None

    def to_event(self, check: LimitChecker, e: int) -> Event:
        p = self.properties or CartChangeProperties()
        cart = check.ident("cart_id", p.cart_id) or DEFAULT_CART
        return events.Added(cart, p.changed(check, e), check.text(p.category))


class ProductRemoved(CartCall, kw_only=True, tag="Product Removed", gc=False):
    """A product taken out of a cart."""

    properties: CartChangeProperties | None = None

    def to_event(self, check: LimitChecker, e: int) -> Event:
        p = self.properties or CartChangeProperties()
        cart = check.ident("cart_id", p.cart_id) or DEFAULT_CART
        return events.Removed(cart, p.changed(check, e))


class CartUpdated(CartCall, kw_only=True, tag="Cart Updated", gc=False):
    """The whole cart as it is now, an extension of Kairos. `products` must be there: [] for an empty cart."""

    properties: CartUpdateProperties | None = None

    def to_event(self, check: LimitChecker, e: int) -> Event:
        p = self.properties
        if p is None or p.products is None:
            raise ContractViolation(WRONG_TYPE, "Cart Updated without products: send [] for an empty cart")
        cart = check.ident("cart_id", p.cart_id) or DEFAULT_CART
        check.products(len(p.products))
        quantities = check.quantities([product.quantity for product in p.products])
        lines = zip(p.products, quantities, strict=True)
        return events.Replaced(cart, tuple(product.line(n, p.currency, check, e) for product, n in lines))


class CartViewed(CartCall, kw_only=True, tag="Cart Viewed", gc=False):
    """A look at a cart."""

    properties: CartReference | None = None

    def to_event(self, check: LimitChecker, e: int) -> Event:
        p = self.properties
        return events.CartViewed(check.ident("cart_id", p.cart_id) or DEFAULT_CART if p is not None else DEFAULT_CART)


class CheckoutStarted(CartViewed, kw_only=True, tag="Checkout Started", gc=False):
    """The beginning of a checkout; `cart_id` on it is an extension of Kairos."""


class PricedItem(Struct, gc=False):
    """A line of an order or a refund. It adds nothing without a price, and counts once without a quantity."""

    price: Price | None = None
    quantity: Quantity | None = None


class OrderItem(PricedItem, gc=False):
    """A line of a reported order; with a coupon on it the order is discounted. What it is known by decides nothing of
    the order itself: of any type, and not looked at unless it is a string or a whole number."""

    coupon: str | None = None
    product_id: Any = None
    sku: Any = None
    name: Any = None
    variant: Any = None

    def line(self, quantity: int, check: LimitChecker) -> Line | None:
        """The product that was ordered, without a price; None if it is not said which."""
        sku, variant = check.known_by(self.sku), check.known_by(self.variant)
        product = check.known_by(self.product_id) or sku or check.known_by(self.name)
        return Line(product, quantity, None, variant, sku) if product or variant else None


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
        products = self.products or []
        check.products(len(products))
        return check.quantities([item.quantity for item in products])

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
        return bool(self.coupon or self.discount) or any(item.coupon for item in self.products or ())

    def lines(self, quantities: Sequence[int], check: LimitChecker) -> tuple[Line, ...]:
        """The products that were ordered, as far as it is said which."""
        items = zip(self.products or [], quantities, strict=True)
        return tuple(line for item, quantity in items if (line := item.line(quantity, check)) is not None)


class RefundProperties(AmountProperties, gc=False):
    """Properties of Order Refunded; `refund_id` is an extension of Kairos."""

    refund_id: str | None = None


class OrderReport(Track, kw_only=True, gc=False):
    """A report of an order."""

    properties: OrderProperties | None = None

    role: ClassVar[int] = ORDER
    ids: ClassVar[tuple[str, ...]] = ("order_id", "cart_id")
    required_id: ClassVar[str] = "order_id"
    event_type: ClassVar[type[Ordered | Amended]] = Ordered

    def to_event(self, check: LimitChecker, e: int) -> Event:
        p = self.properties or OrderProperties()
        order = check.required_ident("order_id", p.order_id)
        cart, quantities = check.ident("cart_id", p.cart_id), p.quantities(check)
        amount, lines = p.amount(quantities, check, e), p.lines(quantities, check)
        return self.event_type(order, amount, p.stated is not None, cart, p.discounted, lines)

    @classmethod
    def salvage(cls, required: str, cart: str) -> Event | None:
        return cls.event_type(required, None, False, cart)


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


class OrderRefunded(Track, kw_only=True, tag="Order Refunded", gc=False):
    """A refund. Without an amount and without products it refunds the rest of its order."""

    properties: RefundProperties | None = None

    role: ClassVar[int] = ORDER
    ids: ClassVar[tuple[str, ...]] = ("refund_id", "order_id")
    required_id: ClassVar[str] = "refund_id"

    def to_event(self, check: LimitChecker, e: int) -> Event:
        p = self.properties or RefundProperties()
        refund = check.required_ident("refund_id", p.refund_id)
        order = check.ident("order_id", p.order_id)
        return events.Refunded(refund, order, None if p.without_amount else p.amount(p.quantities(check), check, e))


class OrderCancelled(Track, kw_only=True, tag="Order Cancelled", gc=False):
    """A cancellation. Its money is not looked at."""

    properties: OrderReference | None = None

    role: ClassVar[int] = ORDER
    ids: ClassVar[tuple[str, ...]] = ("order_id",)
    required_id: ClassVar[str] = "order_id"

    def to_event(self, check: LimitChecker, e: int) -> Event:
        p = self.properties or OrderReference()
        return events.Cancelled(check.required_ident("order_id", p.order_id))
