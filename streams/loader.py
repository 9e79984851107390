"""The second stage of a batch: the timers that are due, and the profiles of all whom it may concern."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from sinks.store import Request
from streams.batch import Batch
from streams.cache import Cache
from streams.clearance import Clearance
from streams.plan import BatchPlan
from streams.timers import FOREVER


class Loader:
    """Loads the batches of one claim of a shard.

    Parameters
    ----------
    cache
        Profiles as committed.
    clearance
        How far other shards are with what they may still forward here.
    most
        Timers asked for at a time, about.
    wall
        Whether acting timers may have to wait for other shards.

    Attributes
    ----------
    held
        Acting timers due then or later (ms) wait for other shards, as of the newest batch.
    """

    def __init__(self, cache: Cache, clearance: Clearance, most: int, *, wall: bool) -> None:
        self.held = FOREVER
        self._cache, self._clearance = cache, clearance
        self._most, self._wall = most, wall
        self._cursor = 0  # timers due before it are held back (clock=wall)

    def load(self, batch: Batch, plan: BatchPlan, next_due: int | None, now: int) -> Generator[Request, Any, None]:
        """Fill a batch.

        Parameters
        ----------
        plan
            What it is to fold.
        next_due
            When the shard's earliest timer is due (ms); None: it has none.
        now
            Wall time in ms.
        """
        users = dict.fromkeys(entry.reading.shopper for entry in plan.entries if entry.reading.event is not None)
        users.pop("", None)
        due = next_due is not None and next_due < plan.end
        if self._wall:
            batch.until = self._clearance.until(now, look=due)
        if due:
            users |= dict.fromkeys((yield from self._due(batch, plan.end)))
        batch.load((yield from self._cache.get(list(users))))

    def _due(self, batch: Batch, before: int) -> Generator[Request, Any, list[str]]:
        """Who has a timer due before a time (ms): all of them where some are held back, else about a batch of them."""
        if batch.until > self.held:
            self._cursor = 0
        self.held = batch.until
        start, most = (self._cursor, FOREVER) if batch.waits(before) else (0, self._most)
        return (yield from batch.timers.fetch(start, before, most))

    def folded(self, batch: Batch, end: int) -> None:
        """A batch that was to end at `end` (ms) is folded."""
        self._cursor = max(self._cursor, batch.swept) if batch.waits(end) else 0
