"""Calls that change a cart, or look at it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from models.decoding.limits import Terms
from models.decoding.rejections import WRONG_TYPE, Refused
from models.decoding.segment_call import Track
from models.kernel import events
from models.kernel.events import CART, Event, Line

Price = Annotated[float, Meta(ge=0)]
Quantity = Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0)]

DEFAULT = "default"
"""The cart of a call that names none."""


class Product(Struct, gc=False):
    """A product and how much of it. It is known by product_id, else sku, else name."""

    product_id: str | None = None
    sku: str | None = None
    name: str | None = None
    price: Price | None = None
    quantity: Quantity | None = None

    def line(self, quantity: int, currency: str | None, terms: Terms, e: int) -> Line:
        """This product as a line of a cart, its price in the shop's minor units."""
        price = None if self.price is None else terms.money.amount(self.price, currency, e)
        return Line(terms.text(self.product_id or self.sku or self.name), quantity, price)


class Change(Product, gc=False):
    """Properties of Product Added and Product Removed."""

    cart_id: str | None = None
    currency: str | None = None
    category: str | None = None

    def only(self, terms: Terms, e: int) -> Line:
        """The line that comes or goes."""
        return self.line(terms.quantity(self.quantity), self.currency, terms, e)


class Snapshot(Struct, gc=False):
    """Properties of Cart Updated: `products` is the whole cart."""

    products: list[Product] | None = None
    cart_id: str | None = None
    currency: str | None = None


class Named(Struct, gc=False):
    """Properties of Cart Viewed and Checkout Started."""

    cart_id: str | None = None


class Changed(Track, kw_only=True, gc=False):
    """One product goes into a cart, or out of it."""

    properties: Change | None = None

    role: ClassVar[int] = CART
    ids: ClassVar[tuple[str, ...]] = ("cart_id",)


class ProductAdded(Changed, kw_only=True, tag="Product Added", gc=False):
    """Product Added."""

    def read(self, terms: Terms, e: int) -> Event:
        p = self.properties or Change()
        cart = terms.ident("cart_id", p.cart_id) or DEFAULT
        return events.Added(cart, p.only(terms, e), terms.text(p.category))


class ProductRemoved(Changed, kw_only=True, tag="Product Removed", gc=False):
    """Product Removed."""

    def read(self, terms: Terms, e: int) -> Event:
        p = self.properties or Change()
        cart = terms.ident("cart_id", p.cart_id) or DEFAULT
        return events.Removed(cart, p.only(terms, e))


class CartUpdated(Track, kw_only=True, tag="Cart Updated", gc=False):
    """Cart Updated, our own extension. Without `products` it says nothing, least of all that the cart is empty."""

    properties: Snapshot | None = None

    role: ClassVar[int] = CART
    ids: ClassVar[tuple[str, ...]] = ("cart_id",)

    def read(self, terms: Terms, e: int) -> Event:
        p = self.properties
        if p is None or p.products is None:
            raise Refused(WRONG_TYPE, "Cart Updated without products: send [] for an empty cart")
        cart = terms.ident("cart_id", p.cart_id) or DEFAULT
        terms.products(len(p.products))
        quantities = terms.quantities([product.quantity for product in p.products])
        lines = zip(p.products, quantities, strict=True)
        return events.Replaced(cart, tuple(product.line(n, p.currency, terms, e) for product, n in lines))


class CartViewed(Track, kw_only=True, tag="Cart Viewed", gc=False):
    """Cart Viewed."""

    properties: Named | None = None

    role: ClassVar[int] = CART
    ids: ClassVar[tuple[str, ...]] = ("cart_id",)

    def read(self, terms: Terms, e: int) -> Event:
        p = self.properties
        return events.CartViewed(terms.ident("cart_id", p.cart_id) or DEFAULT if p is not None else DEFAULT)


class CheckoutStarted(CartViewed, kw_only=True, tag="Checkout Started", gc=False):
    """Checkout Started; `cart_id` on it is our own extension."""
