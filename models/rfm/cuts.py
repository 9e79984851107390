"""The table of cuts: where the scores of recency, frequency and monetary value begin.

Version 0 is fixed, for shops with too few buyers to have quantiles of their own. Any other version is a date: computed
from all shards' sketches as of that day's beginning (`computed`), immutable from then on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct, field

from models.kernel.boundaries import version
from models.kernel.settings import DAY, SharedSettings
from models.rfm.sketch import Sketch

NAME = "cuts"
DEVICES, CHANNELS = 16, 32
"""How many of the commonest a table lists."""

Four = tuple[int, int, int, int]


class Cuts(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A table of cuts.

    Attributes
    ----------
    version
        0 for the fixed cuts, else the date as a number: 20161001.
    buyers
        How many it was computed from.
    recency
        Full days since the last order at which R falls from 5 to 4, to 3, to 2, to 1.
    frequency
        Number of valid orders from which F is 2, 3, 4, 5.
    monetary
        From where M is 2, 3, 4, 5: buckets of forward-decayed spending (`models.rfm.sketch.bucket`), or where
        `half_life` is 0 decayed spending at the last order in minor units.
    half_life
        Of the decay of spending (ms).
    hours, devices, channels
        The shop's visits by hour of the shopper's day (24 numbers, or none), by device, by channel: priors.
    """

    version: int = 0
    buyers: int = 0
    recency: Four = (14, 30, 60, 120)
    frequency: Four = (2, 3, 4, 6)
    monetary: Four = (2_500, 5_000, 10_000, 25_000)
    half_life: int = 0
    hours: tuple[int, ...] = ()
    devices: dict[str, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How outputs name this table."""
        return f"{NAME}/{self.version}"

    @property
    def in_force(self) -> Cuts:
        """What to judge by where this table is due: itself, or the fixed cuts if it counted too few buyers."""
        return self if self.half_life else FIXED

    def r(self, last: int, now: int) -> int:
        """Recency score at `now` of a shopper whose newest valid order was at `last` (ms).

        >>> [Cuts().r(0, days * DAY) for days in (0, 13, 14, 30, 60, 119, 120)]
        [5, 5, 4, 3, 2, 2, 1]
        """
        return 5 - bisect_right(self.recency, max(0, now - last) // DAY)

    def f(self, orders: int) -> int:
        """Frequency score of a number of valid orders.

        >>> [Cuts().f(n) for n in (1, 2, 3, 4, 5, 6, 99)]
        [1, 2, 3, 4, 4, 5, 5]
        """
        return 1 + bisect_right(self.frequency, orders)

    def of(self, spent: float) -> int:
        """Monetary score of spending on this table's own axis (see `monetary`)."""
        return 1 + bisect_right(self.monetary, spent)

    def crossing(self, last: int, after: int) -> int:
        """The first time later than `after` at which the recency score falls (ms); 0 if it is 1 for good."""
        for days in self.recency:
            if after < last + days * DAY:
                return last + days * DAY
        return 0

    def encode(self) -> bytes:
        """As JSON: what the store holds and `kairos tables` shows."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, stored: bytes) -> Cuts:
        """Read a table. Raises `msgspec.DecodeError`."""
        return msgspec.json.decode(stored, type=cls)


FIXED = Cuts()


def computed(sketch: Sketch, at: int, settings: SharedSettings) -> Cuts:
    """The table of a boundary.

    Parameters
    ----------
    sketch
        The sum of all shards' sketches, each as of `at`.
    at
        The boundary (ms).

    Returns
    -------
    R and M cut buyers into fifths. F: one order scores 1, the others by quarters of the repeat buyers, each number of
    orders by its mid-rank (so that a number that half of them have does not score 5). Under `table_buyers` buyers: no
    cuts but the fixed ones.
    """
    buyers = sketch.buyers
    if buyers < settings.table_buyers:
        return Cuts(version(at), buyers)
    yesterday = at // DAY - 1
    ages: dict[int, int] = {}
    for day, count in sketch.recency.items():
        age = max(0, yesterday - day)
        ages[age] = ages.get(age, 0) + count
    return Cuts(
        version(at),
        buyers,
        _fifths(ages),
        _quarters(sketch.frequency),
        _fifths(sketch.monetary),
        settings.half_life,
        tuple(sketch.visits.get(f"hour:{hour:02}", 0) for hour in range(24)),
        _commonest(sketch.visits, "device:", DEVICES),
        _commonest(sketch.visits, "channel:", CHANNELS),
    )


def _fifths(histogram: Mapping[int, int]) -> Four:
    """One above the smallest keys up to which one, two, three, four fifths of all lie."""
    total, below = sum(histogram.values()), 0
    cuts: list[int] = []
    for key in sorted(histogram):
        below += histogram[key]
        while len(cuts) < 4 and 5 * below >= (len(cuts) + 1) * total:
            cuts.append(key + 1)
    return _four(cuts)


def _quarters(histogram: Mapping[int, int]) -> Four:
    """2, and the numbers of orders whose mid-rank among repeat buyers reaches one, two, three quarters."""
    repeat = sum(count for orders, count in histogram.items() if orders > 1)
    if not repeat:
        return FIXED.frequency
    below, cuts = 0, [2]
    for orders in sorted(orders for orders in histogram if orders > 1):
        middle = 2 * below + histogram[orders]  # twice the mid-rank
        while len(cuts) < 4 and 4 * middle >= 2 * len(cuts) * repeat:
            cuts.append(orders)
        below += histogram[orders]
    return _four([*cuts, *[max(histogram) + 1] * (4 - len(cuts))])


def _four(cuts: Iterable[int]) -> Four:
    first, second, third, fourth = cuts
    return first, second, third, fourth


def _commonest(visits: Mapping[str, int], prefix: str, most: int) -> dict[str, int]:
    found = [(-count, name.removeprefix(prefix)) for name, count in visits.items() if name.startswith(prefix)]
    return {name: -count for count, name in sorted(found)[:most]}
