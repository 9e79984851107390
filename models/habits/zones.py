"""The hour of the day where the shopper is.

Time zones come from the `tzdata` package, so that every machine with the same packages has the same ones, whatever its
operating system knows.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from models.kernel.settings import HOUR


@cache
def names() -> frozenset[str]:
    """All names of the IANA time zone database."""
    return frozenset((files("tzdata") / "zones").read_text("utf-8").split())


@cache
def _zone(name: str) -> ZoneInfo:
    with (files("tzdata") / "zoneinfo" / name).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def hour(e: int, zone: str | None) -> int:
    """Hour of the day, 0..23.

    Parameters
    ----------
    e
        ms since 1970.
    zone
        Name of a time zone, as IANA spells it. Any other name, or none, is UTC.

    >>> hour(1_795_256_100_000, "Asia/Shanghai"), hour(1_795_256_100_000, "Mars"), hour(1_795_256_100_000, None)
    (18, 10, 10)
    """
    if zone is None or zone not in names():
        return e // HOUR % 24
    offset = _offset(zone, e // HOUR)
    return (e + offset) // HOUR % 24 if offset is not None else _local(e, zone).hour


@lru_cache(4_096)
def _offset(zone: str, hour: int) -> int | None:
    """What to add to UTC (ms) in this hour since 1970; None if that changes within it. (No zone changes twice.)"""
    try:
        offsets = [_local(e, zone).utcoffset() for e in (hour * HOUR, (hour + 1) * HOUR - 1)]
    except (OverflowError, ValueError):  # hours from the last year there is
        return 0
    first, last = offsets
    return first // timedelta(milliseconds=1) if first is not None and first == last else None


def _local(e: int, zone: str) -> datetime:
    return datetime.fromtimestamp(e // 1_000, _zone(zone))
