"""Arrival: when Kafka had a record, as far as that can be believed. It bounds the record's event time.

One wrong clock must not move a shard's time, which all its shoppers share. A producer's clock writes Kafka's timestamp
as well as the event's, so under ``clock=wall`` the worker's own clock has the last word. Under ``clock=event`` no clock
but the log's counts: the same log read again gives the same times.
"""

from __future__ import annotations

from models.decoding.event_time import EARLIEST
from models.kernel.record import NO_TIME


def arrival(timestamp: int, now: int) -> int:
    """The time at which a record came.

    Parameters
    ----------
    timestamp
        The record's Kafka timestamp in ms; negative: it has none. One before 1990 (a time in seconds, an unset clock)
        counts as absent, and so does one that is still to come.
    now
        The worker's clock in ms; 0 under ``clock=event``, which knows of none.

    Returns
    -------
    ms; where Kafka's timestamp is absent, the worker's now. Under ``clock=event`` `NO_TIME`: then nothing is bounded.

    Examples
    --------
    >>> arrival(1_795_256_100_000, 0), arrival(1_795_256_100, 0)
    (1795256100000, -1)
    >>> now = 1_795_256_200_000
    >>> arrival(1_795_256_100_000, now), arrival(1_795_256_100, now) == arrival(2 * now, now) == now
    (1795256100000, True)
    """
    if timestamp >= EARLIEST and (timestamp <= now or not now):
        return timestamp
    return now or NO_TIME
