"""Filling a cart, and leaving it."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from kairos.simulate.catalogue import Product
from kairos.simulate.people import Cart
from kairos.simulate.visit import Visit
from models.kernel.events import CART

TWO = 0.12
"""Share of lines with two pieces."""
REMOVES = 0.17
"""Share of visits with a cart in which something is taken out again."""
FULL = 12
"""Lines beyond which the oldest goes when a new one comes."""


class Line(Struct, gc=False):
    """Properties of Product Added and Product Removed."""

    cart_id: str
    product_id: str
    category: str
    price: float
    quantity: int
    currency: str


class Subject(Struct, gc=False):
    """Properties of Cart Viewed and Checkout Started."""

    cart_id: str
    value: float | UnsetType = UNSET
    currency: str | UnsetType = UNSET


def add(visit: Visit, product: Product) -> None:
    """Put a product into the cart."""
    cart = visit.person.cart
    if cart is None:
        cart = visit.person.cart = Cart(f"c-{visit.floor.writer.number()}", [])
    if len(cart.lines) >= FULL:
        _remove(visit, cart, 0)
    quantity = 2 if visit.draws.chance(TWO) else 1
    cart.lines.append((product, quantity))
    visit.say(CART, "Product Added", _line(visit, cart, product, quantity))


def reconsider(visit: Visit) -> None:
    """Now and then take something out again, though not the last."""
    cart = visit.person.cart
    if cart is not None and len(cart.lines) > 1 and visit.draws.chance(REMOVES):
        visit.think()
        _remove(visit, cart, int(visit.draws.random() * len(cart.lines)))


def view(visit: Visit) -> None:
    """Look at the cart."""
    if (cart := visit.person.cart) is not None:
        visit.say(CART, "Cart Viewed", Subject(cart.id))


def checkout(visit: Visit) -> None:
    """Log in and start the checkout."""
    visit.login()
    if (cart := visit.person.cart) is not None:
        value = sum(product.price * quantity for product, quantity in cart.lines) / 100
        visit.say(CART, "Checkout Started", Subject(cart.id, value, visit.floor.settings.currency))


def _remove(visit: Visit, cart: Cart, index: int) -> None:
    product, quantity = cart.lines.pop(index)
    visit.say(CART, "Product Removed", _line(visit, cart, product, quantity))


def _line(visit: Visit, cart: Cart, product: Product, quantity: int) -> Line:
    currency = visit.floor.settings.currency
    return Line(cart.id, product.id, product.category, product.price / 100, quantity, currency)
