"""Folding reports about orders into a buyer's book: first reports, updates, refunds, cancellations.

Half an order may come first: a refund or a cancellation waits in the ring for the report of its order.
"""

from __future__ import annotations

from hashlib import blake2b

from models.dedupe import known, remember
from models.effects import Context
from models.events import Amended, Cancelled, Event, Ordered, Refunded
from models.orders import AWAITED, CANCELLED, DISCOUNTED, RETURNED, RING, STATED, UNKNOWN, Book, Order
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
    order = book.find(key(event.order))
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
    book = _book(p)
    order = book.find(key(event.order))
    if order is None or order.flags & AWAITED:
        _first(ctx, book, order or Order(key(event.order), e), event, e)
        return True
    if event.amount is not None:
        _value(ctx, order, event)
    if event.discounted:
        order.flags |= DISCOUNTED
    return False


def _first(ctx: Context, book: Book, order: Order, event: Ordered | Amended, e: int) -> None:
    order.e = e
    order.flags &= ~AWAITED
    ctx.effects.counts["orders"] += 1
    ctx.effects.minutes[e // 60_000][1] += 1
    if event.amount is not None:
        _value(ctx, order, event)
    if event.discounted:
        order.flags |= DISCOUNTED
    _place(ctx, book, order)


def _value(ctx: Context, order: Order, event: Ordered | Amended) -> None:
    assert event.amount is not None
    gained = event.amount - order.value
    order.amount = event.amount
    order.flags = order.flags | STATED if event.stated else order.flags & ~STATED
    ctx.effects.counts[f"revenue:{ctx.settings.currency}"] += gained
    ctx.effects.minutes[order.e // 60_000][2] += gained


def refund(ctx: Context, user: str, p: Profile, event: Refunded, e: int) -> None:
    """Fold a refund at `e` that is no repeat; it waits in the ring where its order is not known yet."""
    ctx.effects.changed.add(user)
    book = _book(p)
    book.refunds = remember(book.refunds, key(event.refund), RING, KEY)
    if not event.order:
        book.loose += event.amount or 0
        return
    order = _known(ctx, book, event.order, e)
    if event.amount is None:
        order.flags |= RETURNED
    else:
        order.refunded += event.amount


def cancel(ctx: Context, user: str, p: Profile, event: Cancelled, e: int) -> None:
    """Fold a cancellation at `e`; it waits in the ring where its order is not known yet."""
    ctx.effects.changed.add(user)
    _known(ctx, _book(p), event.order, e).flags |= CANCELLED


def _known(ctx: Context, book: Book, name: str, e: int) -> Order:
    order = book.find(key(name))
    if order is None:
        order = Order(key(name), e, flags=AWAITED)
        _place(ctx, book, order)
    return order


def _place(ctx: Context, book: Book, order: Order) -> None:
    if book.place(order, ctx.settings.half_life, ctx.settings.fading):
        ctx.effects.counts["dedupe_overflow"] += 1


def _book(p: Profile) -> Book:
    if p.buyer is None:
        p.buyer = Buyer(Book())
    return p.buyer.book
