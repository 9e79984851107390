"""Bounds of a shopper's carts: how many there are, and how many bytes they take as stored."""

from __future__ import annotations

from collections.abc import Iterable

from models.carts.basket import line_size
from models.carts.cart import Cart

CARTS = 8
BYTES = 5_000
"""Rough bound of a shopper's carts as stored. Beyond it operations are compacted, then products are kept as sums only,
of the largest cart first, then the oldest cart goes."""
LEFT = BYTES // (2 * CARTS)
"""Bytes of products that a cart keeps one by one at least."""


def size(carts: Iterable[Cart]) -> int:
    """About how many bytes carts take as stored."""
    total = 0
    for cart in carts:
        texts = [op.product + op.variant + op.sku for op in cart.basket.ops]
        total += 24 + len(cart.id.encode()) + 30 * len(texts) + len("".join(texts).encode())
        if (base := cart.basket.base) is not None:
            total += sum(map(line_size, base.lines)) + (len(base.cut.hashes) if base.cut else 0)
        for generation in cart.open:
            total += 34 + len(generation.products) + 10 * len(generation.told) // 2
    return total


def shrink(carts: list[Cart], latest: Cart) -> bool:
    """Make carts smaller, the largest first and `latest` before its equals, until they are within `BYTES`; whether
    they are."""
    for cart in sorted(carts, key=lambda c: (size([c]), c is latest), reverse=True):
        if cart.basket.ops:
            cart.basket.compact(len(cart.basket.ops))
        if cart.basket.base is not None and (excess := size(carts) - BYTES) > 0:
            base = cart.basket.base
            base.shrink(max(LEFT, sum(map(line_size, base.lines)) - excess - 4 * len(base.lines)))
        if size(carts) <= BYTES:
            return True
    return False


def oldest(carts: Iterable[Cart]) -> Cart:
    """The cart to give up: the one changed longest ago, but first one of which nothing was said that has no end yet."""
    return min(carts, key=lambda c: (any(not g.suppressed for g in c.open), c.basket.newest))
