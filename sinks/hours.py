"""Hours of a shop's activity, as they stand among a shard's counters: one field an hour.

    w:<hour mod 193>    [hour,{name:n,...}]    what was counted in that hour of event time, as JSON

Names are those of `models.kernel.effects.COLUMNS` and what features declare (`models.kernel.feature.Feature.hourly`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

HOURS = 193
"""Hours that are kept: eight days, and the one that runs."""


class Hour(NamedTuple):
    """What was counted in one hour of event time. `hour` counts from 1970."""

    hour: int
    counts: Counter[str]


_decode = msgspec.json.Decoder(tuple[int, dict[str, int]]).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


def field(hour: int) -> str:
    """The name of an hour's field.

    >>> field(193), field(385)
    ('w:0', 'w:192')
    """
    return f"w:{hour % HOURS}"


def pack(hour: int, counts: Mapping[str, int]) -> str:
    """The value of an hour's field.

    >>> pack(7, {"visits": 2, "carts": 0, "alerts": 1})
    '[7,{"alerts":1,"visits":2}]'
    """
    if 0 in counts.values():
        counts = {name: n for name, n in counts.items() if n}
    return _encode((hour, counts)).decode()


def unpack(name: str, value: str | bytes) -> Hour | None:
    """The hour of a field; None if it is not one of an hour.

    >>> unpack("w:7", '[7,{"visits":2}]'), unpack("events", "7")
    (Hour(hour=7, counts=Counter({'visits': 2})), None)
    """
    if not name.startswith("w:"):
        return None
    return _hour(value)


@lru_cache(maxsize=2_048)
def _hour(value: str | bytes) -> Hour:
    """The hour of a field. Whoever looks again and again finds most fields as they were."""
    hour, counts = _decode(value)
    return Hour(hour, Counter(counts))


def newest(hours: Iterable[Hour]) -> tuple[Hour, ...]:
    """The hours of all shards, those that are the same added up, oldest first; none as old as `HOURS` before the
    newest. Counts may be negative: a change of what is there."""
    parts: defaultdict[int, list[Counter[str]]] = defaultdict(list)
    for hour, counts in hours:
        parts[hour].append(counts)
    last = max(parts, default=0)
    return tuple(Hour(hour, _sum(parts[hour])) for hour in sorted(parts) if hour > last - HOURS)


def _sum(parts: Sequence[Counter[str]]) -> Counter[str]:
    if len(parts) == 1:  # as of a page, which adds shards up field by field
        return parts[0]
    total: Counter[str] = Counter()
    for counts in parts:
        total.update(counts)
    return total


def summed(values: Iterable[str]) -> str:
    """One value of an hour's field for those of several shards: of the newest hour among them.

    >>> summed(['[7,{"visits":2}]', '[200,{"visits":3,"carts":-1}]', '[200,{"visits":1}]'])
    '[200,{"carts":-1,"visits":4}]'
    """
    hours = newest(Hour(hour, Counter(counts)) for hour, counts in map(_decode, values))
    return pack(*hours[-1])
