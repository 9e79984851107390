"""Points in time as people read them, and the present."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from models.kernel.stamps import stamp

__all__ = ["iso", "now", "stamp"]


def now() -> int:
    """The present, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def iso(at: int) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC, as short as it is exact.

    >>> iso(1477983600000), iso(1477983421414)
    ('2016-11-01T07:00Z', '2016-11-01T06:57:01.414Z')
    """
    seconds, ms = divmod(at, 1000)
    moment = datetime.fromtimestamp(seconds, UTC)
    if ms:
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms:03d}Z"
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z" if moment.second else f"{moment:%Y-%m-%dT%H:%M}Z"
