"""The table of cuts: where the scores of recency, frequency and monetary value begin.

Version 0 is fixed, for shops with too few buyers, or too short a history, to have quantiles of their own. Any other
version is a date: computed from all shards' sketches as of that day's beginning (`computed`), immutable from then on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from models.kernel import zones
from models.kernel.boundaries import version
from models.kernel.settings import DAY, SharedSettings
from models.rfm.sketch import NOTHING, Sketch, bucket

NAME = "cuts"
DEVICES, CHANNELS = 16, 32
"""How many of the commonest a table lists."""
WEEKDAYS_FROM = 28
"""Days of history from which a table has weekdays: in a shorter one some came clearly more often than others."""

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
        Calendar days since the last order, in the shop's time zone, at which R falls from 5 to 4, to 3, to 2, to 1.
    frequency
        Number of valid orders from which F is 2, 3, 4, 5.
    monetary
        From where M is 2, 3, 4, 5: buckets of forward-decayed spending (`models.rfm.sketch.bucket`), or where
        `half_life` is 0 decayed spending at the last order in minor units.
    half_life
        Of the decay of spending (ms).
    hours, devices, channels
        The shop's visits by hour of the shopper's day (24 numbers, or none), by device, by channel: priors.
    since
        Where the history is too short for cuts of its own: the day on which it begins (0: not said).
    weekdays
        The shop's visits by day of the shopper's week (7 numbers from Monday on, or none): a prior too.
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
    since: int = 0
    weekdays: tuple[int, ...] = ()

    @property
    def judging(self) -> int:
        """Version of the cuts: 0 of the fixed ones, which every table before had as well."""
        return 0 if self.fixed else self.version

    @property
    def name(self) -> str:
        """How outputs name the cuts they were judged by: by the table's version, or as the fixed ones."""
        return f"{NAME}/{self.judging}"

    @property
    def fixed(self) -> bool:
        """Whether it has no cuts but the fixed ones."""
        theirs = FIXED.recency, FIXED.frequency, FIXED.monetary, FIXED.half_life
        return (self.recency, self.frequency, self.monetary, self.half_life) == theirs

    @property
    def in_force(self) -> Cuts:
        """What to judge by where this table is due: itself, or version 0 where nothing of it was computed."""
        return self if not self.fixed or any(self.hours) or self.devices or self.channels else FIXED

    def r(self, days: int) -> int:
        """Recency score so many calendar days after the newest valid order.

        >>> [Cuts().r(days) for days in (0, 13, 14, 30, 60, 119, 120)]
        [5, 5, 4, 3, 2, 2, 1]
        """
        return 5 - bisect_right(self.recency, days)

    def f(self, orders: int) -> int:
        """Frequency score of a number of valid orders.

        >>> [Cuts().f(n) for n in (1, 2, 3, 4, 5, 6, 99)]
        [1, 2, 3, 4, 4, 5, 5]
        """
        return 1 + bisect_right(self.frequency, orders)

    def m(self, monetary: float, last: int) -> int:
        """Monetary score of minor units decayed to the newest valid order, which was at `last` (ms).

        >>> [Cuts().m(spent, 0) for spent in (2_499.9, 2_500, 25_000)]
        [1, 2, 5]
        """
        spent = bucket(monetary, last, self.half_life) if self.half_life else monetary
        return 1 + bisect_right(self.monetary, spent)

    def falls(self, r: int) -> int:
        """How many calendar days after the newest valid order a recency score above 1 falls.

        >>> [Cuts().falls(r) for r in (5, 4, 3, 2)]
        [14, 30, 60, 120]
        """
        return self.recency[5 - r]

    def encode(self) -> bytes:
        """As JSON: what the store holds and `kairos tables` shows."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, stored: bytes) -> Cuts:
        """Read a table. Raises `msgspec.DecodeError`."""
        return _decode(stored)


# Made once, here: where two threads make the decoder of a type at the same time, msgspec 0.22 may crash.
_decode = msgspec.json.Decoder(Cuts).decode
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
    Every day, number of orders and bucket is scored by its mid-rank, so that a number that half of all have does not
    score 5. R and M by fifths of all buyers; F: one order scores 1, the others by quarters of the repeat buyers. Who
    spent nothing has an M of 1. With a history shorter than `table_history` the cuts are the fixed ones; under
    `table_buyers` buyers there are no priors either, and none of weekdays with a history below `WEEKDAYS_FROM`.
    """
    buyers, today = sketch.buyers, zones.day(at, settings.time_zone)
    days = today - sketch.since
    if buyers < settings.table_buyers:
        return Cuts(version(at), buyers)
    priors = Cuts(
        version(at),
        buyers,
        hours=_visits(sketch, [f"hour:{hour:02}" for hour in range(24)]),
        weekdays=_visits(sketch, [f"weekday:{name}" for name in zones.WEEKDAYS]) if days >= WEEKDAYS_FROM else (),
        devices=_commonest(sketch.visits, "device:", DEVICES),
        channels=_commonest(sketch.visits, "channel:", CHANNELS),
    )
    if days * DAY < settings.table_history:
        return replace(priors, since=sketch.since)
    least = min((spent for spent in sketch.monetary if spent != NOTHING), default=NOTHING + 1)
    repeat = {orders: count for orders, count in sketch.frequency.items() if orders > 1}
    return replace(
        priors,
        recency=four(_reached(_ages(sketch.recency, today + 1), 5)),
        frequency=four([2, *_reached(repeat, 4)]) if repeat else FIXED.frequency,
        monetary=four(max(cut, least) for cut in _reached(sketch.monetary, 5)),
        half_life=settings.half_life,
    )


def notice(cuts: Cuts, settings: SharedSettings) -> int:
    """When the first table with cuts of its own may come (ms), as a table with the fixed ones says it; 0: any time.

    >>> notice(Cuts(since=20_000), SharedSettings(table_history=90 * DAY)) // DAY, notice(FIXED, SharedSettings())
    (20090, 0)
    """
    days = -(-settings.table_history // DAY)
    return zones.midnight(cuts.since + days, settings.time_zone) if cuts.since else 0


def _ages(recency: Mapping[int, int], today: int) -> dict[int, int]:
    """Buyers by calendar days since the last order.

    `today` is the day that begins after the boundary: at that midnight buyers fall by this table. (A day earlier, those
    who all ordered on one day would be a day past the cut beside it before the next table moved that.)
    """
    ages: dict[int, int] = {}
    for day, count in recency.items():
        age = max(0, today - day)
        ages[age] = ages.get(age, 0) + count
    return ages


def _reached(histogram: Mapping[int, int], parts: int) -> list[int]:
    """The smallest keys whose mid-rank reaches one, two ... of so many parts of all; one above the largest for none.

    >>> _reached({1: 10, 2: 60, 3: 10, 7: 20}, 5)
    [2, 2, 3, 7]
    """
    total, below = sum(histogram.values()), 0
    cuts: list[int] = []
    for key in sorted(histogram):
        twice = 2 * below + histogram[key]  # the mid-rank, twice
        while len(cuts) < parts - 1 and parts * twice >= 2 * (len(cuts) + 1) * total:
            cuts.append(key)
        below += histogram[key]
    return cuts + [max(histogram) + 1] * (parts - 1 - len(cuts))


def four(cuts: Iterable[int]) -> Four:
    """Four cuts of an axis."""
    first, second, third, fourth = cuts
    return first, second, third, fourth


def _visits(sketch: Sketch, kinds: Iterable[str]) -> tuple[int, ...]:
    return tuple(sketch.visits.get(kind, 0) for kind in kinds)


def _commonest(visits: Mapping[str, int], prefix: str, most: int) -> dict[str, int]:
    found = [(-count, name.removeprefix(prefix)) for name, count in visits.items() if name.startswith(prefix)]
    return {name: -count for count, name in sorted(found)[:most]}
