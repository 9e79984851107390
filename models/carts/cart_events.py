"""Cart and order events, folded into a shopper's carts; and the messages about each generation (`CartTrigger`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct, field

from models.carts import abandonment
from models.carts.abandoner import remember
from models.carts.abandonment import Cart, CartSettings, Step
from models.carts.basket import ADD, REMOVE, Operation, line_size
from models.carts.cart_trigger import CART_ABANDONMENTS, trigger
from models.kernel.events import Added, Amended, Ordered, Removed, Replaced
from models.kernel.feature import Feature, View
from models.kernel.moment import Moment
from models.kernel.shopper import IDENTIFIED

CARTS = 8
BYTES = 5_000
"""Rough bound of a shopper's carts as stored. Beyond it operations are compacted, then products are kept as sums only,
of the largest cart first, then the oldest cart goes."""
LEFT = BYTES // (2 * CARTS)
"""Bytes of products that a cart keeps one by one at least."""

Change = Added | Removed | Replaced


class State(Struct, array_like=True, gc=False):
    """A shopper's carts.

    `cleared` is the event time of the newest order that clears carts; `left` when the two newest generations fired that
    ended without an order, oldest first.
    """

    carts: list[Cart] = field(default_factory=list)
    cleared: int = 0
    left: list[int] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """The carts of which something is still to be heard: left since too short a time, or reminded."""
        return sum(1 for cart in self.carts if cart.armed or cart.open)


class Carts(Feature):
    """A fact and a rule: what is in the carts, and reminders of those that are left."""

    name = "carts"
    keeps = State
    listens = (Added, Removed, Replaced, Ordered, Amended)
    raises = ("carts", "carts_left")
    reads = ("carts",)
    acting = True
    outputs = (CART_ABANDONMENTS,)
    settings = CartSettings
    counters = {  # noqa: RUF012
        "carts_closed": "Carts closed without a message",
        "cart_overflow": "Times a cart or a list of carts was full",
        "ops_too_old": "Cart changes older than what a cart remembers",
    }

    def fold(self, m: Moment, event: Change | Ordered | Amended) -> int:
        """A change of a cart, or an order that closes carts."""
        order = isinstance(event, (Ordered, Amended))
        if order and not m.new_order:
            return 0
        state = m.ensure(self)
        waiting, left = state.waiting, state.left
        if isinstance(event, (Ordered, Amended)):
            bought(m, state, event.cart)
        else:
            operate(m, state, event)
        return self._moved(m, state, waiting, left)

    def evaluate(self, m: Moment) -> int:
        """At its due, let the carts do what is due. Answers with the next."""
        state = m.own(self)
        if state is None:
            return 0
        if m.timer:
            waiting, left = state.waiting, state.left
            on_timer(m, state)
            m.raised |= self._moved(m, state, waiting, left) & ~self.signals["carts"]
        return min([due for cart in state.carts if (due := cart.due(m.ctx.settings))], default=0)

    def _moved(self, m: Moment, state: State, waiting: int, left: list[int]) -> int:
        m.count("carts", state.waiting - waiting)
        m.show()
        return self.signals["carts"] | (self.signals["carts_left"] if state.left != left else 0)

    def forget(self, m: Moment, reason: str) -> None:
        """Nothing is waited for any more."""
        if (state := m.own(self)) is not None:
            m.count("carts", -state.waiting)

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """Every cart, and when the newest were left for good."""
        state = state or State()
        carts = {cart.id: _described(cart) for cart in state.carts}
        return {"cleared": state.cleared, "left": state.left, "carts": carts}

    def shown(self, state: State | None) -> bool:
        """Whoever has a cart is."""
        return state is not None and bool(state.carts)

    def public(self, state: State | None) -> dict[str, str | int]:
        """Pieces and value of all carts."""
        contents = [cart.basket.contents() for cart in state.carts] if state else []
        return {"items": sum(c.pieces for c in contents), "cart": sum(c.value() for c in contents)}


def operate(m: Moment, state: State, event: Change) -> None:
    """Fold one operation."""
    e, record = m.e, m.record
    assert record is not None
    if e <= state.cleared:
        return
    cart = _cart(m, state, event.cart)
    if e <= cart.cleared:
        return
    armed = cart.armed
    if not _take(cart, event, e, record.message):
        base = cart.basket.base
        m.count("ops_too_old", base is not None and not base.snapshot)
        return
    _bound(m, state, cart)
    _emit(m, cart, abandonment.rearm(cart, e, m.now, m.ctx.settings))
    m.count("carts_closed", bool(armed and not cart.armed))


def _take(cart: Cart, event: Change, e: int, message: int) -> bool:
    if isinstance(event, Replaced):
        return cart.basket.replace(e, message, event.lines)
    sign = ADD if isinstance(event, Added) else REMOVE
    taken = [
        cart.basket.take(Operation(e, message, sign, x.product, x.quantity, -1 if x.price is None else x.price))
        for x in event.lines
    ]
    return any(taken)


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
    """Follow one of these carts no longer: the oldest, but first one of which nothing was said that has no end yet."""
    cart = min(carts, key=lambda c: (any(not g.suppressed for g in c.open), c.basket.newest))
    m.count("carts_closed", bool(cart.armed))
    _emit(m, cart, abandonment.give_up(cart, m.now))
    state.carts.remove(cart)


def _bound(m: Moment, state: State, latest: Cart) -> None:
    """Keep the carts within `BYTES`, after `latest` changed."""
    carts = state.carts
    if _size(carts) <= BYTES:
        return
    m.count("cart_overflow")
    for cart in sorted(carts, key=lambda c: (_size([c]), c is latest), reverse=True):
        if cart.basket.ops:
            cart.basket.compact(len(cart.basket.ops))
        if cart.basket.base is not None and (excess := _size(carts) - BYTES) > 0:
            base = cart.basket.base
            base.shrink(max(LEFT, sum(map(line_size, base.lines)) - excess - 4 * len(base.lines)))
        if _size(carts) <= BYTES:
            return
    while _size(carts) > BYTES and len(carts) > 1:
        _give_up(m, state, [cart for cart in carts if cart is not latest])


def _size(carts: Iterable[Cart]) -> int:
    total = 0
    for cart in carts:
        total += 24 + len(cart.id.encode()) + sum(28 + len(op.product.encode()) for op in cart.basket.ops)
        if (base := cart.basket.base) is not None:
            total += sum(map(line_size, base.lines)) + (len(base.cut.hashes) if base.cut else 0)
        total += sum(28 + len(generation.products) for generation in cart.open)
    return total


def bought(m: Moment, state: State, cart_id: str) -> None:
    """Fold an order into the carts it closes."""
    e, settings = m.e, m.ctx.settings
    every = settings.order_closes == "any" or not cart_id
    if every:
        state.cleared = max(state.cleared, e)
    elif all(cart.id != cart_id for cart in state.carts):
        _cart(m, state, cart_id)
    for cart in state.carts:
        if not every and cart.id != cart_id:
            continue
        if not every:
            cart.cleared = max(cart.cleared, e)
        armed = cart.armed
        _remember(state, abandonment.missed(cart, e, settings))
        _emit(m, cart, abandonment.on_order(cart, e, m.now, settings))
        m.count("carts_closed", bool(armed and cart.armed != armed))
    state.carts = [cart for cart in state.carts if not cart.idle]


def on_timer(m: Moment, state: State) -> None:
    """Let every cart do what is due now."""
    now, start, settings = m.now, m.ctx.start, m.ctx.settings
    identified = bool(m.p.flags & IDENTIFIED)
    for cart in state.carts:
        _remember(state, abandonment.ended(cart, now, settings))
        m.count("history_skipped", abandonment.history(cart, now, start, settings))
        _emit(m, cart, abandonment.on_timer(cart, now, start, identified, settings))
    state.carts = [cart for cart in state.carts if not cart.idle]


def _remember(state: State, left: Iterable[int]) -> None:
    for at in left:
        state.left = remember(state.left, at)


def _emit(m: Moment, cart: Cart, steps: Iterable[Step]) -> None:
    for step in steps:
        m.emit(CART_ABANDONMENTS.role, trigger(m.user, cart, step, m.ctx.settings.currency))
        if step.kind == "triggered":
            m.ctx.effects.minutes[step.as_of // 60_000][3] += 1


def _described(cart: Cart) -> dict[str, Any]:
    contents, base = cart.basket.contents(), cart.basket.base
    return {
        "products": dict(sorted(contents.quantities.items())),
        "value": contents.value(),
        "pieces": contents.pieces,
        "products_cut": contents.cut.products,
        "operations": [[op.e, op.sign, op.product, op.quantity, op.price] for op in cart.basket.ops],
        "base": None if base is None else base.e,
        "armed": cart.armed,
        "successor": cart.successor,
        "spent": cart.spent,
        "open": [[g.anchor, g.at, g.suppressed, g.successor] for g in cart.open],
    }
