"""How the churn model learns in a shop, restated: snapshots, labels and a step a day, one thing after the other.

Everything in one place and in floats, where the engine has a timer for each buyer, integers, shards and tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple
from zlib import crc32

import numpy as np

from tests.reference.hazard import Array, Hazard, Shop, Shoppers, covariates, sigmoid

DAY = 86_400_000
PERIOD = 14 * DAY
LAG = DAY // 24
BOUNDARY, FORCE, ORDER, GRID = range(4)
"""What comes first of what is due at the same moment."""


class Bought(NamedTuple):
    """An occasion: when (ms), by whom, for how much (major units), how many pieces."""

    at: int
    user: str
    amount: float
    items: int


class Label(NamedTuple):
    """One matured label; times in ms."""

    user: str
    at: int
    matured: int
    x: Array
    predicted: float
    ordered: bool


class Learner:
    """A shop's model from a first boundary on.

    Attributes
    ----------
    labels
        All that matured.
    hazard
        What was learned by the newest boundary.
    """

    def __init__(self, bought: Sequence[Bought], hazard: Hazard, begin: int) -> None:
        self.users = sorted({one.user for one in bought})
        self.rows = {user: row for row, user in enumerate(self.users)}
        self.shoppers, self.hazard = Shoppers(len(self.users)), hazard
        self.bought, self.times = bought, [list[int]() for _ in self.users]
        self.labels: list[Label] = []
        self.fresh: list[tuple[Array, bool, Array]] = []
        self.pending: dict[str, tuple[int, Array, float]] = {}
        self.force: tuple[Array, Shop] | None = None
        self.made = self.force
        self.queue = [(one.at, ORDER, i) for i, one in enumerate(bought)]
        self.queue += [(self._grid(user, begin), GRID, row) for row, user in enumerate(self.users)]
        self.queue.append((begin, BOUNDARY, 0))
        heapify(self.queue)

    def _grid(self, user: str, begin: int) -> int:
        """The first moment after `begin` at which the buyer's snapshots are due."""
        return begin + PERIOD - (begin - crc32(user.encode()) * PERIOD // 2**32) % PERIOD

    def until(self, end: int) -> Learner:
        """Go on with all that is due before `end` (ms)."""
        while self.queue[0][0] < end:
            at, kind, number = heappop(self.queue)
            (self._boundary, self._enforce, self._order, self._due)[kind](at, number)
        return self

    def _boundary(self, at: int, _: int) -> None:
        x, y, start = (np.array(column) for column in zip(*self.fresh, strict=True)) if self.fresh else (None,) * 3
        none = np.zeros((0, len(self.hazard.m)))
        self.hazard.learn(none if x is None else x, np.zeros(0) if y is None else y, none if start is None else start)
        bought = any(self.times)  # a model of nothing comes into force with the first that is of something
        self.fresh, self.made = [], (self.hazard.m.copy(), self.shoppers.shop(at / DAY)) if bought else None
        heappush(self.queue, (at + LAG, FORCE, 0))
        heappush(self.queue, (at + DAY, BOUNDARY, 0))

    def _enforce(self, at: int, _: int) -> None:
        self.force = self.made

    def _order(self, at: int, number: int) -> None:
        one = self.bought[number]
        row = self.rows[one.user]
        self.times[row].append(at)
        self.shoppers.order(np.array([row]), at / DAY, np.array([one.amount]), np.array([float(one.items)]))

    def _due(self, at: int, row: int) -> None:
        user = self.users[row]
        heappush(self.queue, (at + PERIOD, GRID, row))
        if user in self.pending:
            begin, x, predicted = self.pending.pop(user)
            ordered = any(begin < time <= at for time in self.times[row])
            assert self.force is not None
            self.fresh.append((x, ordered, self.force[0]))
            self.labels.append(Label(user, begin, at, x, predicted, ordered))
        if self.times[row] and self.force is not None:
            weights, shop = self.force
            x = covariates(self.shoppers, np.array([row]), at / DAY, shop)[0].astype(np.float16).astype(float)
            self.pending[user] = at, x, float(sigmoid(x @ weights))
