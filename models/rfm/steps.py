"""Bounded steps of the cuts, and what follows for a buyer: the first table that could move a score.

Each cut moves at most so far a day. So a buyer far from every cut need not be looked at for every table. A first table,
and one on another axis of spending, takes its cuts at once: by the fixed cuts every buyer is looked at for every table.
"""

from __future__ import annotations

from math import ceil, log2

from msgspec.structs import replace

from models.kernel.boundaries import boundary
from models.kernel.settings import DAY, SharedSettings
from models.kernel.zones import day
from models.rfm.cuts import Cuts, Four, four
from models.rfm.hysteresis import ORDERS, SPENDING, Scored
from models.rfm.sketch import GAMMA, NOTHING, bucket

DAYS = 1
"""A cut of R moves at most so many days a day: as fast as those who all ordered on one day grow older."""
DRIFTS = 5
"""A cut of M moves at most so many times as far as it drifts where buyers come evenly: a doubling in a half-life."""
WEEK = 7 * DAY
"""A cut of F moves at most one order a week of the calendar (of 1970, whose first day was a Thursday)."""


def bounded(new: Cuts, before: Cuts) -> Cuts:
    """A table as it comes into force after another: no cut further away than the days between them allow.

    Cuts that were computed once stay where the new table has none of its own.
    """
    if new.fixed:
        kept = before.recency, before.frequency, before.monetary, before.half_life
        return replace(new, **dict(zip(("recency", "frequency", "monetary", "half_life"), kept, strict=True)))
    if before.half_life != new.half_life:
        return new
    at, since = boundary(new.version), boundary(before.version)
    days = (at - since) // DAY
    none = before.monetary[0] == NOTHING + 1
    return replace(
        new,
        recency=_towards(new.recency, before.recency, DAYS * days),
        frequency=_towards(new.frequency, before.frequency, at // WEEK - since // WEEK),
        monetary=new.monetary if none else _towards(new.monetary, before.monetary, buckets(new.half_life) * days),
    )


def buckets(half_life: int) -> int:
    """How many buckets a cut of M moves at most a day.

    >>> [buckets(days * DAY) for days in (90, 30, 5, 400)]
    [2, 6, 36, 1]
    """
    return ceil(DRIFTS * DAY / half_life / log2(GAMMA))


def _towards(new: Four, before: Four, most: int) -> Four:
    return four(max(old - most, min(old + most, cut)) for cut, old in zip(new, before, strict=True))


def first_move(cuts: Cuts, had: Scored, orders: int, monetary: float, last: int, settings: SharedSettings) -> int:
    """The first boundary (ms) whose table may move a score of a buyer, by this table of computed cuts.

    `had` are the scores held; for the others see `models.rfm.hysteresis.afresh`.
    """
    since, zone = boundary(cuts.version), settings.time_zone
    if cuts.monetary[0] == NOTHING + 1:  # nobody had spent anything
        return since + DAY
    # R also falls at midnights between two looks: the last one before the next look comes so many days after `since`.
    midnight = day(since, zone) + (settings.table_lag + 2 * settings.table_every) // DAY + 1
    found = [*_of_r(cuts, had, midnight - day(last, zone)), *_of_m(cuts, had, monetary, last)]
    weeks = min(_of_f(cuts, had, orders), default=0)
    if weeks:
        found.append(((since // WEEK + weeks) * WEEK - since) // DAY)
    return since + max(1, min(found)) * DAY


def _of_r(cuts: Cuts, had: Scored, days: int) -> list[int]:
    """Days until R may fall: the cut comes nearer by a day a day, and the buyer's age, now `days`, as well."""
    return [-(-(cuts.falls(had.r) - days) // (1 + DAYS))] if had.r > 1 else []


def _of_m(cuts: Cuts, had: Scored, monetary: float, last: int) -> list[int]:
    """Days until M may fall, or rise."""
    low, high = (bucket(spent, last, cuts.half_life) for spent in (monetary / SPENDING, monetary * SPENDING))
    step = buckets(cuts.half_life)
    found = [(high - cuts.monetary[had.m - 2]) // step + 1] if had.m > 1 else []
    return [*found, -(-(cuts.monetary[had.m - 1] - low) // step)] if had.m < 5 else found


def _of_f(cuts: Cuts, had: Scored, orders: int) -> list[int]:
    """Weeks until F may fall, or rise. The first cut is always 2."""
    found = [orders + ORDERS + 1 - cuts.frequency[had.f - 2]] if had.f > 2 and had.way <= 0 else []
    return [*found, cuts.frequency[had.f - 1] - orders + ORDERS] if 1 < had.f < 5 and had.way >= 0 else found
