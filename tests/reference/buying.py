"""How a buyer buys: how much, with discounts, with refunds, once."""

from __future__ import annotations

from models.features import ShopSettings
from tests.reference.orders import Book, when
from tests.reference.rfm import m_score


def value(book: Book, settings: ShopSettings) -> str | None:
    """The value tier; None for somebody without a valid order."""
    if not book.valid:
        return None
    score = m_score(book.decayed(settings.half_life)[1])
    return {1: "low", 2: "low", 3: "medium", 4: "medium", 5: "high"}[score]


def discount_driven(book: Book, held: bool) -> bool:
    """Half of the valid orders with something taken off, two at least; not again before it is less than 35 of 100."""
    some, every = sum(o.discounted for o in book.valid), len(book.valid)
    return some >= 2 and (100 * some >= 35 * every if held else 2 * some >= every)


def refund_prone(book: Book, held: bool) -> bool:
    """A third of the orders refunded in part or whole, two at least; not again before it is less than a fifth."""
    orders = [o for o in book.reported if not o.cancelled]
    some, every = sum(o.refunded > 0 or None in o.claims for o in orders), len(orders)
    return some >= 2 and (5 * some >= every if held else 3 * some >= every)


def second_order(book: Book, settings: ShopSettings) -> tuple[int, int] | None:
    """From when until when a second order is due (ms); None unless there is exactly one."""
    if len(book.valid) != 1:
        return None
    last = when(book.valid[0])
    return last + settings.second_order_after, last + settings.second_order_until
