"""Event time: when something happened, by the message's own `timestamp`, in ms since 1970 (UTC)."""

from __future__ import annotations

from datetime import UTC, datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

EARLIEST = 631_152_000_000
"""1990-01-01T00:00:00Z. Nothing before it is believed: such times come from unset clocks and empty fields."""


def instant(moment: datetime) -> int:
    """Milliseconds since 1970 of a moment; what is below a millisecond is cut off.

    Parameters
    ----------
    moment
        With its offset from UTC; without one it is UTC.

    Returns
    -------
    ms, negative before 1970.

    Examples
    --------
    >>> instant(datetime(2026, 11, 21, 10, 15, 0, 999_999, tzinfo=UTC))
    1795256100999
    >>> instant(datetime(1990, 1, 1)) == EARLIEST
    True
    """
    try:
        since = moment - EPOCH
    except TypeError:
        since = moment.replace(tzinfo=UTC) - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000 + since.microseconds // 1_000
