"""A shopper's carts, as stored; and how changes, orders, consent and time move them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from models.carts import generations
from models.carts.abandoner import remember as remember_left
from models.carts.basket import ADD, REMOVE, operations
from models.carts.bounds import BYTES, CARTS, oldest, shrink, size
from models.carts.cart import Cart
from models.carts.cart_trigger import say
from models.carts.echo import Receipt, left, receipt, remember
from models.carts.recovery import answered
from models.carts.reminders import remind
from models.kernel.events import Added, Amended, CartViewed, Line, Ordered, Removed, Replaced
from models.kernel.moment import Moment

Change = Added | Removed | Replaced


class State(Struct, array_like=True, gc=False):
    """A shopper's carts.

    `cleared` is the event time of the newest order that clears carts; `left` when the two newest generations fired that
    ended without an order, oldest first; `receipts` what orders bought whose echo may still come, newest first.
    """

    carts: list[Cart] = field(default_factory=list)
    cleared: int = 0
    left: list[int] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """The carts of which something is still to be heard: left since too short a time, or reminded."""
        return len([True for cart in self.carts if cart.armed or cart.open])


def operate(m: Moment, state: State, event: Change) -> None:
    """Fold one operation, but for what of it an order has bought."""
    e, settings, lines = m.e, m.ctx.settings, event.lines
    if e <= state.cleared:
        return
    if state.receipts and e <= state.receipts[0].e + settings.order_grace:
        unbought = left(state.receipts, event.cart, e, lines, settings.order_grace)
        if unbought is None or (lines and not unbought and not isinstance(event, Replaced)):
            return
        lines = unbought
    cart = _cart(m, state, event.cart)
    if cart.cleared and e <= cart.cleared + settings.order_grace:
        return
    if not cart.followed:
        cart.checkout = 0  # of another cart than this one, which begins
    armed = cart.armed
    if not _take(cart, event, lines, m):
        base = cart.basket.base
        m.count("ops_too_old", base is not None and not base.snapshot)
        return
    _bound(m, state, cart)
    say(m, cart, generations.rearm(cart, e, m.now, settings))
    m.count("carts_closed", bool(armed and not cart.armed))


def _take(cart: Cart, event: Change, lines: tuple[Line, ...], m: Moment) -> bool:
    record = m.record
    assert record is not None
    if isinstance(event, Replaced):
        return cart.basket.replace(m.e, record.message, lines)
    sign = ADD if isinstance(event, Added) else REMOVE
    return cart.basket.take(operations(m.e, record.message, sign, lines))


def _cart(m: Moment, state: State, name: str) -> Cart:
    for cart in state.carts:
        if cart.id == name:
            return cart
    if len(state.carts) >= CARTS:
        m.count("cart_overflow")
        _give_up(m, state, state.carts)
    state.carts.append(Cart(name))
    return state.carts[-1]


def _give_up(m: Moment, state: State, carts: Sequence[Cart]) -> None:
    """Follow one of these carts no longer."""
    cart = oldest(carts)
    m.count("carts_closed", bool(cart.armed))
    say(m, cart, generations.give_up(cart, m.now))
    state.carts.remove(cart)


def _bound(m: Moment, state: State, latest: Cart) -> None:
    """Keep the carts within bounds, after `latest` changed."""
    carts = state.carts
    if size(carts) <= BYTES:
        return
    m.count("cart_overflow")
    if not shrink(carts, latest):
        while size(carts) > BYTES and len(carts) > 1:
            _give_up(m, state, [cart for cart in carts if cart is not latest])


def bought(m: Moment, state: State, order: Ordered | Amended) -> None:
    """Fold an order into the carts it closes."""
    e, settings, cart_id = m.e, m.ctx.settings, order.cart
    closing = _closing(m, state, order)
    recovery = answered(closing, e, cart_id, order.lines, settings)
    for cart in closing:
        armed = cart.armed
        _remember(state, generations.missed(cart, e, settings))
        say(m, cart, generations.on_order(cart, e, m.now, recovery, settings))
        m.count("carts_closed", bool(armed and (armed <= e or not cart.armed)))
    state.carts = [cart for cart in state.carts if not cart.idle]


def _closing(m: Moment, state: State, order: Ordered | Amended) -> list[Cart]:
    """The carts that an order closes, without what it bought."""
    e, settings, cart_id = m.e, m.ctx.settings, order.cart
    until = e + settings.order_grace
    if cart_id and settings.order_closes == "same_cart":
        cart = _cart(m, state, cart_id)
        cart.cleared = max(cart.cleared, e)
        cart.basket.clear(until)
        return [cart]
    state.cleared = max(state.cleared, e)
    new = receipt(e, cart_id, order.lines)
    state.receipts = remember(state.receipts, new, state.cleared, settings.order_grace)
    for cart in state.carts:
        cart.basket.clear(until if cart.id == cart_id else e)
        cart.basket.drop(until, new.has)
    return state.carts


def check_out(state: State, event: CartViewed, e: int) -> None:
    """Note that a checkout was started at `e` (ms), with a cart that is followed."""
    for cart in state.carts:
        if cart.id == event.cart and cart.followed:
            cart.checkout = max(cart.checkout, e)


def withdraw(m: Moment, state: State) -> None:
    """Take back the reminders that may still be acted on."""
    for cart in state.carts:
        say(m, cart, generations.on_withdrawal(cart, m.now, m.ctx.settings))
    state.carts = [cart for cart in state.carts if not cart.idle]


def on_timer(m: Moment, state: State) -> None:
    """Let every cart do what is due now, the one left first before the others, which may find the cap reached:
    reminders, then windows that end."""
    now, settings = m.now, m.ctx.settings
    waiting = [cart for cart in state.carts if cart.armed or cart.open]
    for cart in waiting if len(waiting) < 2 else sorted(waiting, key=lambda cart: cart.left):
        _remember(state, generations.ended(cart, now, settings))
        say(m, cart, remind(m, cart, state.cleared))
        say(m, cart, generations.on_windows(cart, now, settings))
    state.carts = [cart for cart in state.carts if not cart.idle]


def _remember(state: State, left: Iterable[int]) -> None:
    for at in left:
        state.left = remember_left(state.left, at)
