"""The one task of a process that reads Redis for everybody: viewers wait for what it finds and cost Redis nothing.

It looks once a second at most, and only while somebody asks: an idle page costs nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress

from dashboard.answers.feed import Item
from dashboard.feed_log import FeedLog
from dashboard.looker import Looker
from dashboard.snapshot import Snapshot
from sinks.look import Look, place
from sinks.store import ReadModel

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds from the beginning of one look to that of the next, at least."""
ASKED = 30.0
"""Seconds after somebody asked in which looks go on."""


class Watcher:
    """Looks at the store for all viewers. Start it with ``async with``; it belongs to one event loop.

    Parameters
    ----------
    reader
        The store; one that soon says that it does not answer.
    every
        Seconds between looks.

    Attributes
    ----------
    reader
        The same, for single shoppers; call it by `asyncio.to_thread`.
    snapshot
        What the newest look found; None before the first one.
    look
        Number of the newest look that changed something.
    log
        The outputs of all shards that came lately.
    """

    def __init__(self, reader: ReadModel, *, every: float = EVERY) -> None:
        self.reader = reader
        self.snapshot: Snapshot | None = None
        self.look = 0
        self.log = FeedLog()
        self._looker = Looker(reader)
        self._every = every
        self._began = self._asked = float("-inf")
        self._waiting = 0
        self._wanted, self._looked, self._changed = (asyncio.Event() for _ in range(3))
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Watcher:
        self._task = asyncio.create_task(self._run(), name="watcher")
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    @property
    def feed(self) -> Sequence[Item]:
        """The newest outputs of all shards, newest last."""
        return self.log.items

    async def changed(self, look: int, within: float) -> int:
        """Wait until there is a newer look than `look` that changed something, so many seconds at most; the number of
        the newest."""
        self._waiting += 1
        self._ask()
        try:
            async with asyncio.timeout(within):
                while self.look <= look:
                    await self._changed.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting -= 1
            self._asked = time.monotonic()
        return self.look

    async def fresh(self) -> Snapshot:
        """A snapshot that is no older than a look takes and two looks are apart."""
        called = time.monotonic()
        self._ask()
        while self.snapshot is None or self._began <= called - 2 * self._every:
            await self._looked.wait()
        return self.snapshot

    def _ask(self) -> None:
        self._asked = time.monotonic()
        self._wanted.set()

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            began = time.monotonic()
            try:
                found = await asyncio.to_thread(self._looker.look)
                self._take(found, began)
            except Exception:
                log.exception("a look at the store failed")
            await asyncio.sleep(max(0.0, began + self._every - time.monotonic()))
            if not self._waiting and time.monotonic() - self._asked > ASKED:
                self._wanted.clear()

    def _take(self, found: Look | None, began: float) -> None:
        """Make what was found known."""
        before, self.snapshot = self.snapshot, self._looker.snapshot
        if found is not None:
            self._keep(found)
        self._began = began
        self._looked = _rung(self._looked)
        if before is None or _differ(before, self.snapshot) or (found is not None and found.moved):
            self.look += 1
            self._changed = _rung(self._changed)

    def _keep(self, found: Look) -> None:
        """Put the outputs that came into the log."""
        if found.partitions != len(self.log.positions):
            self.log.restart(found.partitions)
        for shard in found.moved:
            if place(self.log.positions[shard.partition])[0] > shard.seq:
                self.log.forget(shard.partition, shard.seq)
        self.log.add({shard.partition: shard.feed for shard in found.moved})


def _rung(event: asyncio.Event) -> asyncio.Event:
    """Wake all who wait for an event; the one to wait for next."""
    event.set()
    return asyncio.Event()


def _differ(one: Snapshot, other: Snapshot) -> bool:
    """Whether two looks tell anything different but their time."""
    return _besides(one) != _besides(other)


def _besides(snapshot: Snapshot) -> tuple[object, ...]:
    """What may change though no shard moved."""
    return snapshot.problem, snapshot.workers, snapshot.endpoints, len(snapshot.shards)
