"""Boundaries: event times at 00:00 UTC of some day, as of which all shards' counts are summed into a table.

A table is named by its kind and its version: the boundary's date as a number.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


def version(boundary: int) -> int:
    """The version of a table by its boundary (ms).

    >>> version(1_475_280_000_000)
    20161001
    """
    day = datetime.fromtimestamp(boundary / 1000, UTC)
    return day.year * 10_000 + day.month * 100 + day.day


@lru_cache(1 << 12)
def boundary(version: int) -> int:
    """The inverse (ms). ValueError if the version is no date.

    >>> boundary(20161001)
    1475280000000
    """
    return int(datetime(version // 10_000, version // 100 % 100, version % 100, tzinfo=UTC).timestamp()) * 1000
