"""What names what: a line of a cart, a removal and a line of an order each state some of product, variant and sku."""

from __future__ import annotations

from typing import TypeVar
from zlib import crc32

from models.kernel.events import Line
from models.kernel.recent_ids import WIDTH

Parts = tuple[str, str, str]
"""Product, variant and sku; "" is not stated. A cart has one line of each."""

Hashed = tuple[int, int, int]
"""The same as 32-bit hashes; 0 is not stated."""

Named = TypeVar("Named", Parts, Hashed)


def parts(line: Line) -> Parts:
    """What a line states of its product."""
    return line.product, line.variant, line.sku


def hashed(stated: Parts) -> Hashed:
    """Hashes of what is stated.

    >>> hashed(("p1", "", "p1"))
    (1060662067, 0, 1060662067)
    """
    product, variant, sku = stated
    return crc32(product.encode()), crc32(variant.encode()), crc32(sku.encode())


def names(one: Named, other: Named) -> int:
    """In how many parts two that can mean the same are equal: 0 if in none, or if a part that both state differs.

    A product that is known by its sku states no product of its own, so that it differs from none.

    >>> line = ("p1", "red", "s1")
    >>> [names(stated, line) for stated in (("p1", "", ""), ("s1", "", "s1"), ("p1", "blue", ""), ("p2", "red", ""))]
    [1, 1, 0, 0]
    """
    (product, variant, sku), (product_2, variant_2, sku_2) = one, other
    if (variant and variant_2 and variant != variant_2) or (sku and sku_2 and sku != sku_2):
        return 0
    if product and product_2 and product not in (product_2, sku) and product_2 != sku_2:
        return 0
    return bool(product and product == product_2) + bool(variant and variant == variant_2) + bool(sku and sku == sku_2)


def word(text: str) -> bytes:
    """Four bytes that stand for a product's id, a sku or a cart's id."""
    return crc32(text.encode()).to_bytes(WIDTH, "big")
