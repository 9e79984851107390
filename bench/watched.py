"""A worker under the wall clock, on topics and a Redis of its own, and what it uses while events come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct
from redis import Redis

from bench import stamped
from bench.checkout import HERE, Checkout
from bench.fleet import Own, owners
from bench.inputs import PARTITIONS
from bench.pace import send
from bench.peers import Peer, settings, variables
from bench.process import cpu, wakeups
from bench.servers import Servers
from bench.sources import Feed
from bench.worker import Process, WorkerFailed, alone, worker
from kairos.config.settings import Settings
from kairos.replay.row import Row
from models.kernel.settings import SECOND

CART_DELAY = 5 * SECOND
GRACE = 2 * SECOND
EXTRA = {
    "KAIROS_CART_STEPS": f"{CART_DELAY // SECOND}s",
    "KAIROS_IDLE": "0s",
    "KAIROS_HOLDOUT": "0",
    "KAIROS_MESSAGE_CAP": "0",
}
WARM = 5 * SECOND
"""After a start, not counted (ms)."""
SETTLE = 3.0
CLAIMED = 60.0
"""Seconds within which a worker must have claimed its shards."""
TIMEOUT = 1_200.0
POLL = 0.1


class Used(Struct, frozen=True):
    """What a second took: CPU of the worker and of Redis (shares of a core), commits, and wake-ups of threads."""

    worker: float
    redis: float
    commits: float
    wakeups: float


class Marks(NamedTuple):
    """Counters at a time (s): CPU in seconds."""

    at: float
    worker: float
    redis: float
    commits: int
    wakeups: int


class Watched:
    """A worker that runs where its settings say; `started` is when (ms)."""

    def __init__(
        self, ours: Servers, redis: Redis, where: Settings, process: Process, partitions: int, started: int
    ) -> None:
        self.where, self.process, self.redis, self.partitions = where, process, redis, partitions
        self.started = started
        self._redis_pid = ours.redis_pid

    def settle(self) -> None:
        """Wait until it has claimed every shard. Raises WorkerFailed."""
        began = time.monotonic()
        while not all(own.token for own in self._owners()):
            if self.process.poll() is not None or time.monotonic() - began > CLAIMED:
                raise WorkerFailed("it has not claimed its shards")
            time.sleep(POLL)

    def during(self, rows: Sequence[Row], start: int, end: int) -> Used:
        """Send rows when they are due, and say what was used from `start` to `end` (ms since 1970)."""
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(asyncio.run, send(self.where, self.partitions, rows)) if rows else None
            sleep_until(start)
            before = self._marks()
            sleep_until(end)
            used = between(before, self._marks())
            if sent is not None:
                sent.result()
        return used

    def silence(self) -> None:
        """Wait until the last carts have fallen due."""
        time.sleep((CART_DELAY + GRACE) / SECOND + SETTLE)

    def _owners(self) -> list[Own]:
        return owners(self.redis, self.where.namespace, self.partitions)

    def _marks(self) -> Marks:
        commits, pid = sum(own.seq for own in self._owners()), self.process.pid
        return Marks(time.monotonic(), cpu(pid), cpu(self._redis_pid), commits, wakeups(pid))


def between(before: Marks, after: Marks) -> Used:
    """What a second took.

    >>> between(Marks(10, 1, 0, 5, 0), Marks(20, 2, 0.5, 105, 1_000))
    Used(worker=0.1, redis=0.05, commits=10.0, wakeups=100.0)
    """
    seconds = after.at - before.at
    return Used(*((new - old) / seconds for old, new in zip(before[1:], after[1:], strict=True)))


@contextmanager
def watched(
    ours: Servers,
    data: Path,
    name: str,
    *,
    code: Checkout = HERE,
    partitions: int = PARTITIONS,
    extra: Mapping[str, str] = EXTRA,
    before: Callable[[Settings], None] | None = None,
) -> Iterator[Watched]:
    """Start it, once `before` has put into its topics what it is to find. Raises WorkerFailed."""
    feed = Feed(name)
    where = settings(ours, name, feed)
    stamped.create(where, partitions)
    if before is not None:
        before(where)
    env = variables(Peer("", "", extra=extra), ours, where, feed, code)
    with ours.client() as redis:
        redis.flushall(asynchronous=True)
        started = now()
        with worker(code.kairos("wall"), env, data, TIMEOUT) as process:
            found = Watched(ours, redis, where, process, partitions, started)
            found.settle()
            yield found
            alone(process)


def sleep_until(at: int) -> None:
    """Sleep until a wall time (ms since 1970)."""
    time.sleep(max(0.0, at / 1000 - time.time()))


def now() -> int:
    """Wall time, ms since 1970."""
    return int(time.time() * 1000)
