"""When nobody is to be disturbed, by the clock where the shopper is.

The quiet hours of a day go from the first instant at which the clock shows their beginning to the first at which it
shows their end. A time over which clocks are put forward becomes the first instant after that; one that is shown twice
is meant the first time.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.kernel import zones


def quiet_until(now: int, quiet: Sequence[int], zone: str) -> int:
    """When the quiet hours end in which `now` lies (both ms); 0: it lies in none.

    Parameters
    ----------
    quiet
        Minutes since midnight of their beginning and of their end, which may be that of the next day; () for none.
    zone
        Name of a time zone, as IANA spells it.

    >>> day, hour = 86_400_000, 3_600_000
    >>> [quiet_until(9 * day + now, (21 * 60, 8 * 60), "UTC") / hour for now in (8 * hour - 1, 8 * hour, 21 * hour)]
    [224.0, 0.0, 248.0]
    """
    if not quiet:
        return 0
    since, until = quiet
    today = zones.day(now, zone)
    for day in (today - 1, today, today + 1):
        end = zones.instant(day + (until <= since), until, zone)
        if zones.instant(day, since, zone) <= now < end:
            return end
    return 0
