"""What is shown: the counters of the read model, as any dashboard reads them, and what only this process knows."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence

from msgspec import Struct

from kairos.demo.play import Play
from kairos.demo.published import Published
from sinks.read_model import summary, watermarks
from sinks.store import ReadModel
from sinks.summary import Summary

WINDOW = 10.0
"""Seconds over which events per second are measured."""


class DemoState(Struct, frozen=True):
    """The demo at one moment.

    Attributes
    ----------
    at
        Event time all shards have reached (ms).
    total
        All shards' counters.
    rate
        Events folded per second, lately.
    lag
        Records not yet folded and published.
    newest
        Outputs by topic, as JSON, newest first.
    """

    at: int
    total: Summary
    rate: float
    lag: int
    newest: Mapping[str, Sequence[bytes]]


class StateReader:
    """Takes states. `take` asks Redis, and may raise `sinks.store.StoreError`."""

    def __init__(self, reader: ReadModel, play: Play, published: Published) -> None:
        self._reader = reader
        self._play = play
        self._published = published
        self._seen: deque[tuple[float, int]] = deque()

    async def take(self) -> DemoState:
        """The state now."""
        at, total = await asyncio.to_thread(self._read)
        newest = {role: tuple(messages) for role, messages in self._published.newest.items()}
        return DemoState(at, total, self._rate(total.counts["events"]), self._play.lag, newest)

    def _read(self) -> tuple[int, Summary]:
        return min(watermarks(self._reader), default=0), summary(self._reader)

    def _rate(self, events: int) -> float:
        now = time.monotonic()
        self._seen.append((now, events))
        while now - self._seen[0][0] > WINDOW:
            self._seen.popleft()
        then, before = self._seen[0]
        return (events - before) / (now - then) if now > then else 0.0
