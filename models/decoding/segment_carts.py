"""Segment's calls about carts as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Protocol

from msgspec import Meta, Struct

from models.decoding.fields import IGNORED, REFUSED, Wrong
from models.decoding.limits import LimitChecker
from models.decoding.rejections import WRONG_TYPE, ContractViolation, Untidy
from models.decoding.segment_calls import Track
from models.kernel import events
from models.kernel.events import CART, Event, Line

Price = Annotated[float, Meta(ge=0)]
Quantity = Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0)]

DEFAULT_CART = "default"
"""The cart of a call that names none."""


class Named(Protocol):
    """What a product is known by."""

    product_id: str | None
    sku: str | None
    name: str | None
    variant: str | None


def named(item: Named, quantity: int, price: int | None, check: LimitChecker) -> Line:
    """The line of a product, its names within the shop's limits. `price` is in the shop's minor units."""
    sku, variant = item.sku, item.variant
    product = item.product_id or sku or item.name or ""
    if sku or variant or len(product) > check.limits.max_string:
        text = check.text
        return Line(text(product), quantity, price, text(variant), text(sku))
    return Line(product, quantity, price)


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
        return named(self, quantity, price, check)


def lines(products: Sequence[Product], currency: str | None, check: LimitChecker, e: int) -> tuple[Line, ...]:
    """Lines of several products, within the shop's limits."""
    check.products(len(products))
    return tuple(product.line(check.quantity(product.quantity), currency, check, e) for product in products)


class CartChangeProperties(Product, gc=False):
    """Properties of Product Added and Product Removed: one product, or several in `products`."""

    cart_id: str | None = None
    currency: str | None = None
    category: str | None = None
    products: list[Product] | None = None

    def changed(self, check: LimitChecker, e: int) -> tuple[Line, ...]:
        """The lines that are added or removed. Raises `Untidy` where no product is named."""
        if self.product_id or self.sku or self.name:
            return (self.line(check.quantity(self.quantity), self.currency, check, e),)
        if self.products:
            return lines(self.products, self.currency, check, e)
        if check.tolerant:
            return (self.line(check.quantity(self.quantity), self.currency, check, e),)
        raise Untidy("no product is named")


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
    wrong: ClassVar[Wrong] = REFUSED


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
        return events.Replaced(cart, lines(p.products, p.currency, check, e))


class CartViewed(CartCall, kw_only=True, tag="Cart Viewed", gc=False):
    """A look at a cart."""

    properties: CartReference | None = None

    wrong: ClassVar[Wrong] = IGNORED
    checkout: ClassVar[bool] = False

    def to_event(self, check: LimitChecker, e: int) -> Event:
        p = self.properties
        cart = check.ident("cart_id", p.cart_id) or DEFAULT_CART if p is not None else DEFAULT_CART
        return events.CartViewed(cart, self.checkout)


class CheckoutStarted(CartViewed, kw_only=True, tag="Checkout Started", gc=False):
    """The beginning of a checkout; `cart_id` on it is an extension of Kairos."""

    checkout: ClassVar[bool] = True
