"""The shop's buyers, counted: the sketch from which tables of cuts are computed.

A sketch has one entry a buyer, in three histograms: the day of the last order (a date, so that it does not age), the
number of valid orders, and spending on an axis that does not age either. Sketches of shards are summed; an order moves
its buyer from one entry to another, so that nobody is counted twice.

Spending is forward-decayed (Cormode, Shkapenyuk, Srivastava, Xu: "Forward decay", ICDE 2009): log2 of spending decayed
to the last order, plus the last order's time in half-lives. Buckets are 2 % wide (γ = 1.02), as in DDSketch (Masson,
Rim, Lee, VLDB 2019).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import floor, log2
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field

from models.kernel.settings import LANDMARK, SharedSettings
from models.kernel.zones import day

if TYPE_CHECKING:
    from models.orders.history import OrderSummary

GAMMA = 1.02
_WIDTH = log2(GAMMA)
NOTHING = -(1 << 31)
"""Bucket of who spent nothing, as far as is known."""
FOREVER = 1 << 31
"""A day that never comes."""

Entry = tuple[int, int, int]
"""Day of the last order (`models.kernel.zones.day`, in the shop's time zone), number of valid orders, bucket of
spending."""


def bucket(monetary: float, last: int, half_life: int) -> int:
    """Bucket of spending.

    Parameters
    ----------
    monetary
        Minor units, decayed to `last`.
    last
        Time of the newest valid order (ms).
    half_life
        Of the decay (ms).

    >>> from models.kernel.settings import DAY
    >>> bucket(200.0, LANDMARK, DAY) - bucket(100.0, LANDMARK, DAY), bucket(100.0, LANDMARK + DAY, DAY)
    (35, 267)
    """
    return floor((log2(monetary) + (last - LANDMARK) / half_life) / _WIDTH) if monetary > 0 else NOTHING


def entry(summary: OrderSummary, settings: SharedSettings) -> Entry | None:
    """Where a buyer is counted; None without a valid order."""
    if not summary.valid:
        return None
    spent = bucket(summary.monetary, summary.last, settings.half_life)
    return day(summary.last, settings.time_zone), summary.valid, spent


class Sketch(Struct, array_like=True):
    """Buyers of a shard, or of all.

    Attributes
    ----------
    recency, frequency, monetary
        Buyers by day of the last order, by number of valid orders, by bucket of spending.
    visits
        Of frozen sketches: the shop's visits by ``hour:HH``, ``weekday:mon``, ``device:X``, ``channel:X``.
    since
        The first day on which buyers were counted; `FOREVER` if none was yet.
    """

    recency: dict[int, int] = field(default_factory=dict)
    frequency: dict[int, int] = field(default_factory=dict)
    monetary: dict[int, int] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    since: int = FOREVER

    @property
    def buyers(self) -> int:
        """The number of buyers counted."""
        return sum(self.frequency.values())

    def move(self, before: Entry | None, after: Entry | None, today: int) -> None:
        """Take a buyer from one entry to another on a day of the shop; None is outside."""
        self.since = min(self.since, today)
        for place, change in ((before, -1), (after, 1)):
            for key, histogram in zip(place or (), (self.recency, self.frequency, self.monetary), strict=False):
                left = histogram.get(key, 0) + change
                if left:
                    histogram[key] = left
                else:
                    del histogram[key]

    def encode(self, visits: Mapping[str, int] | None = None) -> bytes:
        """Pack the sketch, with the shop's visits where it is frozen."""
        return _encode(Sketch(self.recency, self.frequency, self.monetary, dict(visits or {}), self.since))

    @classmethod
    def decode(cls, packed: bytes) -> Sketch:
        """Unpack a sketch; the empty one of no bytes. One stored without `since` goes back to the earliest day in it.

        >>> one = Sketch()
        >>> one.move(None, (17_000, 2, 400), 17_001)
        >>> Sketch.decode(one.encode()) == one, one.buyers
        (True, 1)
        """
        sketch = _decode(packed) if packed else cls()
        if sketch.since == FOREVER:
            sketch.since = min(sketch.recency, default=FOREVER)
        return sketch


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Sketch).decode


def total(sketches: Iterable[Sketch]) -> Sketch:
    """The sum: the same in whatever order it is added."""
    found = Sketch()
    for sketch in sketches:
        for name in ("recency", "frequency", "monetary", "visits"):
            mine = getattr(found, name)
            for key, count in getattr(sketch, name).items():
                mine[key] = mine.get(key, 0) + count
        found.since = min(found.since, sketch.since)
    return found
