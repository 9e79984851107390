"""The feature of carts: it listens to cart and order events, and lets time do the rest."""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec import to_builtins
from msgspec.structs import astuple

from models.carts.cart import Cart, CartSettings
from models.carts.cart_trigger import CART_ABANDONMENTS, cart_lines
from models.carts.dearest import TOP_CARTS, Dearest, offer
from models.carts.followed import Change, State, bought, check_out, on_timer, operate, withdraw
from models.carts.levels import Counted, counted, move
from models.kernel.events import Added, Amended, CartViewed, Ordered, Removed, Replaced
from models.kernel.feature import Feature, View
from models.kernel.moment import Moment


class Before(NamedTuple):
    """A shopper's carts before something happens: how many wait, which were left, what the shard counts of them."""

    waiting: int
    left: list[int]
    counted: list[Counted]


class Carts(Feature):
    """A fact and a rule: what is in the carts, and reminders of those that are left."""

    name = "carts"
    keeps = State
    listens = (Added, Removed, Replaced, CartViewed, Ordered, Amended)
    raises = ("carts", "carts_left")
    reads = ("carts", "consent_withdrawn")
    acting = True
    outputs = (CART_ABANDONMENTS,)
    settings = CartSettings
    counters = {  # noqa: RUF012
        "carts_closed": "Carts closed without a message",
        "cart_overflow": "Times a cart or a list of carts was full",
        "ops_too_old": "Cart changes older than what a cart remembers",
        "reminders_dropped": "Later reminders not sent, since nothing was left in the cart",
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
        "cart:<kind>": "Messages about carts; of those of the holdout not their ends",
        "cart:reminded": "Carts for which the first reminder went out",
        "held_out:<kind>": "Ends of carts of the holdout",
        "cart_value:<kind>": "What is in their carts, in minor units; at an end what was in it until then",
        "suppressed:<reason>": "Reminders that were not sent",
    }

    def fold(self, m: Moment, event: Change | CartViewed | Ordered | Amended) -> int:
        """A change of a cart, a checkout, or an order that closes carts."""
        if isinstance(event, CartViewed):
            if event.checkout and (state := m.own(self)) is not None:
                check_out(state, event, m.e)
            return 0
        order = isinstance(event, (Ordered, Amended))
        if order and not m.new_order:
            return 0
        state = m.ensure(self)
        before = _before(state)
        if isinstance(event, (Ordered, Amended)):
            bought(m, state, event)
        else:
            operate(m, state, event)
        return self._moved(m, state, before)

    def evaluate(self, m: Moment) -> int:
        """At its due, let the carts do what is due; where consent is withdrawn, take back. Returns the next due."""
        state = m.own(self)
        if state is None:
            return 0
        withdrawn = m.raised & self.signals["consent_withdrawn"]
        if m.timer or withdrawn:
            before = _before(state)
            (withdraw if withdrawn else on_timer)(m, state)
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


def _before(state: State) -> Before:
    return Before(state.waiting, state.left, counted(state.carts))


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
        "open": [[g.anchor, g.at, g.suppressed, g.successor, g.arm, list(g.said())] for g in cart.open],
        "checkout": cart.checkout,
    }
