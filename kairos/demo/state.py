"""What is shown: the counters of the read model, as any dashboard reads them, and what only this process knows."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence

from msgspec import Struct

from kairos.demo.deliveries import Delivered
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
    messages, verified
        Messages that came to the receiver of the demo, and those of them whose signature was right.
    holdout
        Share of shoppers who get no messages, to compare with.
    """

    at: int
    total: Summary
    rate: float
    lag: int
    newest: Mapping[str, Sequence[bytes]]
    messages: int = 0
    verified: int = 0
    holdout: float = 0.0

    @property
    def deferred(self) -> dict[str, int]:
        """How often messages were held back, by reason."""
        found: Counter[str] = Counter()
        for hour in self.total.hours:
            for name, n in hour.counts.items():
                group, _, why = name.partition(":")
                if group == "deferred":
                    found[why] += n
        return dict(found)


class StateReader:
    """Takes states. `take` asks Redis, and may raise `sinks.store.StoreError`."""

    def __init__(
        self, reader: ReadModel, play: Play, published: Published, delivered: Delivered, holdout: float
    ) -> None:
        self._reader = reader
        self._play = play
        self._published = published
        self._delivered, self._holdout = delivered, holdout
        self._seen: deque[tuple[float, int]] = deque()

    async def take(self) -> DemoState:
        """The state now."""
        at, total = await asyncio.to_thread(self._read)
        newest = {role: tuple(messages) for role, messages in self._published.newest.items()}
        rate, taken = self._rate(total.counts["events"]), self._delivered
        return DemoState(at, total, rate, self._play.lag, newest, taken.messages, taken.verified, self._holdout)

    def _read(self) -> tuple[int, Summary]:
        return min(watermarks(self._reader), default=0), summary(self._reader)

    def _rate(self, events: int) -> float:
        now = time.monotonic()
        self._seen.append((now, events))
        while now - self._seen[0][0] > WINDOW:
            self._seen.popleft()
        then, before = self._seen[0]
        return (events - before) / (now - then) if now > then else 0.0
