"""`unusual_order`: the newest order is far larger or smaller than the shopper's own before it."""

from __future__ import annotations

from math import exp, log

from models.baskets import GRACE, Baskets
from models.orders import Book
from models.settings import DAY

LASTS = 30 * DAY
SCORE = 0.99
FACTOR = log(2)
"""Beside the score: at least twice, or at most half, of the usual amount."""


def few(book: Book) -> bool:
    """Too few orders for any to be unusual."""
    return book.older is None and len(book.ring) <= GRACE


def holds(baskets: Baskets, now: int) -> float:
    """The score of the newest order if it is unusual at `now` (ms), else 0."""
    if now >= baskets.e + LASTS:
        return 0.0
    score, apart = baskets.score()
    return score if score >= SCORE and abs(apart) >= FACTOR else 0.0


def due(baskets: Baskets) -> int:
    """When an unusual order ceases to be one (ms)."""
    return baskets.e + LASTS


def reason(baskets: Baskets) -> str:
    """In words."""
    score, apart = baskets.score()
    return f"the newest order is {exp(apart):.2g} times the usual one, score {score:.4f}"
