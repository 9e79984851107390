"""Minutes of a shop's activity, as they stand among a shard's counters: one field an hour.

    h:<hour mod 25>    [[minute,events,orders,revenue,...],...]    the minutes in which anything happened, as JSON

A row has the fields of `Minute`; zeros at its end are left out. A visitor counts in the minute of an event and in the
four after it, so that rows reach up to four minutes beyond the newest event.

Before that each minute had a field of its own, ``m:<minute mod 1,440>``, with the same five numbers and commas between
them. Such fields are read as long as they are there: a shard that finds some when it is claimed writes their hours and
removes them in its first commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import add, itemgetter
from typing import NamedTuple

import msgspec

MINUTES = 1_436
"""Minutes that are told, up to the newest: a day but for the four that visitors reach ahead."""
HOURS = 25
"""Hours that are kept: so many minutes, and those ahead, lie in them."""


class Minute(NamedTuple):
    """What happened in one minute of event time.

    Attributes
    ----------
    minute
        Since 1970.
    revenue
        Gross minor units of the shop's currency.
    visitors
        Distinct shoppers with an event in the five minutes that end with this one.
    visits
        Visits that began.
    viewed, carted, checkout, bought
        Visits that came at least so far in this minute: a product was viewed, something was added to a cart, a checkout
        was started, an order came.
    """

    minute: int
    events: int = 0
    orders: int = 0
    revenue: int = 0
    triggers: int = 0
    visitors: int = 0
    visits: int = 0
    viewed: int = 0
    carted: int = 0
    checkout: int = 0
    bought: int = 0

    @property
    def active(self) -> bool:
        """Whether anything happened; not only that those who came before still count as visitors."""
        return bool(self.events or self.orders or self.revenue or self.triggers)


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
    '[[60,1,1,999],[61,2]]'
    """
    return _encode([row if row[-1] else _short(row) for row in sorted(minutes, key=itemgetter(0))]).decode()


def _short(row: Sequence[int]) -> Sequence[int]:
    """A row without the zeros at its end."""
    end = len(row) - 1
    while end > 1 and not row[end - 1]:
        end -= 1
    return row[:end]


def unpack(name: str, value: str | bytes) -> list[Minute]:
    """The minutes of a field; none if it is not one of minutes.

    >>> unpack("h:1", "[[60,1,1,999,0]]") == unpack("m:60", "60,1,1,999,0") == [Minute(60, 1, 1, 999, 0)]
    True
    >>> unpack("events", "7")
    []
    """
    if name.startswith("h:"):
        return list(_rows(value))
    if former(name):
        text = value if isinstance(value, str) else value.decode()
        return [Minute(*map(int, text.split(",")))]
    return []


@lru_cache(maxsize=512)
def _rows(value: str | bytes) -> tuple[Minute, ...]:
    """The rows of a field. Whoever looks again and again finds most fields as they were."""
    return tuple(_decode(value))


def former(name: str) -> bool:
    """Whether a field is one of a single minute, as they were written before."""
    return name.startswith("m:")


def newest(minutes: Iterable[Minute]) -> tuple[Minute, ...]:
    """The minutes of all shards, which are not at the same minute: those that are the same added up, oldest first.

    None is as old as `MINUTES` before the newest in which anything happened. Up to four follow that one: in them, those
    who came before still count as visitors.
    """
    rows = added(minutes)
    last = max((row.minute for row in rows if row.active), default=0)
    return tuple(row for row in rows if row.minute > last - MINUTES)


def added(minutes: Iterable[Minute]) -> list[Minute]:
    """Those of the same minute added up, oldest first."""
    sums: dict[int, Minute] = {}
    for minute in minutes:
        same = sums.get(minute[0])
        sums[minute[0]] = minute if same is None else Minute(minute[0], *map(add, same[1:], minute[1:]))
    return [sums[minute] for minute in sorted(sums)]


def summed(values: Iterable[str]) -> str:
    """One value of an hour's field for those of several shards.

    >>> unpack("h:1", summed(["[[60,1,1,999,0]]", "[[60,2,0,0,0],[61,1,0,0,0]]"]))[0][:5]
    (60, 3, 1, 999, 0)
    """
    return pack(added(minute for value in values for minute in _decode(value)))
