"""What a shopper did: the typed events that are folded into a profile.

These are the domain's own words. `models.decoding.segment` knows how they look as JSON. Money is in minor units of the
shop's currency, time in milliseconds since 1970 (UTC).
"""

from __future__ import annotations

from msgspec import Struct

CLICKSTREAM, CART, ORDER = 0, 1, 2
"""Roles, and their rank in the merge: at the same instant a click comes before a cart change before an order."""

ROLES = ("clickstream", "cart", "orders")


class Line(Struct, frozen=True, array_like=True, gc=False):
    """A product in a cart or in an order: what it is known by, whole quantity, unit price (None: not stated).

    `product` is its product_id, else its sku, else its name. `variant` and `sku` are those that are stated, else "".
    """

    product: str
    quantity: int
    price: int | None = None
    variant: str = ""
    sku: str = ""


class Event(Struct, frozen=True, gc=False):
    """Anything a shopper did."""


class Browsed(Event, frozen=True, gc=False):
    """A page, a product, a list, a search: activity, with interest in a category ("" if none is named). `product` is
    what a view of a product shows, else ""."""

    category: str = ""
    weight: int = 0
    product: str = ""


class Reviewed(Event, frozen=True, gc=False):
    """Product Reviewed: what a shopper says of a product. `rating` is the shop's scale, None if not stated; `text` is
    the review itself, `lang` its language; "" where one is absent."""

    category: str = ""
    product: str = ""
    rating: float | None = None
    lang: str = ""
    text: str = ""


class CartViewed(Event, frozen=True, gc=False):
    """Cart Viewed, or with `checkout` Checkout Started: activity in the cart that changes nothing in it."""

    cart: str = "default"
    checkout: bool = False


class Added(Event, frozen=True, gc=False):
    """Product Added: what was put into a cart, one product or several."""

    cart: str
    lines: tuple[Line, ...]
    category: str = ""


class Removed(Event, frozen=True, gc=False):
    """Product Removed: what was taken out of a cart; of a line with quantity 0 all that there is."""

    cart: str
    lines: tuple[Line, ...]


class Replaced(Event, frozen=True, gc=False):
    """Cart Updated: a snapshot of the whole cart."""

    cart: str
    lines: tuple[Line, ...]


class Ordered(Event, frozen=True, gc=False):
    """Order Completed. `amount` is None where the money could not be read; `stated` is True where the message
    itself states an amount (revenue or total), False where it was summed from the lines. `cart` is "" if unnamed;
    `discounted` tells of a coupon or a discount; `lines` are the products that the order names, without prices."""

    order: str
    amount: int | None
    stated: bool = False
    cart: str = ""
    discounted: bool = False
    lines: tuple[Line, ...] = ()


class Amended(Event, frozen=True, gc=False):
    """Order Updated: sets the order's amount; the first report of an order may be one."""

    order: str
    amount: int | None
    stated: bool = False
    cart: str = ""
    discounted: bool = False
    lines: tuple[Line, ...] = ()


class Refunded(Event, frozen=True, gc=False):
    """Order Refunded. Without `amount` the rest of the order; without `order` ("") it lowers net only."""

    refund: str
    order: str = ""
    amount: int | None = None


class Cancelled(Event, frozen=True, gc=False):
    """Order Cancelled."""

    order: str


class Unrecognised(Event, frozen=True, gc=False):
    """An event of a name we do not know: counted, and activity of the shopper."""

    name: str


class Tick(Event, frozen=True, gc=False):
    """``kairos.tick``: no record with e below this time follows on this partition of this input."""
