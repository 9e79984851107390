"""Points in time as the wire writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(at: int) -> str:
    """Milliseconds since 1970 as the wire writes them, always with milliseconds.

    >>> stamp(1477983600000)
    '2016-11-01T07:00:00.000Z'
    """
    seconds, ms = divmod(at, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ms:03d}Z"
