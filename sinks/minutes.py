"""Minutes of a shop's activity, as they stand among a shard's counters: one field an hour.

    h:<hour mod 25>    [[minute,events,orders,revenue,triggers],...]    the minutes in which anything happened, as JSON

Before that each minute had a field of its own, ``m:<minute mod 1,440>``, with the same five numbers and commas between
them. Such fields are read as long as they are there: a shard that finds some when it is claimed writes their hours and
removes them in its first commit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

MINUTES = 1_440
"""Minutes that are told, up to the newest."""
HOURS = 25
"""Hours that are kept: the last 1,440 minutes lie in so many."""


class Minute(NamedTuple):
    """What happened in one minute of event time. `minute` counts from 1970, `revenue` is gross minor units of the
    shop's currency."""

    minute: int
    events: int
    orders: int
    revenue: int
    triggers: int


_decode = msgspec.json.Decoder(list[Minute]).decode
_encode = msgspec.json.Encoder().encode


def field(hour: int) -> str:
    """The name of an hour's field (hours since 1970).

    >>> field(25), field(49)
    ('h:0', 'h:24')
    """
    return f"h:{hour % HOURS}"


def pack(minutes: Iterable[Sequence[int]]) -> str:
    """The value of an hour's field.

    >>> pack([Minute(61, 2, 0, 0, 0), Minute(60, 1, 1, 999, 0)])
    '[[60,1,1,999,0],[61,2,0,0,0]]'
    """
    return _encode(sorted(minutes)).decode()


def unpack(name: str, value: str | bytes) -> list[Minute]:
    """The minutes of a field; none if it is not one of minutes.

    >>> unpack("h:1", "[[60,1,1,999,0]]") == unpack("m:60", "60,1,1,999,0") == [Minute(60, 1, 1, 999, 0)]
    True
    >>> unpack("events", "7")
    []
    """
    if name.startswith("h:"):
        return _decode(value)
    if former(name):
        text = value if isinstance(value, str) else value.decode()
        return [Minute(*map(int, text.split(",")))]
    return []


def former(name: str) -> bool:
    """Whether a field is one of a single minute, as they were written before."""
    return name.startswith("m:")


def newest(minutes: Iterable[Minute]) -> tuple[Minute, ...]:
    """The minutes of all shards, which are not at the same minute: those that are the same added up, oldest first, and
    none older than 1,440 before the newest."""
    sums: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for minute in minutes:
        sums[minute.minute].update(minute._asdict())
    last = max(sums, default=0)
    kept = sorted(minute for minute in sums if minute > last - MINUTES)
    return tuple(Minute(**{**sums[minute], "minute": minute}) for minute in kept)
