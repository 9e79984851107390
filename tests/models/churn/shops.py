"""Shops for tests of the churn model: simulated sales, and a fold of all shoppers that makes a model every day."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np

from models.churn.alert_message import ChurnAlert
from models.churn.computing import computed
from models.churn.counts import Counts
from models.churn.model import NAME, Model
from models.features import SHOPPERS, ShopSettings
from models.kernel.events import Line, Ordered
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY, HOUR
from models.kernel.shopper import Profile
from tests.models.shopper import role

BEGIN = 1_700_006_400_000
"""2023-11-15T00:00:00Z."""
FOREVER = 1 << 62


class Sale(NamedTuple):
    """One order at a time (ms)."""

    at: int
    user: str
    amount: int
    items: int


def sales(
    seed: int, buyers: int = 120, days: float = 150.0, *, turn: float = FOREVER, leave: float = 0.05
) -> list[Sale]:
    """Orders by the order of time, from `BEGIN` on.

    Each buyer has a usual gap (10 days in the median, or more) and basket; after each order a share `leave` of them is
    gone for good. From the day `turn` on everything takes twice as long.
    """
    random, found = np.random.default_rng(seed), list[Sale]()
    for i in range(buyers):
        day, gap = random.uniform(0, min(days, 200.0) * 0.6), 12.0 * np.exp(random.normal(0, 0.7))
        basket = random.normal(4, 0.5)
        while (at := day if day < turn else turn + 2 * (day - turn)) < days:
            amount, items = round(100 * np.exp(random.normal(basket, 0.4))), int(random.integers(1, 6))
            found.append(Sale(BEGIN + round(at * DAY), f"u{i}", amount, items))
            if random.uniform() < leave:
                break
            day += 1.01 + random.gamma(1.5, gap / 1.5)
    return sorted(found)


class FoldedShop:
    """All shoppers of a shop in one fold, without shards: event time goes on from one thing to the next.

    As in the engine a model is made of what was counted before 00:00 UTC, and is in force an hour later.

    Attributes
    ----------
    models
        By the boundary (ms).
    """

    def __init__(self, settings: ShopSettings | None = None, begin: int = BEGIN) -> None:
        self.ctx = SHOPPERS.context(settings or ShopSettings(currency="USD"))
        self.profiles: dict[str, Profile | None] = {}
        self.models: dict[int, Model] = {}
        self.newest: Model = self.ctx.tables[NAME]
        self.due: list[tuple[int, str]] = []
        self.boundary, self.lag = begin, HOUR
        self.count = 0

    @property
    def counts(self) -> Counts:
        """What is counted."""
        counts: Counts = self.ctx.sketches[NAME]
        return counts

    @property
    def alerts(self) -> list[ChurnAlert]:
        """All that were raised and cleared so far."""
        return [said.output for said in self.ctx.effects.outputs if isinstance(said.output, ChurnAlert)]

    def run(self, sold: Iterable[Sale], until: int) -> FoldedShop:
        """Fold orders, and all timers due before `until` (ms)."""
        for sale in sold:
            self.rests(sale.at)
            self.does(
                sale.user, Ordered(f"o{sale.at}", sale.amount, True, lines=(Line("p", quantity=sale.items),)), sale.at
            )
        return self.rests(until)

    def does(self, user: str, event: Any, e: int, watermark: int = 0) -> None:
        """An event at `e` (ms), where event time is `watermark`, or `e`."""
        self.count += 1
        reading = DecodedRecord(e, user, event, role(event), self.count, True)
        self.profiles[user], _ = SHOPPERS.event(self.ctx, user, self.profiles.get(user), reading, max(e, watermark))
        self._plan(user)

    def rests(self, until: int) -> FoldedShop:
        """Let event time go on: timers due before `until` fire, and days begin."""
        while (self.due and self.due[0][0] < until) or self.boundary < until:
            at, user = self.due[0] if self.due else (FOREVER, "")
            if self.boundary <= at:
                self._day()
                continue
            heappop(self.due)
            p = self.profiles[user]
            if p is not None and p.due == at:
                self.profiles[user] = SHOPPERS.timer(self.ctx, user, p, at)
                self._plan(user)
        return self

    def _plan(self, user: str) -> None:
        p = self.profiles[user]
        if p is not None:
            heappush(self.due, (p.due, user))

    def _day(self) -> None:
        """What begins at the next boundary: a model is made, or comes into force an hour later."""
        at, settings = self.boundary, self.ctx.settings
        if at % DAY:
            self.ctx.enforce(NAME, self.newest)
            self.boundary += DAY - self.lag
            return
        counts = Counts.decode(self.counts.encode())
        share, labels, most = settings.churn_share, settings.churn_labels, settings.churn_most
        self.newest = computed(counts, at, self.newest, share=share, labels=labels, most=most)
        self.models[at] = self.newest
        self.boundary += self.lag
