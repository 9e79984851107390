"""The hour of the day where the shopper is.

Time zones come from the `tzdata` package, so that every machine with the same packages has the same ones, whatever its
operating system knows.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from models.settings import HOUR


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
    if zone is not None and zone in names():
        try:
            return datetime.fromtimestamp(e // 1_000, _zone(zone)).hour
        except (OverflowError, ValueError):  # hours from the last year there is
            pass
    return e // HOUR % 24
