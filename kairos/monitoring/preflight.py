"""What must hold before a worker under ``clock=wall`` starts: clocks that agree, and enough patience."""

from __future__ import annotations

import time
from collections.abc import Callable

from redis import Redis

from kairos.config.settings import Settings
from kairos.errors import SettingsError

MAX_APART = 60.0
"""Seconds the worker's clock and Redis' may differ."""

PATIENCE = 3
"""`max_idle` in fetch waits: below it an input would be taken for empty before a fetch could say so."""


def check(settings: Settings, client: Redis, fetch_wait: int, clock: Callable[[], float] = time.time) -> None:
    """Check what ``clock=wall`` relies on.

    Parameters
    ----------
    client
        Of the Redis whose TIME is asked.
    fetch_wait
        ms a broker may hold an empty fetch.
    clock
        Wall time in seconds.

    Raises
    ------
    SettingsError
        The clocks differ by more than a minute, or `max_idle` is too short.
    """
    if settings.clock != "wall":
        return
    if settings.engine.max_idle < PATIENCE * fetch_wait:
        raise SettingsError(f"KAIROS_MAX_IDLE is {settings.engine.max_idle} ms: at least {PATIENCE * fetch_wait} ms")
    seconds, microseconds = client.time()
    apart = clock() - (seconds + microseconds / 1e6)
    if abs(apart) > MAX_APART:
        raise SettingsError(
            f"this machine's clock and Redis' differ by {apart:+.0f} s: set both by NTP, or timers fire at wrong times"
        )
