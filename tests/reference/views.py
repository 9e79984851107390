"""Hesitating: the same product looked at again and again, and never put into a cart."""

from __future__ import annotations

from zlib import crc32

from models.kernel.events import Added, Amended, Browsed, Ordered, Replaced
from models.kernel.settings import DAY
from tests.reference.history import Own

KEPT, MOST, OFTEN, MEMORY = 4, 100, 3, 7 * DAY


class Views:
    """Products looked at since the last act: (hash, how often), the least recently viewed first."""

    def __init__(self) -> None:
        self.products: list[tuple[int, int]] = []
        self.looked = 0

    def clear(self) -> None:
        self.products, self.looked = [], 0

    def look(self, product: str, e: int) -> None:
        if e - self.looked > MEMORY:
            self.products = []
        hashed = crc32(product.encode())
        before = dict(self.products).get(hashed, 0)
        others = [(other, n) for other, n in self.products if other != hashed]
        self.products = [*others, (hashed, min(before + 1, MOST))][-KEPT:]
        self.looked = max(self.looked, e)


def views(history: list[Own]) -> Views:
    """What was looked at, from the whole history."""
    result, orders = Views(), set[str]()
    for own in history:
        match own.event:
            case Added():
                result.clear()
            case Replaced(lines=lines) if lines:
                result.clear()
            case Ordered(order=order) | Amended(order=order) if order not in orders:
                orders.add(order)
                result.clear()
            case Browsed(product=product) if product:
                result.look(product, own.e)
    return result


def over_at(history: list[Own]) -> int | None:
    """When hesitating is over; None for somebody who looked at nothing often enough."""
    seen = views(history)
    return seen.looked + MEMORY if any(n >= OFTEN for _, n in seen.products) else None
