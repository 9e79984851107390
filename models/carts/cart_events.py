"""Cart and order events, folded into a shopper's carts; and the messages about each generation (`CartTrigger`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from msgspec import Struct, field, to_builtins
from msgspec.structs import astuple

from models.carts import abandonment
from models.carts.abandoner import remember as remember_left
from models.carts.abandonment import Cart, CartSettings, Step
from models.carts.basket import ADD, REMOVE, operations
from models.carts.bounds import BYTES, CARTS, oldest, shrink, size
from models.carts.cart_trigger import CART_ABANDONMENTS, cart_lines, trigger
from models.carts.dearest import TOP_CARTS, Dearest, offer
from models.carts.echo import Receipt, left, receipt, remember
from models.carts.levels import Counted, counted, move
from models.carts.recovery import answered
from models.kernel.events import Added, Amended, Line, Ordered, Removed, Replaced
from models.kernel.feature import Feature, View
from models.kernel.moment import Moment
from models.kernel.shopper import IDENTIFIED

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


class Before(NamedTuple):
    """A shopper's carts before something happens: how many wait, which were left, what the shard counts of them."""

    waiting: int
    left: list[int]
    counted: list[Counted]


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
    lists = {TOP_CARTS: Dearest}  # noqa: RUF012
    levels = {  # noqa: RUF012
        "carts": "Carts of which something is still to come",
        "carts_value": "What is in these carts, in minor units",
        "carts_reminded": "Those of them that a reminder went out for and that have no end yet",
        "carts_reminded_value": "What is in the reminded carts, in minor units",
    }
    hourly = {  # noqa: RUF012
        "carts": "Change of the number of open carts",
        "carts_at": "Carts that are open now and changed last in this hour",
        "cart:<kind>": "Messages about carts",
        "cart_value:<kind>": "What is in their carts, in minor units; at an end what was in it until then",
        "suppressed:<reason>": "Reminders that were not sent",
    }

    def fold(self, m: Moment, event: Change | Ordered | Amended) -> int:
        """A change of a cart, or an order that closes carts."""
        order = isinstance(event, (Ordered, Amended))
        if order and not m.new_order:
            return 0
        state = m.ensure(self)
        before = Before(state.waiting, state.left, counted(state.carts))
        if isinstance(event, (Ordered, Amended)):
            bought(m, state, event)
        else:
            operate(m, state, event)
        return self._moved(m, state, before)

    def evaluate(self, m: Moment) -> int:
        """At its due, let the carts do what is due. Answers with the next."""
        state = m.own(self)
        if state is None:
            return 0
        if m.timer:
            before = Before(state.waiting, state.left, counted(state.carts))
            on_timer(m, state)
            m.raised |= self._moved(m, state, before) & ~self.signals["carts"]
        return min([due for cart in state.carts if (due := cart.due(m.ctx.settings))], default=0)

    def _moved(self, m: Moment, state: State, before: Before) -> int:
        _count(m, state.waiting - before.waiting)
        move(m, before.counted, counted(state.carts))
        offer(m, state.carts, [cart.cart for cart in before.counted])
        m.show()
        return self.signals["carts"] | (self.signals["carts_left"] if state.left != before.left else 0)

    def forget(self, m: Moment, reason: str) -> None:
        """Nothing is waited for any more."""
        if (state := m.own(self)) is not None:
            _count(m, -state.waiting)
            move(m, there := counted(state.carts), [])
            offer(m, [], [cart.cart for cart in there])

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
    armed = cart.armed
    if not _take(cart, event, lines, m):
        base = cart.basket.base
        m.count("ops_too_old", base is not None and not base.snapshot)
        return
    _bound(m, state, cart)
    _emit(m, cart, abandonment.rearm(cart, e, m.now, settings))
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
    _emit(m, cart, abandonment.give_up(cart, m.now))
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
        _remember(state, abandonment.missed(cart, e, settings))
        _emit(m, cart, abandonment.on_order(cart, e, m.now, recovery, settings))
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
        state.left = remember_left(state.left, at)


def _emit(m: Moment, cart: Cart, steps: Iterable[Step]) -> None:
    effects = m.ctx.effects
    for step in steps:
        message = trigger(m.user, cart, step, m.ctx.settings.currency)
        m.emit(CART_ABANDONMENTS.role, message)
        effects.hour(f"cart:{step.kind}", step.as_of)
        effects.hour(f"cart_value:{step.kind}", step.as_of, message.value if step.contents else max(cart.value, 0))
        if step.kind == "triggered":
            effects.minute("triggers", step.as_of)
        elif step.kind == "suppressed":
            effects.hour(f"suppressed:{step.reason}", step.as_of)


def _count(m: Moment, carts: int) -> None:
    """Count so many more carts."""
    if carts:
        m.count("carts", carts)
        m.ctx.effects.hour("carts", m.now, carts)


def _described(cart: Cart) -> dict[str, Any]:
    contents, base = cart.basket.contents(), cart.basket.base
    return {
        "products": to_builtins(cart_lines(contents)),
        "value": contents.value(),
        "pieces": contents.pieces,
        "products_cut": contents.cut.products,
        "operations": [list(astuple(op)[:1] + astuple(op)[2:]) for op in cart.basket.ops],
        "base": None if base is None else base.e,
        "armed": cart.armed,
        "successor": cart.successor,
        "spent": cart.spent,
        "open": [[g.anchor, g.at, g.suppressed, g.successor] for g in cart.open],
    }
