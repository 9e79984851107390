"""Folding reports about orders into a buyer's book: first reports, updates, refunds, cancellations.

Half an order may come first: a refund or a cancellation waits for the report of its order.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

from models.dedupe import known, remember
from models.effects import Context
from models.events import Amended, Cancelled, Event, Ordered, Refunded
from models.order import AWAITED, CANCELLED, DISCOUNTED, RETURNED, STATED, UNKNOWN, Order
from models.orders import RING, Book
from models.profile import Buyer, Profile

KEY = 8
"""Bytes of an order's or a refund's hash."""


def key(name: str) -> int:
    """64-bit hash of an order's or a refund's id."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")


def repeated(ctx: Context, p: Profile, event: Event) -> bool:
    """Whether a first report of an order, or a refund, is known already and says nothing new.

    A later report that states another amount than the stated first one counts as `order_conflict`. A report of an
    order of unknown value that brings its amount is not a repeat.
    """
    book = p.buyer.book if p.buyer is not None else None
    if book is None:
        return False
    if isinstance(event, Refunded):
        return known(book.refunds, key(event.refund), KEY)
    if not isinstance(event, (Ordered, Amended)):
        return False
    order = book.known(key(event.order))
    if order is None or order.flags & AWAITED:
        return False
    if event.amount is not None and (order.amount == UNKNOWN or isinstance(event, Amended)):
        return False
    if event.stated and order.flags & STATED and event.amount not in (None, order.amount):
        ctx.effects.counts["order_conflict"] += 1
    return True


def report(ctx: Context, user: str, p: Profile, event: Ordered | Amended, e: int) -> bool:
    """Fold a report of an order at `e` that is no repeat. True if it is the order's first report."""
    ctx.effects.changed.add(user)
    book, settings = _book(p), ctx.settings
    order = book.known(key(event.order))
    if order is not None and not order.flags & AWAITED:
        book.change(order.hash, lambda order: _told(ctx, order, event), settings.half_life)
        return False
    order = order or Order(key(event.order), e)
    order.e = e
    order.flags &= ~AWAITED
    ctx.effects.counts["orders"] += 1
    ctx.effects.minutes[e // 60_000][1] += 1
    _told(ctx, order, event)
    ctx.effects.counts["dedupe_overflow"] += book.place(order, settings.half_life, settings.fading)
    return True


def _told(ctx: Context, order: Order, event: Ordered | Amended) -> None:
    """What a report says of its order."""
    if event.amount is not None:
        _value(ctx, order, event)
    if event.discounted:
        order.flags |= DISCOUNTED


def _value(ctx: Context, order: Order, event: Ordered | Amended) -> None:
    assert event.amount is not None
    gained = event.amount - order.value
    order.amount = event.amount
    order.flags = order.flags | STATED if event.stated else order.flags & ~STATED
    ctx.effects.counts[f"revenue:{ctx.settings.currency}"] += gained
    ctx.effects.minutes[order.e // 60_000][2] += gained


def refund(ctx: Context, user: str, p: Profile, event: Refunded, e: int) -> None:
    """Fold a refund at `e` that is no repeat; it waits where its order is not known yet.

    An order that is not known may also be too long ago, if the buyer had more orders than are known one by one. Then an
    amount lowers net at once.
    """
    ctx.effects.changed.add(user)
    book = _book(p)
    book.refunds = remember(book.refunds, key(event.refund), RING, KEY)
    if not event.order:
        book.loose += event.amount or 0
    elif event.amount and not book.complete and book.known(key(event.order)) is None:
        book.loose += event.amount
    else:
        _change(ctx, book, event.order, e, lambda order: _refund(order, event.amount))


def _refund(order: Order, amount: int | None) -> None:
    if amount is None:
        order.flags |= RETURNED
    else:
        order.refunded += amount


def cancel(ctx: Context, user: str, p: Profile, event: Cancelled, e: int) -> None:
    """Fold a cancellation at `e`; it waits where its order is not known yet."""
    ctx.effects.changed.add(user)
    _change(ctx, _book(p), event.order, e, _cancel)


def _cancel(order: Order) -> None:
    order.flags |= CANCELLED


def _change(ctx: Context, book: Book, name: str, e: int, change: Callable[[Order], None]) -> None:
    """Change an order, or one that is still to be reported."""
    if not book.change(key(name), change, ctx.settings.half_life):
        order = Order(key(name), e, flags=AWAITED)
        change(order)
        ctx.effects.counts["refunds_unmatched"] += book.wait(order)


def _book(p: Profile) -> Book:
    if p.buyer is None:
        p.buyer = Buyer(Book())
    return p.buyer.book
