"""A periodic probe of Kafka or Redis: shards without work ask nothing of them, and would not notice an outage."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from streams.outages import Outage

EVERY = 2.0
"""Seconds between two looks."""
MISSES = 3
"""Looks in a row without an answer that make an outage. Looks, not seconds: a process that was itself stopped for a
while has missed nothing."""
WHO = "pulse"


class Pulse:
    """Implements `streams.process.Resource`.

    Parameters
    ----------
    outage
        Told of the answers.
    ask
        "" if the server has answered since the last call; else what was missing.
    """

    def __init__(self, outage: Outage, ask: Callable[[], Awaitable[str]], every: float = EVERY) -> None:
        self._outage = outage
        self._ask = ask
        self._every = every
        self._beating: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look."""
        self._beating = asyncio.create_task(self._beat(), name="pulse")

    async def stop(self) -> None:
        """Stop looking."""
        if self._beating:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating

    async def _beat(self) -> None:
        heard, misses = time.monotonic(), 0
        while True:
            if missing := await self._ask():
                misses += 1
                if misses >= MISSES:
                    self._outage.failed(WHO, missing, heard)
            else:
                heard, misses = time.monotonic(), 0
                self._outage.answered(WHO)
            await asyncio.sleep(self._every)
