"""Folding cart operations and orders into a shopper's carts, and saying what became of each generation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from models import abandonment
from models.abandonment import Cart, Step
from models.carts import ADD, REMOVE, Operation, line_size
from models.effects import Context
from models.events import Added, Line, Removed, Replaced
from models.ids import digest
from models.outputs import CART_ABANDONMENTS, CartLine, CartTrigger
from models.profile import IDENTIFIED, Profile
from models.settings import DAY
from models.tags.abandoner import remember

CARTS = 8
BYTES = 5_000
"""Rough bound of a shopper's carts as stored. Beyond it operations are compacted, then products are kept as sums only,
of the largest cart first, then the oldest cart goes."""
LEFT = BYTES // (2 * CARTS)
"""Bytes of products that a cart keeps one by one at least."""


def operate(
    ctx: Context, user: str, p: Profile, event: Added | Removed | Replaced, e: int, message: int, now: int
) -> None:
    """Fold one operation at `e`."""
    if e <= p.cleared:
        return
    cart = _cart(ctx, user, p, event.cart, now)
    if e <= cart.cleared:
        return
    armed = cart.armed
    if not _take(cart, event, e, message):
        base = cart.basket.base
        ctx.effects.counts["ops_too_old"] += base is not None and not base.snapshot
        return
    ctx.effects.changed.add(user)
    _bound(ctx, user, p, cart, now)
    _say_all(ctx, user, cart, abandonment.settle(cart, e, now, ctx.settings))
    ctx.effects.counts["carts_closed"] += bool(armed and not cart.armed)


def _take(cart: Cart, event: Added | Removed | Replaced, e: int, message: int) -> bool:
    if isinstance(event, Replaced):
        return cart.basket.replace(e, message, event.lines)
    sign = ADD if isinstance(event, Added) else REMOVE
    line: Line = event.line
    price = -1 if line.price is None else line.price
    return cart.basket.take(Operation(e, message, sign, line.product, line.quantity, price))


def _cart(ctx: Context, user: str, p: Profile, name: str, now: int) -> Cart:
    for cart in p.carts:
        if cart.id == name:
            return cart
    if len(p.carts) >= CARTS:
        ctx.effects.counts["cart_overflow"] += 1
        _give_up(ctx, user, p, p.carts, now)
    p.carts.append(Cart(name))
    return p.carts[-1]


def _give_up(ctx: Context, user: str, p: Profile, carts: Sequence[Cart], now: int) -> None:
    """Follow one of these carts no longer: the oldest, but first one of which nothing was said that has no end yet."""
    cart = min(carts, key=lambda c: (any(not g.suppressed for g in c.open), c.basket.newest))
    ctx.effects.counts["carts_closed"] += bool(cart.armed)
    _say_all(ctx, user, cart, abandonment.give_up(cart, now))
    p.carts.remove(cart)


def _bound(ctx: Context, user: str, p: Profile, latest: Cart, now: int) -> None:
    """Keep the carts within `BYTES`, after `latest` changed."""
    if _size(p.carts) <= BYTES:
        return
    ctx.effects.counts["cart_overflow"] += 1
    for cart in sorted(p.carts, key=lambda c: (_size([c]), c is latest), reverse=True):
        if cart.basket.ops:
            cart.basket.compact(len(cart.basket.ops))
        if cart.basket.base is not None and (excess := _size(p.carts) - BYTES) > 0:
            base = cart.basket.base
            base.shrink(max(LEFT, sum(map(line_size, base.lines)) - excess - 4 * len(base.lines)))
        if _size(p.carts) <= BYTES:
            return
    while _size(p.carts) > BYTES and len(p.carts) > 1:
        _give_up(ctx, user, p, [cart for cart in p.carts if cart is not latest], now)


def _size(carts: Iterable[Cart]) -> int:
    total = 0
    for cart in carts:
        total += 24 + len(cart.id.encode()) + sum(28 + len(op.product.encode()) for op in cart.basket.ops)
        if (base := cart.basket.base) is not None:
            total += sum(map(line_size, base.lines)) + (len(base.cut.hashes) if base.cut else 0)
        total += sum(28 + len(generation.products) for generation in cart.open)
    return total


def bought(ctx: Context, user: str, p: Profile, cart_id: str, e: int, now: int) -> None:
    """Fold an order at `e` into the carts it closes."""
    every = ctx.settings.order_closes == "any" or not cart_id
    if every:
        p.cleared = max(p.cleared, e)
    elif all(cart.id != cart_id for cart in p.carts):
        _cart(ctx, user, p, cart_id, now)
    for cart in p.carts:
        if not every and cart.id != cart_id:
            continue
        if not every:
            cart.cleared = max(cart.cleared, e)
        armed = cart.armed
        _remember(p, abandonment.missed(cart, e, ctx.settings))
        _say_all(ctx, user, cart, abandonment.order(cart, e, now, ctx.settings))
        ctx.effects.counts["carts_closed"] += bool(armed and cart.armed != armed)
    p.carts = [cart for cart in p.carts if not cart.idle]


def fire(ctx: Context, user: str, p: Profile, now: int) -> None:
    """Let every cart do what is due at `now`."""
    for cart in p.carts:
        identified = bool(p.flags & IDENTIFIED)
        _remember(p, abandonment.ended(cart, now, ctx.settings))
        ctx.effects.counts["history_skipped"] += abandonment.history(cart, now, ctx.start, ctx.settings)
        _say_all(ctx, user, cart, abandonment.fire(cart, now, ctx.start, identified, ctx.settings))
    p.carts = [cart for cart in p.carts if not cart.idle]


def _remember(p: Profile, left: Iterable[int]) -> None:
    for at in left:
        p.left = remember(p.left, at)


def _say_all(ctx: Context, user: str, cart: Cart, steps: Iterable[Step]) -> None:
    for step in steps:
        trigger = _trigger(ctx, user, cart, step)
        ctx.effects.say(CART_ABANDONMENTS, user, trigger)
        if step.kind == "triggered":
            ctx.effects.minutes[step.as_of // 60_000][3] += 1


def waiting(p: Profile) -> int:
    """The shopper's carts of which something is still to be heard: left since too short a time, or reminded."""
    return sum(1 for cart in p.carts if cart.armed or cart.open)


def step_id(user: str, cart: str, anchor: int, step: int) -> str:
    """The id of a step (1, ...) or of a closing (0) of a generation."""
    return digest(CART_ABANDONMENTS, user, cart, anchor, step)


def _trigger(ctx: Context, user: str, cart: Cart, step: Step) -> CartTrigger:
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
        currency=ctx.settings.currency if contents else "",
        products=tuple(CartLine(x.product, x.quantity, x.price) for x in contents.lines()) if contents else (),
        products_cut=contents.cut.products if contents else 0,
        order_at=step.order_at,
        expires_at=step.as_of + DAY if step.kind == "triggered" else None,
        retract=retract,
    )
