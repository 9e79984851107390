"""The input: a shop's events by the data contract, seeded, so that every worker of every run gets the same ones.

Made for a few questions, not for realism: 85 % clicks, 10 % cart, 5 % orders, about 350 bytes each, shoppers of very
unequal zeal, time that passes evenly.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate
from random import Random

from kairos.replay.row import Row, Rows
from kairos.terminal.times import stamp
from models.features import ShopSettings
from models.kernel.events import CART, CLICKSTREAM, ORDER
from models.kernel.settings import DAY

SHOPPERS = 20_000
SPAN = 90 * DAY
END = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp() * 1000)
"""Where event time ends (ms): before anybody runs this, or the worker would clamp it."""

CATEGORIES = ("shoes", "shirts", "bags", "audio", "tea", "beauty", "toys", "books", "sports", "home", "garden", "food")
CLICKS = ("Product Viewed", "Product Clicked", "Product List Viewed", "Page Viewed")
SHOP = ShopSettings(currency="CNY")
CHUNK = 10_000

MESSAGE = (
    '{"messageId":"m-%08d","type":"track","event":"%s","userId":"%s","anonymousId":"a-%s","timestamp":"%s",'
    '"context":{"timezone":"Asia/Shanghai","locale":"zh-CN"},"properties":{%s}}'
)
PROPERTIES = '"cart_id":"c-%s","product_id":"p%05d","category":"%s","price":%s,"quantity":%d,"currency":"CNY"%s'


class Stream:
    """Rows in the order of event time, as `kairos.replay` takes them.

    Parameters
    ----------
    events
        How many. They always span 90 days.
    seed
        Of all choices.
    end
        When they end (ms).

    Examples
    --------
    >>> rows = next(iter(Stream(3)))
    >>> [(row[0] - rows[0][0]) // DAY for row in rows], rows[0][2][:1]
    ([0, 30, 60], b'u')
    """

    def __init__(self, events: int, seed: int = 7, end: int = END) -> None:
        self._events = events
        self._seed = seed
        self._end = end

    def __len__(self) -> int:
        return self._events

    def __iter__(self) -> Iterator[Rows]:
        random = Random(self._seed)
        users = [f"u{i}" for i in range(SHOPPERS)]
        zeal = list(accumulate(1.0 / (rank + 10) ** 0.8 for rank in range(SHOPPERS)))
        for start in range(0, self._events, CHUNK):
            count = min(CHUNK, self._events - start)
            chosen = random.choices(users, cum_weights=zeal, k=count)
            yield [self._row(random, start + i, user) for i, user in enumerate(chosen)]

    def _row(self, random: Random, number: int, user: str) -> Row:
        e = self._end - SPAN + SPAN * number // self._events
        return row(random, number, e, user, choose(random))

    def looks(self) -> float:
        """How many daily tables a buyer looks at, an event: one a day from the first order on."""
        first: dict[bytes | None, int] = {}
        for rows in self:
            for e, role, key, _ in rows:
                if role == ORDER and e is not None:
                    first.setdefault(key, e)
        return sum((self._end - e) // DAY for e in first.values()) / self._events


def choose(random: Random) -> int:
    """A role by its share."""
    x = random.random()
    return CLICKSTREAM if x < 0.85 else CART if x < 0.95 else ORDER


def row(random: Random, number: int, e: int, user: str, role: int) -> Row:
    """One event of about 340 bytes."""
    if role == CLICKSTREAM:
        name, extra = random.choice(CLICKS), f',"position":{random.randrange(40)}'
    elif role == CART:
        name, extra = "Product Added" if random.random() < 0.75 else "Product Removed", ""
    else:
        revenue = random.randrange(500, 60_000) / 100
        name, extra = "Order Completed", f',"order_id":"o-{number:08d}","revenue":{revenue}'
    price, category = random.randrange(100, 30_000) / 100, CATEGORIES[int(random.random() ** 2 * len(CATEGORIES))]
    body = PROPERTIES % (user, random.randrange(20_000), category, price, random.randint(1, 3), extra)
    return e, role, user.encode(), (MESSAGE % (number, name, user, user, stamp(e), body)).encode()
