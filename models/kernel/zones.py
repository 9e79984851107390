"""Time zones: the hour of the day and the day of the week where the shopper is, the calendar days of the shop.

Time zones come from the `tzdata` package, so that every machine with the same packages has the same ones, whatever its
operating system knows.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from models.kernel.settings import DAY, HOUR, MINUTE

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Names of the days of the week, by their numbers."""


_FIRST = datetime(1970, 1, 1, tzinfo=UTC).date()


@cache
def names() -> frozenset[str]:
    """All names of the IANA time zone database."""
    return frozenset((files("tzdata") / "zones").read_text("utf-8").split())


@cache
def _zone(name: str) -> ZoneInfo:
    with (files("tzdata") / "zoneinfo" / name).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def shown(e: int, zone: str | None) -> int:
    """What a clock on the wall shows where the shopper is, as ms since it showed the beginning of 1970.

    Parameters
    ----------
    e
        ms since 1970.
    zone
        Name of a time zone, as IANA spells it. Any other name, or none, is UTC.

    >>> [hour(shown(1_795_256_100_000, zone)) for zone in ("Asia/Shanghai", "Mars", None)]
    [18, 10, 10]
    """
    if zone is None or zone not in names():
        return e
    offset = _offset(zone, e // HOUR)
    return e + (_utcoffset(e, zone) if offset is None else offset)


def hour(shown: int) -> int:
    """Hour of the day, 0..23, by what a clock shows."""
    return shown // HOUR % 24


def date(shown: int) -> int:
    """Date by what a clock shows, as days since 1970-01-01."""
    return shown // DAY


def weekday(shown: int) -> int:
    """Day of the week, 0 (Monday) to 6, by what a clock shows.

    >>> weekday(1_795_256_100_000), weekday(shown(1_795_305_600_000, "Asia/Tokyo"))
    (5, 6)
    """
    return (shown // DAY + 3) % 7  # 1970 began on a Thursday


def day(e: int, zone: str) -> int:
    """The calendar day, as days since 1970-01-01. It never goes back, even where a clock put back shows a day again.

    Parameters
    ----------
    e
        ms since 1970.
    zone
        Name of a time zone, as IANA spells it.

    >>> day(1_795_256_100_000, "UTC"), day(1_795_305_600_000, "UTC"), day(1_795_305_600_000, "Asia/Tokyo")
    (20778, 20779, 20779)
    """
    if zone == "UTC":
        return e // DAY
    found = shown(e, zone) // DAY
    if e < midnight(found, zone):
        return found - 1
    return found + 1 if e >= midnight(found + 1, zone) else found


def iso(day: int) -> str:
    """A calendar day as people write it.

    >>> iso(20_778)
    '2026-11-21'
    """
    return (_FIRST + timedelta(days=day)).isoformat()


def midnight(day: int, zone: str) -> int:
    """When a calendar day begins (ms since 1970). Parameters as of the result of `day`, and as of `day`.

    >>> midnight(20_778, "UTC") // DAY, (midnight(20_778, "Asia/Tokyo") - 20_778 * DAY) // HOUR
    (20778, -9)
    """
    return instant(day, 0, zone)


@lru_cache(4_096)
def instant(day: int, minute: int, zone: str) -> int:
    """When clocks show a time of a calendar day (ms since 1970): of a time that is shown twice the first, and where
    clocks are put forward over it the first instant after that.

    Parameters
    ----------
    day, minute
        Days since 1970-01-01, minutes since midnight as clocks show it.
    zone
        Name of a time zone, as IANA spells it.

    >>> from datetime import datetime, UTC
    >>> march = 20_520  # 2026-03-08: at 2:00 it is 3:00 in New York
    >>> [datetime.fromtimestamp(instant(march, minute, "America/New_York") // 1_000, UTC).strftime("%H:%M")
    ...     for minute in (90, 150, 180, 210)]
    ['06:30', '07:00', '07:00', '07:30']
    """
    shown = day * DAY + minute * MINUTE
    if zone == "UTC":
        return shown
    try:
        clock = datetime.fromtimestamp(shown // 1_000, UTC).replace(tzinfo=_zone(zone))
        found = shown - _ms(clock.utcoffset())
        if _utcoffset(found, zone) == shown - found:
            return found
        earlier, later = (shown - _ms(clock.replace(fold=1).utcoffset())) // 1_000, found // 1_000
        while later - earlier > 1:  # the second in which clocks are put forward
            middle = (earlier + later) // 2
            if _utcoffset(middle * 1_000, zone) == shown - found:
                earlier = middle
            else:
                later = middle
    except (OverflowError, ValueError):  # days beyond the last year there is
        return shown
    return later * 1_000


@lru_cache(4_096)
def _offset(zone: str, hour: int) -> int | None:
    """What to add to UTC (ms) in this hour since 1970; None if that changes within it. (No zone changes twice.)"""
    try:
        first, last = _utcoffset(hour * HOUR, zone), _utcoffset((hour + 1) * HOUR - 1, zone)
    except (OverflowError, ValueError):  # hours from the last year there is
        return 0
    return first if first == last else None


def _utcoffset(e: int, zone: str) -> int:
    return _ms(datetime.fromtimestamp(e // 1_000, _zone(zone)).utcoffset())


def _ms(offset: timedelta | None) -> int:
    return (offset or timedelta()) // timedelta(milliseconds=1)
