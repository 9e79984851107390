"""What a shard counts for the next churn model: matured labels, what the shop's orders are like, and the risk of its
repeat buyers.

Everything is an integer, so that the counts of shards add up to the same model however shoppers are split among them.
What labels teach only grows; a buyer's place in `hazards`, and what the shop's level counts of a buyer, moves.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, log1p, log2
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field

from models.churn import scoring, sequence
from models.churn.covariates import COVARIATES
from models.churn.level import Level
from models.churn.posterior import UNIT, LabelSums
from models.kernel.settings import DAY

if TYPE_CHECKING:
    from models.orders.buying import Buying

STEPS = 8
"""Cells of a histogram to a doubling: they are 9 % wide."""
LEAST = 2.0**-40
"""A number is counted as at least this."""
NOWHERE = 1 << 15
"""The cell of who is not counted."""


def cell(number: float) -> int:
    """The cell of a number that is 0 or more: a cumulative hazard, or an amount in minor units.

    >>> cell(1.0), cell(1.99), cell(2.0), cell(0.0)
    (0, 7, 8, -320)
    """
    return floor(STEPS * log2(max(number, LEAST)))


def bound(at: float) -> float:
    """The number at which a cell begins."""
    return float(2.0 ** (at / STEPS))


def move(histogram: dict[int, int], before: int, after: int) -> None:
    """Take a buyer from one cell to another; `NOWHERE` is outside.

    >>> histogram = {3: 2}
    >>> move(histogram, 3, 5); move(histogram, 3, NOWHERE); histogram
    {5: 1}
    """
    for at, change in ((before, -1), (after, 1)):
        if at == NOWHERE:
            continue
        left = histogram.get(at, 0) + change
        if left:
            histogram[at] = left
        else:
            del histogram[at]


class Counts(Struct, array_like=True):
    """Sums of a shard, or of all; sums of logs in units of 2^-20.

    Attributes
    ----------
    labels
        What matured labels say of the weights.
    scores
        How the stored predictions of all contestants did, by horizon.
    cells
        By cell of `models.churn.baseline`: labels, and those with an order.
    covariates
        Sums of the covariates over all labels.
    hazards
        Repeat buyers by the cell of the cumulative hazard of their newest snapshot.
    buyers, repeats, first
        Buyers, their orders beyond the first, and the sum of the times of their first orders (ms).
    gaps, amounts, items
        Number and sum of log gaps, and sum of their squares; number and sum of log amounts; of log pieces.
    sequence
        Labels that matured since the last boundary, one by one (`models.churn.sequence`).
    worth
        Of labels of 90 days: how many, the orders that were expected of them, and those that came.
    values
        Buyers by the cell of what they were expected to spend within a year, at their newest snapshot (minor units).
    stakes
        With a limit of alerts a day: how many by the model came due, raised or held back, by the cell of the value at
        stake.
    alerts
        With a limit of alerts a day: how many the shard raised, by day (`models.churn.daily_limit`). Each shard has its
        own; they are not summed.
    """

    labels: LabelSums = field(default_factory=LabelSums)
    scores: scoring.Scores = field(default_factory=dict)
    cells: dict[int, tuple[int, int]] = field(default_factory=dict)
    covariates: list[int] = field(default_factory=lambda: [0] * len(COVARIATES))
    hazards: dict[int, int] = field(default_factory=dict)
    buyers: int = 0
    repeats: int = 0
    first: int = 0
    gaps: list[int] = field(default_factory=lambda: [0, 0, 0])
    amounts: list[int] = field(default_factory=lambda: [0, 0])
    items: list[int] = field(default_factory=lambda: [0, 0])
    sequence: bytearray = field(default_factory=bytearray)
    worth: list[int] = field(default_factory=lambda: [0, 0, 0])
    values: dict[int, int] = field(default_factory=dict)
    stakes: dict[int, int] = field(default_factory=dict)
    alerts: dict[int, int] = field(default_factory=dict)

    def learn(self, x: tuple[float, ...], ordered: bool, at: int, weights: tuple[float, ...], weight: int) -> None:
        """Take a matured label of the covariates `x` and the baseline's cell `at`; it stands for `weight` buyers."""
        self.labels.add_label(x, ordered, weights, weight)
        self.covariates = [mine + round(value * UNIT) for mine, value in zip(self.covariates, x, strict=True)]
        labels, met = self.cells.get(at, (0, 0))
        self.cells[at] = labels + 1, met + ordered

    def bought(self, buying: Buying, gap: float) -> None:
        """Take what a new occasion says of the shop: its size, and the days since the one before (0: the first)."""
        if gap > 0:
            x = log1p(gap)
            self.gaps = [self.gaps[0] + 1, self.gaps[1] + round(x * UNIT), self.gaps[2] + round(x * x * UNIT)]
        if buying.amount >= 0:
            self.amounts = [self.amounts[0] + 1, self.amounts[1] + round(buying.amount * UNIT)]
        if buying.items >= 0:
            self.items = [self.items[0] + 1, self.items[1] + round(buying.items * UNIT)]

    def level(self, at: int) -> Level:
        """The shop's level as of `at` (ms)."""
        n, logs, squares = self.gaps
        return Level.pooled(
            self.repeats,
            (self.buyers * at - self.first) / DAY,
            (n, logs / UNIT, squares / UNIT),
            (self.amounts[0], self.amounts[1] / UNIT),
            (self.items[0], self.items[1] / UNIT),
        )

    def encode(self) -> bytes:
        """Pack the counts."""
        return _encode(self)

    @classmethod
    def decode(cls, packed: bytes) -> Counts:
        """Unpack counts; empty ones of no bytes."""
        return _decode(packed) if packed else cls()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Counts).decode


def total(counts: Iterable[Counts]) -> Counts:
    """The sum: the same bytes in whatever order it is added."""
    found = Counts()
    for one in counts:
        found.labels = found.labels.plus(one.labels)
        found.scores = scoring.plus(found.scores, one.scores)
        found.sequence += one.sequence
        for at, (labels, met) in one.cells.items():
            before = found.cells.get(at, (0, 0))
            found.cells[at] = before[0] + labels, before[1] + met
        for histogram in ("hazards", "values", "stakes"):
            mine = getattr(found, histogram)
            for at, n in getattr(one, histogram).items():
                mine[at] = mine.get(at, 0) + n
        for name in ("buyers", "repeats", "first"):
            setattr(found, name, getattr(found, name) + getattr(one, name))
        for name in ("covariates", "gaps", "amounts", "items", "worth"):
            mine, theirs = getattr(found, name), getattr(one, name)
            setattr(found, name, [a + b for a, b in zip(mine, theirs, strict=True)])
    found.sequence = sequence.merged(found.sequence)
    for histogram in ("cells", "hazards", "values", "stakes"):
        setattr(found, histogram, dict(sorted(getattr(found, histogram).items())))
    return found
