"""Event time: when something happened, by the message's own `timestamp`, in ms since 1970 (UTC)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from models.decoding.rejections import BAD_TIMESTAMP, ContractViolation

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

EARLIEST = 631_152_000_000
"""1990-01-01T00:00:00Z. A time before it is refused: it comes from an unset clock or an empty field."""


def epoch_ms(moment: datetime) -> int:
    """Milliseconds from 1970 to a moment; fractions of a millisecond are cut off.

    Parameters
    ----------
    moment
        With its offset from UTC; without one it is UTC.

    Returns
    -------
    ms, negative before 1970.

    Examples
    --------
    >>> epoch_ms(datetime(2026, 11, 21, 10, 15, 0, 999_999, tzinfo=UTC))
    1795256100999
    >>> epoch_ms(datetime(1990, 1, 1)) == EARLIEST
    True
    """
    try:
        since = moment - EPOCH
    except TypeError:
        since = moment.replace(tzinfo=UTC) - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000 + since.microseconds // 1_000


def day(e: int) -> str:
    """The day (UTC) of an event time in ms, for people.

    >>> day(1_795_256_100_000)
    '2026-11-21'
    """
    return f"{EPOCH + timedelta(milliseconds=e):%Y-%m-%d}"


def bounded(bound: datetime | None, recorded: int) -> int:
    """The earlier of two times by which an event must have happened; negative if there is neither.

    Parameters
    ----------
    bound
        When the message was received, else sent, by its own word. Before 1990 it is not believed.
    recorded
        The record's Kafka timestamp in ms; negative: it has none.

    >>> bounded(datetime(2026, 11, 21, 10, 15, tzinfo=UTC), -1), bounded(None, 5)
    (1795256100000, 5)
    """
    if bound is None or (limit := epoch_ms(bound)) < EARLIEST:
        return recorded
    return limit if recorded < 0 else min(limit, recorded)


def clamp(e: int, recorded: int, max_skew: int) -> tuple[int, bool]:
    """Event time, at most the record's own time where it lies more than `max_skew` after that.

    Parameters
    ----------
    e
        The message's time in ms.
    recorded
        The record's Kafka timestamp in ms; negative: it has none, and nothing is clamped.
    max_skew
        How far a shop's clock may run ahead, in ms.

    Returns
    -------
    The event time in ms, and whether it was clamped.

    Raises
    ------
    ContractViolation
        `bad_timestamp`: the time is before 1990.

    Examples
    --------
    >>> clamp(1_795_256_100_000, 1_795_256_000_000, 5_000)
    (1795256000000, True)
    """
    if e > recorded + max_skew and recorded >= 0:
        return recorded, True
    if e < EARLIEST:
        raise ContractViolation(BAD_TIMESTAMP, "timestamp is before 1990")
    return e, False
