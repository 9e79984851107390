"""A small shop, made up: the same seed sells the same things to the same people at the same times.

For `kairos demo`. Shoppers look around, fill carts, order or leave; some who left come back for their cart.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random
from typing import Any

import msgspec

from kairos.replay.row import Row
from kairos.times import stamp
from models.events import CART, CLICKSTREAM, ORDER
from models.settings import DAY, HOUR, MINUTE, SECOND

SHOPPERS = 600
VISITS_EVERY = 1.4 * DAY
ABSURD = 10**16
"""A quantity as one real export holds it: it becomes a dead letter."""

CATALOGUE = tuple(
    (f"{category}-{number}", category, price + number * 7.5)
    for category, price in (("shoes", 49.9), ("bags", 34.9), ("coats", 89.0), ("mugs", 9.9), ("lamps", 24.9))
    for number in range(1, 7)
)
"""Products: id, category, price."""

Line = tuple[str, str, float]


class Shop:
    """An endless stream of rows in time order from `start` (ms) on."""

    def __init__(self, start: int, seed: int = 7) -> None:
        self.random = Random(seed)
        self._queue: list[tuple[int, int, Row | str]] = []
        self._count = 0
        for number in range(1, SHOPPERS + 1):
            self._visit(start + self._span(VISITS_EVERY), f"shopper-{number:03}")

    def __iter__(self) -> Iterator[Row]:
        while True:
            at, _, what = heappop(self._queue)
            if isinstance(what, str):
                self._session(at, what)
                self._visit(at + HOUR + self._span(VISITS_EVERY), what)
            else:
                yield what

    def _span(self, mean: float) -> int:
        return 1 + round(self.random.expovariate(1 / mean))

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _visit(self, at: int, shopper: str) -> None:
        heappush(self._queue, (at, self._next(), shopper))

    def _say(self, at: int, shopper: str, role: int, event: str, **properties: Any) -> None:
        number = self._next()
        message = {
            "messageId": f"m-{number}",
            "type": "track",
            "event": event,
            "userId": shopper,
            "timestamp": stamp(at),
            "properties": properties,
        }
        heappush(self._queue, (at, number, (at, role, shopper.encode(), msgspec.json.encode(message))))

    def _session(self, at: int, shopper: str) -> None:
        """One visit: looks at things, perhaps fills a cart."""
        choose = self.random
        category = choose.choice(CATALOGUE)[1]
        liked = [line for line in CATALOGUE if line[1] == category]
        for _ in range(choose.randint(1, 6)):
            product, _, price = choose.choice(liked)
            self._say(at, shopper, CLICKSTREAM, "Product Viewed", product_id=product, category=category, price=price)
            at += self._span(40 * SECOND)
        if choose.random() < 0.45:
            self._cart(at, shopper, choose.sample(liked, choose.randint(1, 3)))

    def _cart(self, at: int, shopper: str, lines: list[Line]) -> None:
        choose = self.random
        for product, category, price in lines:
            quantity = ABSURD if choose.random() < 0.002 else choose.choice((1, 1, 1, 2))
            properties = {"product_id": product, "category": category, "price": price, "quantity": quantity}
            self._say(at, shopper, CART, "Product Added", **properties)
            at += self._span(50 * SECOND)
        if choose.random() < 0.4:
            self._say(at, shopper, CART, "Checkout Started")
            at += self._span(2 * MINUTE)
        fate = choose.random()
        if fate < 0.35:
            self._order(at, shopper, lines)
        elif fate < 0.65:
            self._order(at + 35 * MINUTE + self._span(90 * MINUTE), shopper, lines)

    def _order(self, at: int, shopper: str, lines: list[Line]) -> None:
        choose = self.random
        order = f"o-{self._next()}"
        products = [{"product_id": product, "price": price, "quantity": 1} for product, _, price in lines]
        revenue = round(sum(price for _, _, price in lines), 2)
        for _ in range(1 + (choose.random() < 0.2)):
            self._say(at, shopper, ORDER, "Order Completed", order_id=order, revenue=revenue, products=products)
            at += self._span(3 * SECOND)
        if choose.random() < 0.04:
            when = at + 6 * HOUR + self._span(DAY)
            self._say(when, shopper, ORDER, "Order Refunded", order_id=order, refund_id=f"r-{order}")
