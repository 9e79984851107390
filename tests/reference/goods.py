"""Goods of random shops, and the ways to name them."""

from __future__ import annotations

from random import Random
from typing import Any

PRODUCTS = ("p1", "p2", "pŕ3")
SKUS = {"p1": "s1", "p2": "p2", "pŕ3": "s3"}
VARIANTS = (None, None, None, "red", "blue")

Named = dict[str, Any]


def named(rng: Random) -> Named:
    """A product by its id, its sku or both, now and then with its variant."""
    product, variant = rng.choice(PRODUCTS), rng.choice(VARIANTS)
    both = {"product_id": product, "sku": SKUS[product]}
    known_by = rng.choice([{"product_id": product}] * 3 + [both, {"sku": SKUS[product]}])
    return known_by | ({"variant": variant} if variant else {})


def some(rng: Random, most: int) -> list[Named]:
    """Up to so many of them, often none."""
    return [named(rng) for _ in range(rng.choice([0, *range(most + 1)]))]
