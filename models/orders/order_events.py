"""Order events, folded into a buyer's order history: first reports, updates, refunds, cancellations.

Half an order may come first: a refund or a cancellation waits for the report of its order.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from models.kernel.events import Amended, Cancelled, Ordered, Refunded
from models.kernel.feature import Feature, View
from models.kernel.moment import Moment
from models.kernel.recent_ids import known, remember
from models.kernel.settings import DAY
from models.learners.exponentially_weighted import EWStatistics
from models.orders.buying import Buying
from models.orders.discount_share import DISCOUNTED_ORDERS, FULL_PRICE_ORDERS
from models.orders.history import RING, OrderHistory, OrderSummary
from models.orders.order import AWAITED, CANCELLED, DISCOUNTED, RETURNED, STATED, UNKNOWN, Order

KEY = 8
"""Bytes of an order's or a refund's hash."""
Report = Ordered | Amended


class Orders(Feature):
    """A fact: what a buyer ordered, kept and sent back."""

    name = "orders"
    keeps = OrderHistory
    listens = (Ordered, Amended, Refunded, Cancelled)
    raises = ("orders",)
    counters = {  # noqa: RUF012
        "orders": "Distinct orders",
        DISCOUNTED_ORDERS: "Distinct orders of which a report names a coupon or discount",
        FULL_PRICE_ORDERS: "Distinct orders of which none does",
        "order_conflict": "Later reports of an order that state another amount",
        "refunds_unmatched": "Refunds and cancellations whose order never came, or is too long ago to be known",
    }

    def is_duplicate(self, m: Moment, event: Report | Refunded | Cancelled) -> bool | None:
        """Whether a first report of an order, or a refund, is known already and says nothing new.

        A later report that states another amount than the stated first one counts as `order_conflict`. A report of an
        order of unknown value that brings its amount is not a repeat. Of updates and cancellations the message's id
        tells, unless the record was rejected.
        """
        assert m.record is not None
        if m.record.rejected is None and not isinstance(event, (Ordered, Refunded)):
            return None
        history = m.own(self)
        if history is None:
            return False
        if isinstance(event, Refunded):
            return known(history.refunds, refund_key(event, m.e), KEY)
        if isinstance(event, Cancelled):
            return False
        if event.order and history.find(unnamed(m)) is not None:
            return False  # the order it was, of which the id could not be read, has a name now
        order = history.known(order_key(m, event))
        if order is None or order.flags & AWAITED:
            return False
        if event.amount is not None and (order.amount == UNKNOWN or isinstance(event, Amended)):
            return False
        if event.stated and order.flags & STATED and event.amount not in (None, order.amount):
            m.count("order_conflict")
        return True

    def fold(self, m: Moment, event: Report | Refunded | Cancelled) -> int:
        """Apply an order event to the history."""
        history = m.ensure(self)
        match event:
            case Ordered() | Amended():
                _report(m, history, event)
            case Refunded():
                _refund(m, history, event)
            case Cancelled():
                _change(m, history, event.order, _cancel)
        m.changed()
        return self.signals["orders"]

    def shown(self, state: OrderHistory | None) -> bool:
        """Buyers have a public hash."""
        return state is not None

    def describe(self, state: OrderHistory | None, view: View) -> dict[str, Any]:
        """Sums and statistics of all orders, and the newest one by one."""
        if state is None:
            return {}
        settings = view.settings
        s, values = state.summary(settings.half_life, settings.fading), state.values(settings.fading)
        gap = EWStatistics.load(state.gaps(settings.fading).logs, settings.fading)
        basket = EWStatistics.load(values.logs, settings.fading)
        score, apart = values.score()
        return {
            "buyer": {
                "orders": s.orders,
                "valid": s.valid,
                "gross": s.gross,
                "net": s.net,
                "last": s.last,
                "frequency": s.frequency,
                "monetary": s.monetary,
                "occasions": s.gaps.occasions,
                "gap_days": s.gaps.mean,
                "gap_variance": s.gaps.variance,
                "log_gap": gap.predict_one(),
                "log_gap_variance": gap.variance,
                "log_basket": basket.predict_one(),
                "log_basket_variance": basket.variance,
                "basket_score": score,
                "basket_apart": apart,
                "ring": [[o.hash, o.e, o.amount, o.refunded, o.flags] for o in state.ring],
            }
        }


def summary(m: Moment) -> OrderSummary | None:
    """What the shopper's orders add up to; None: no buyer."""
    history = m.state("orders")
    return None if history is None else history.summary(m.ctx.settings.half_life, m.ctx.settings.fading)


def buying(m: Moment) -> Buying | None:
    """How the shopper buys, occasion by occasion; None: no buyer."""
    history = m.state("orders")
    return None if history is None else history.buying()


def key(name: str) -> int:
    """64-bit hash of an order's or a refund's id."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")


def order_key(m: Moment, event: Report) -> int:
    """The hash of an order; of one whose id could not be read, of the message that reported it."""
    return key(event.order) if event.order else unnamed(m)


def unnamed(m: Moment) -> int:
    """The hash of an order that is known by the message alone."""
    assert m.record is not None
    return key(f"message {m.record.message}")


def refund_key(event: Refunded, e: int) -> int:
    """The hash of a refund at `e` (ms): of its id, else of its order, amount and day (UTC).

    >>> whole = Refunded("", "o-1", None)
    >>> refund_key(whole, 0) == refund_key(whole, DAY - 1) != refund_key(whole, DAY)
    True
    """
    return key(event.refund or f"{event.order} {event.amount} {e // DAY}")


def _report(m: Moment, history: OrderHistory, event: Report) -> None:
    """A report of an order that is no repeat."""
    e, settings = m.e, m.ctx.settings
    if event.order and (nameless := history.find(unnamed(m))) is not None and _name(m, history, nameless, event):
        return
    order = history.known(order_key(m, event))
    if order is not None and not order.flags & AWAITED:
        history.change(order.hash, lambda order: _apply_report(m, order, event), settings.half_life)
        return
    order = order or Order(order_key(m, event), e)
    order.e = e
    order.flags &= ~AWAITED
    m.new_order = True
    m.count("orders")
    m.count(_kind(order))
    m.ctx.effects.minute("orders", e)
    _apply_report(m, order, event)
    m.count("dedupe_overflow", history.place(order, settings.half_life, settings.fading))


def _name(m: Moment, history: OrderHistory, nameless: Order, event: Report) -> bool:
    """The order known by this message alone is the one that `event` names.

    True if that one was reported too, so that it counts once from now on, and the event says nothing new of it.
    """
    order = history.known(key(event.order))
    if order is not None and not order.flags & AWAITED:
        history.ring.remove(nameless)
        m.count("orders", -1)
        m.count(_kind(nameless), -1)
        m.ctx.effects.minute("orders", nameless.e, -1)
        return isinstance(event, Ordered) and order.amount != UNKNOWN
    nameless.hash = key(event.order)
    if order is not None:  # it was refunded or cancelled before it had a name
        nameless.refunded, nameless.flags = order.refunded, nameless.flags | order.flags & ~AWAITED
        history.ring.remove(order)
    return False


def _apply_report(m: Moment, order: Order, event: Report) -> None:
    """Write what a report states of its order: amount, discount and pieces."""
    if event.amount is not None:
        _set_amount(m, order, event)
    if event.discounted and not order.flags & DISCOUNTED:
        m.count(_kind(order), -1)
        order.flags |= DISCOUNTED
        m.count(_kind(order))
    order.items = order.items or sum(line.quantity for line in event.lines)


def _kind(order: Order) -> str:
    """The counter of an order, by what was reported of it so far; that of a cancelled one too."""
    return DISCOUNTED_ORDERS if order.flags & DISCOUNTED else FULL_PRICE_ORDERS


def _set_amount(m: Moment, order: Order, event: Report) -> None:
    """Set an order's amount, and count what the shop's revenue gains by it."""
    assert event.amount is not None
    gained = event.amount - order.value
    order.amount = event.amount
    order.flags = order.flags | STATED if event.stated else order.flags & ~STATED
    m.count(f"revenue:{m.ctx.settings.currency}", gained)
    m.ctx.effects.minute("revenue", order.e, gained)


def _refund(m: Moment, history: OrderHistory, event: Refunded) -> None:
    """A refund that is no repeat; it waits where its order is not known yet.

    An order that is not known may also be too long ago, if the buyer had more orders than are known one by one. Then an
    amount lowers net at once.
    """
    history.refunds = remember(history.refunds, refund_key(event, m.e), RING, KEY)
    if not event.order:
        history.loose += event.amount or 0
    elif event.amount and not history.complete and history.known(key(event.order)) is None:
        history.loose += event.amount
    else:
        _change(m, history, event.order, lambda order: _add_refund(order, event.amount))


def _add_refund(order: Order, amount: int | None) -> None:
    """Add an amount refunded (minor units) to an order; None: all of it was sent back."""
    if amount is None:
        order.flags |= RETURNED
    else:
        order.refunded += amount


def _cancel(order: Order) -> None:
    order.flags |= CANCELLED


def _change(m: Moment, history: OrderHistory, name: str, change: Callable[[Order], None]) -> None:
    """Change an order, or one that is still to be reported."""
    if not history.change(key(name), change, m.ctx.settings.half_life):
        order = Order(key(name), m.e, flags=AWAITED)
        change(order)
        m.count("refunds_unmatched", history.wait(order))
