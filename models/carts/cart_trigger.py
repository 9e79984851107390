"""The messages about a cart that was left: what they hold, their ids, and their topic."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from models.carts.cart import Cart
from models.carts.contents import Contents
from models.carts.generations import Kind, Stage, Step
from models.kernel.ids import digest
from models.kernel.moment import Moment
from models.kernel.outputs import ARM, CHANNELS, CURRENCY, EXPIRES_AT, RETRACT, Arm, Output, OutputTopic


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
    about, of `recovered` the one it answers, the last before the order; 0 in the others.
    `products_cut` tells how many products of a very large cart are not listed; they are in `value`.
    """

    kind: Kind
    cart_id: str
    anchor: int
    step: int
    arm: Arm
    stage: Stage = "cart"
    channels: tuple[str, ...] = ()
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
        "arm": ARM,
        "stage": {"description": "How far the shopper came with the cart: `checkout` once that was started."},
        "channels": CHANNELS,
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
    return CartTrigger(
        id=step_id(user, cart.id, step.anchor, step.step if opening else 0),
        kind=step.kind,
        user_id=user,
        as_of=step.as_of,
        reason=step.reason,
        cart_id=cart.id,
        anchor=step.anchor,
        step=step.step,
        arm=step.arm,
        stage=step.stage,
        channels=step.channels,
        value=contents.value() if contents else 0,
        currency=currency if contents else "",
        products=cart_lines(contents) if contents else (),
        products_cut=contents.cut.products if contents else 0,
        order_at=step.order_at,
        expires_at=step.expires_at,
        retract=tuple(step_id(user, cart.id, step.anchor, each) for each in step.retract),
    )


def say(m: Moment, cart: Cart, steps: Iterable[Step]) -> None:
    """Send the messages of steps, and count them by the hour."""
    effects = m.ctx.effects
    for step in steps:
        message = trigger(m.user, cart, step, m.ctx.settings.currency)
        m.emit(CART_ABANDONMENTS.role, message)
        if step.arm == "holdout" and step.kind != "suppressed":  # an end: nobody was reminded
            effects.hour(f"held_out:{step.kind}", step.as_of)
            continue
        effects.hour(f"cart:{step.kind}", step.as_of)
        effects.hour(f"cart_value:{step.kind}", step.as_of, message.value if step.contents else max(cart.value, 0))
        if step.kind == "triggered":
            effects.minute("triggers", step.as_of)
        elif step.kind == "suppressed":
            effects.hour(f"suppressed:{step.reason}", step.as_of)
