"""The messages about a cart that was left: what they hold, their ids, and their topic."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from models.carts.abandonment import Cart, Kind, Step
from models.carts.contents import Contents
from models.kernel.ids import digest
from models.kernel.outputs import CURRENCY, EXPIRES_AT, RETRACT, Output, OutputTopic
from models.kernel.settings import DAY


class CartLine(Struct, frozen=True, omit_defaults=True, gc=False):
    """One line of a cart; `price` is the unit price in minor units."""

    product_id: str
    quantity: int
    price: int | None = None
    variant: str = ""
    sku: str = ""


class CartTrigger(Output, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What became of a cart that was left.

    `anchor` is the last change the step counts from. `step`: of `triggered` and `suppressed` the reminder they are
    about, of `recovered` the one it answers, the last before the order (so far there is one: 1); 0 in the others.
    `products_cut` tells how many products of a very large cart are not listed; they are in `value`.
    """

    kind: Kind
    cart_id: str
    anchor: int
    step: int
    arm: Literal["treated", "holdout"]
    value: int = 0
    currency: str = ""
    products: tuple[CartLine, ...] = ()
    products_cut: int = 0
    order_at: int | None = None
    expires_at: int | None = None
    retract: tuple[str, ...] = ()


CART_ABANDONMENTS = OutputTopic(
    "cart-abandonments",
    CartTrigger,
    "where cart triggers go",
    "CARTS",
    needed={
        "triggered": ["currency", "products", "expires_at"],
        "suppressed": ["currency", "products"],
        "cancelled": ["retract"],
        "recovered": ["order_at"],
    },
    fields={
        "cart_id": {"description": "As the shop sent it, else `default`."},
        "anchor": {"description": "The cart's last change before the trigger: event time, ms."},
        "step": {
            "description": "Which reminder this is about, from 1; 0 in a closing that names none.", "minimum": 0,
        },
        "arm": {"description": "Group of an experiment; `holdout` is not used yet."},
        "value": {"description": "What is in the cart is worth: whole minor units.", "minimum": 0},
        "currency": CURRENCY,
        "products": {"description": "What is in the cart."},
        "products_cut": {"description": "How many products of a very large cart are not listed."},
        "order_at": {"description": "Event time (ms) of the order that ended it."},
        "expires_at": EXPIRES_AT,
        "retract": RETRACT,
        "product_id": {"description": "As the shop sent it: product_id, else sku, else name."},
        "variant": {"description": "As the shop sent it; left out if it was not stated."},
        "sku": {"description": "As the shop sent it; left out if it was not stated, or is the product_id."},
        "quantity": {"description": "How many.", "minimum": 0},
        "price": {"description": "Of one piece, whole minor units; left out if it was never stated.", "minimum": 0},
    },
)  # fmt: skip


def step_id(user: str, cart: str, anchor: int, step: int) -> str:
    """The id of a step (1, ...) or of a closing (0) of a generation."""
    return digest(CART_ABANDONMENTS.role, user, cart, anchor, step)


def cart_lines(contents: Contents) -> tuple[CartLine, ...]:
    """The lines of a cart that are known one by one."""
    return tuple(
        CartLine(x.product, x.quantity, x.price, x.variant, "" if x.sku == x.product else x.sku)
        for x in contents.lines()
    )


def trigger(user: str, cart: Cart, step: Step, currency: str) -> CartTrigger:
    """The message of a step. `currency`: the shop's."""
    contents, opening = step.contents, step.kind in ("triggered", "suppressed")
    retract = (step_id(user, cart.id, step.anchor, 1),) if step.kind == "cancelled" else ()
    return CartTrigger(
        id=step_id(user, cart.id, step.anchor, int(opening)),
        kind=step.kind,
        user_id=user,
        as_of=step.as_of,
        reason=step.reason,
        cart_id=cart.id,
        anchor=step.anchor,
        step=int(opening) if step.kind != "recovered" else 1,
        arm="treated",
        value=contents.value() if contents else 0,
        currency=currency if contents else "",
        products=cart_lines(contents) if contents else (),
        products_cut=contents.cut.products if contents else 0,
        order_at=step.order_at,
        expires_at=step.as_of + DAY if step.kind == "triggered" else None,
        retract=retract,
    )
