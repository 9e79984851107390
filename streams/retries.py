"""Pauses between attempts at what another process has to do."""

from __future__ import annotations

from collections.abc import Iterator

LONGEST_PAUSE = 10.0
"""Seconds."""


def pauses() -> Iterator[float]:
    """Seconds between attempts: .1, .2, .4, ... 10, 10, ..."""
    pause = 0.1
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)
