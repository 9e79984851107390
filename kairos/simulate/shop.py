"""The shop: an endless stream of rows in the order of their delivery; the same settings give the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random
from typing import Any

import msgspec

from kairos.replay.row import Row
from kairos.simulate.settings import ShopSettings
from kairos.times import stamp
from models.events import CART, CLICKSTREAM, ORDER
from models.settings import DAY, HOUR, MINUTE, SECOND

__all__ = ["Shop", "ShopSettings"]

VISITS_EVERY = 12 * DAY
"""How long a shopper stays away, in the mean."""

CATALOGUE = tuple(
    (f"{category}-{number}", category, price + number * 7.5)
    for category, price in (("shoes", 49.9), ("bags", 34.9), ("coats", 89.0), ("mugs", 9.9), ("lamps", 24.9))
    for number in range(1, 7)
)
"""Products: id, category, price."""

Line = tuple[str, str, float]


class Shop:
    """An endless stream of rows (or one until `settings.end`), in the order of their delivery."""

    def __init__(self, settings: ShopSettings) -> None:
        self.settings = settings
        self.random = Random(settings.seed)
        self._queue: list[tuple[int, int, Row | str | None]] = []
        self._count = 0
        self._shoppers = 0
        self._push(settings.start, None)

    def __iter__(self) -> Iterator[Row]:
        end = self.settings.end
        while True:
            at, _, what = heappop(self._queue)
            if end is not None and at >= end:
                return
            if isinstance(what, tuple):
                yield what
            elif what is None:
                self._push(at + self._span(self.settings.within / self.settings.shoppers), None)
                self._shoppers += 1
                self._visit(at, f"shopper-{self._shoppers:03}")
            else:
                self._visit(at, what)

    def _push(self, at: int, what: Row | str | None) -> None:
        """Let a row, a shopper's next visit or the next stranger come at this time; ties in the order of pushing."""
        self._count += 1
        heappush(self._queue, (at, self._count, what))

    def _span(self, mean: float) -> int:
        return 1 + round(self.random.expovariate(1 / mean))

    def _visit(self, at: int, shopper: str) -> None:
        self._session(at, shopper)
        self._push(at + HOUR + self._span(VISITS_EVERY), shopper)

    def _say(self, at: int, shopper: str, role: int, event: str, **properties: Any) -> None:
        message = {
            "messageId": f"m-{self._count + 1}",
            "type": "track",
            "event": event,
            "userId": shopper,
            "timestamp": stamp(at),
            "properties": properties,
        }
        self._push(at, (at, role, shopper.encode(), msgspec.json.encode(message)))

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
            properties = {"product_id": product, "category": category, "price": price, "quantity": 1}
            self._say(at, shopper, CART, "Product Added", **properties)
            at += self._span(50 * SECOND)
        fate = choose.random()
        if fate < 0.35:
            self._order(at, shopper, lines)
        elif fate < 0.65:
            self._order(at + 35 * MINUTE + self._span(90 * MINUTE), shopper, lines)

    def _order(self, at: int, shopper: str, lines: list[Line]) -> None:
        order = f"o-{self._count + 1}"
        products = [{"product_id": product, "price": price, "quantity": 1} for product, _, price in lines]
        revenue = round(sum(price for _, _, price in lines), 2)
        self._say(at, shopper, ORDER, "Order Completed", order_id=order, revenue=revenue, products=products)
