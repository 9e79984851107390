"""What the shop sells: eight categories of products, some of them far more wanted than others."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import msgspec
from msgspec import Raw

from kairos.simulate.draws import Draws

CATEGORIES = ("shirts", "bags", "drinkware", "office", "toys", "jackets", "electronics", "shoes")
BASE = (1200, 2200, 700, 400, 900, 3600, 3000, 4200)
"""Price of a category's cheapest product, in cents."""
PRODUCTS = 15
"""Products a category."""
DEAREST = 2.0
"""The dearest product of a category costs so many times more than the cheapest."""
POPULARITY = 1.7
"""How much a category's first products are wanted more than its last: index = n · u^POPULARITY."""


class Product(NamedTuple):
    """A product; `price` in cents, `properties` as a call about it alone carries them."""

    id: str
    category: str
    price: int
    properties: Raw


class Catalogue:
    """All products, priced in one currency.

    >>> Catalogue("USD").shelves["bags"][0].price
    2200
    """

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.shelves = {
            category: tuple(_product(category, base, number, currency) for number in range(PRODUCTS))
            for category, base in zip(CATEGORIES, BASE, strict=True)
        }

    def pick(self, category: str, draws: Draws) -> Product:
        """A product of the category."""
        shelf = self.shelves[category]
        return shelf[int(len(shelf) * draws.random() ** POPULARITY)]


def _product(category: str, base: int, number: int, currency: str) -> Product:
    price = round(base * (1 + DEAREST * number / PRODUCTS) / 10) * 10
    product = f"{category}-{number + 1:02}"
    properties = {"product_id": product, "category": category, "price": price / 100, "currency": currency}
    return Product(product, category, price, Raw(msgspec.json.encode(properties)))


@lru_cache
def category_page(category: str) -> Raw:
    """Properties of Product List Viewed."""
    return Raw(msgspec.json.encode({"list_id": f"list-{category}", "category": category}))


@lru_cache(maxsize=1024)
def search_page(query: str, results: int) -> Raw:
    """Properties of Products Searched."""
    return Raw(msgspec.json.encode({"query": query, "results_count": results}))


@lru_cache
def path(path: str) -> Raw:
    """Properties of a page call."""
    return Raw(msgspec.json.encode({"path": path}))
