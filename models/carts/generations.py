"""The generations of a cart: how operations arm them, and how orders and time close them.

A generation is one attempt to be left: it is *armed* while its anchor (the newest operation) can still move, *fires*
when the cart was left alone for the first step's delay, and is then *open* until an order covers it, its cart is found
to have been empty, or its window ends. Meanwhile its later steps come due (`models.carts.reminders`). A generation that
fired may have one successor, for products it did not name.

    (nothing) --operation--> armed --left alone--> open --order after it--> recovered
                               |                     |--order before it---> cancelled
                               |                     |--empty before it---> cancelled: emptied
                               |                     |--consent withdrawn-> cancelled, while it may still be acted on
                               '--order, emptied--> (silence)   '--window's end--> expired
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from models.carts.cart import Cart, CartSettings, OpenGeneration, expires
from models.carts.contents import Contents
from models.kernel.outputs import Arm

Kind = Literal["triggered", "suppressed", "cancelled", "recovered", "expired"]
Stage = Literal["cart", "checkout"]


class Step(Struct, frozen=True, gc=False, kw_only=True):
    """What happened to a generation: the kind of output, and what it says.

    `step` is the reminder it is about, 0 in a closing that names none; `retract` lists steps that are taken back.
    """

    kind: Kind
    anchor: int
    as_of: int
    reason: str
    arm: Arm
    step: int = 0
    stage: Stage = "cart"
    channels: tuple[str, ...] = ()
    contents: Contents | None = None
    order_at: int | None = None
    expires_at: int | None = None
    retract: tuple[int, ...] = ()


def rearm(cart: Cart, e: int, now: int, settings: CartSettings, arm: bool = True) -> Iterator[Step]:
    """After an operation at `e` (or with `e` = 0 after an order): value it, move the anchor, disarm, and if `arm` arm.

    Yields a step for each open generation whose cart turns out to have been empty when it fired.
    """
    contents, newest = cart.basket.contents(), cart.basket.newest
    if e:
        yield from _emptied(cart, e, now)
    cart.value = contents.value()
    worth = contents.pieces > 0 and cart.value >= settings.min_cart_value
    if not worth or newest <= cart.spent:
        cart.armed = 0
    elif cart.armed:
        cart.arm(newest, now, settings)
    elif arm and _may_arm(cart, contents, e):
        cart.arm(newest, now, settings)
        cart.successor = bool(cart.open)


def _may_arm(cart: Cart, contents: Contents, e: int) -> bool:
    if not cart.open:
        return True
    original = cart.open[0]
    if len(cart.open) > 1 or original.successor or e <= original.anchor:
        return False
    return contents.beyond(original.products)


def _emptied(cart: Cart, e: int, now: int) -> Iterator[Step]:
    base = cart.basket.base
    for generation in [g for g in cart.open if e <= g.at]:
        forgotten = base is not None and base.e > generation.at  # what was in the cart then is not known any more
        if not forgotten and not cart.basket.contents(generation.at).pieces:
            cart.open.remove(generation)
            if not generation.suppressed:
                yield _cancelled(generation, now, "emptied: nothing was in the cart then")


def on_order(cart: Cart, e: int, now: int, answered: OpenGeneration | None, settings: CartSettings) -> Iterator[Step]:
    """An order at `e`, whose goods the basket holds no more, closes every generation it covers (``e`` >= anchor).

    `answered` is the one generation, of this cart or another, whose recovery it is.
    """
    generations = len(cart.open) + bool(cart.armed)
    if cart.armed and e >= cart.armed:
        cart.armed = 0
    for generation in [g for g in cart.open if e >= g.anchor]:
        cart.open.remove(generation)
        if not generation.suppressed:
            yield _closed(generation, e, now, generation is answered, settings)
    yield from _emptied(cart, e, now)
    if not cart.open:
        cart.successor = False
    closed = len(cart.open) + bool(cart.armed) < generations
    yield from rearm(cart, 0, now, settings, arm=closed)


def _closed(generation: OpenGeneration, e: int, now: int, answered: bool, settings: CartSettings) -> Step:
    if e <= generation.at:
        return _cancelled(generation, now, "ordered before the trigger", e)
    if e > generation.at + settings.recovery_window:
        return _expired(generation, generation.at + settings.recovery_window)
    if answered:
        before = [step for step, at in generation.said() if at <= e]
        after = tuple(step for step, at in generation.said() if at > e)
        return Step(
            kind="recovered", anchor=generation.anchor, as_of=now, reason="ordered after the trigger", step=before[-1],
            arm=generation.arm, order_at=e, retract=after,
        )  # fmt: skip
    return _cancelled(generation, now, "ordered: the order is the recovery of another reminder", e)


def _cancelled(generation: OpenGeneration, now: int, reason: str, order_at: int | None = None) -> Step:
    """All that was said of it is taken back."""
    return _taken_back(generation, now, reason, tuple(step for step, _ in generation.said()), order_at)


def _taken_back(
    generation: OpenGeneration, now: int, reason: str, retract: tuple[int, ...], order_at: int | None = None
) -> Step:
    return Step(
        kind="cancelled", anchor=generation.anchor, as_of=now, reason=reason, arm=generation.arm, order_at=order_at,
        retract=retract,
    )  # fmt: skip


def _expired(generation: OpenGeneration, as_of: int, reason: str = "no order within the window") -> Step:
    return Step(kind="expired", anchor=generation.anchor, as_of=as_of, reason=reason, arm=generation.arm)


def on_withdrawal(cart: Cart, now: int, settings: CartSettings) -> Iterator[Step]:
    """The shopper may no longer be reached as before: reminders that may still be acted on at `now` (ms) are taken
    back, which ends their generation."""
    for generation in [g for g in cart.open if g.reminded]:
        live = [step for step, at in generation.said() if expires(generation.anchor, step, at, settings) > now]
        if live:
            cart.open.remove(generation)
            yield _taken_back(generation, now, "consent withdrawn", tuple(live))


def on_windows(cart: Cart, now: int, settings: CartSettings) -> Iterator[Step]:
    """Generations whose window is over at `now` (ms) end."""
    for generation in [g for g in cart.open if g.at + settings.recovery_window <= now]:
        cart.open.remove(generation)
        if not generation.suppressed:
            yield _expired(generation, now)


def give_up(cart: Cart, now: int) -> Iterator[Step]:
    """The cart is no longer followed: whatever was said of it ends at `now` (ms)."""
    for generation in cart.open:
        if not generation.suppressed:
            yield _expired(generation, now, "given up: too many carts are open")
    cart.open, cart.armed = [], 0


def ended(cart: Cart, now: int, settings: CartSettings) -> list[int]:
    """When those generations fired whose window is over at `now` (ms): `on_windows` will close them."""
    return [generation.at for generation in cart.open if generation.at + settings.recovery_window <= now]


def missed(cart: Cart, e: int, settings: CartSettings) -> list[int]:
    """When those generations fired whose window was over before an order at `e` (ms): `on_order` will close them."""
    return [g.at for g in cart.open if g.anchor <= e and e > g.at + settings.recovery_window]
