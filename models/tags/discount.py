"""`discount_driven`: many of the orders were bought with a coupon or a discount."""

from __future__ import annotations

from models.order import DISCOUNTED
from models.orders import Book

LEAST, ENTER, STAY = 2, 0.50, 0.35


def counts(book: Book) -> tuple[int, int]:
    """Valid orders with a discount, and all valid ones."""
    d, n = (book.older.discounted, book.older.valid) if book.older is not None else (0, 0)
    for order in book.ring:
        if order.valid:
            n += 1
            d += bool(order.flags & DISCOUNTED)
    return d, n


def holds(held: bool, d: int, n: int) -> bool:
    """Whether `d` discounts among `n` orders make the tag, or keep it.

    >>> holds(False, 2, 4), holds(False, 2, 5), holds(True, 2, 5), holds(True, 2, 6)
    (True, False, True, False)
    """
    return d >= LEAST and d / n >= (STAY if held else ENTER)


def reason(d: int, n: int) -> str:
    """In words."""
    return f"{d} of {n} valid orders with a coupon or discount"
