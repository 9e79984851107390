"""A periodic probe of Kafka or Redis: shards without work ask nothing of them, and would not notice an outage."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress

from streams.outages import Outage

EVERY = 2.0
"""Seconds between two looks."""
MISSES = 3
"""Looks in a row without an answer that make an outage. Looks, not seconds: a process that was itself stopped for a
while has missed nothing."""
WHO = "pulse"


class Periodic(ABC):
    """A coroutine of its own, from `start` to `stop`: implements `streams.process.Resource`."""

    _task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to run."""
        self._task = asyncio.create_task(self._run(), name=type(self).__name__.lower())

    async def stop(self) -> None:
        """Cancel what runs, and wait for its end."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @abstractmethod
    async def _run(self) -> None:
        """What goes on until it is cancelled."""


class Pulse(Periodic):
    """Looks every few seconds.

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

    async def _run(self) -> None:
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
