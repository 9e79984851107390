"""`refund_prone`: something of many of the orders was refunded."""

from __future__ import annotations

from models.orders import Book

LEAST, ENTER, STAY = 2, 1 / 3, 0.2


def counts(book: Book) -> tuple[int, int]:
    """Orders with a refund, and all that were reported and not cancelled."""
    r, n = (book.older.touched, book.older.kept) if book.older is not None else (0, 0)
    for order in book.ring:
        if order.kept:
            n += 1
            r += order.touched
    return r, n


def holds(held: bool, r: int, n: int) -> bool:
    """Whether `r` refunded ones among `n` orders make the tag, or keep it.

    >>> holds(False, 2, 6), holds(False, 2, 7), holds(True, 2, 10), holds(True, 2, 11)
    (True, False, True, False)
    """
    return r >= LEAST and r / n >= (STAY if held else ENTER)


def reason(r: int, n: int) -> str:
    """In words."""
    return f"something of {r} of {n} orders refunded"
