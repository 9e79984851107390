"""How long the shards of a worker that was killed stand still, against the number of profiles in Redis."""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from msgspec import Struct
from rich.console import Console

from bench.checkout import HERE
from bench.filled import fill
from bench.fleet import Fleet
from bench.inputs import PARTITIONS, create
from bench.pace import sending
from bench.peers import Peer, settings, variables
from bench.progress import progress
from bench.servers import Servers
from bench.sizes import Sizes
from bench.sources import Feed
from bench.traffic import Traffic
from bench.worker import worker
from sinks.redis_store import RedisStore
from streams.topology import SETTINGS

SESSION = float(SETTINGS["broker_session_timeout"])
"""Seconds after which Kafka takes a silent worker for dead."""
RATE = 200
"""Events a second, so that every shard always has something to commit."""
TIMEOUT = 600.0


class Recovery(Struct, frozen=True):
    """At so many profiles (`held`: bytes of Redis in use), for each kill: seconds from SIGKILL until the other worker
    had claimed, and had committed, the last of the dead one's `shards`; `session` is the timeout of the group (s)."""

    profiles: int
    held: int
    session: float
    claimed: list[float]
    committed: list[float]
    shards: list[int]


def measure(ours: Servers, sizes: Sizes, data: Path, console: Console) -> list[Recovery]:
    """Each number of profiles on an empty Redis. Raises WorkerFailed."""
    return [_measure(ours, profiles, sizes.kills, data, console) for profiles in sizes.states]


def _measure(ours: Servers, profiles: int, kills: int, data: Path, console: Console) -> Recovery:
    title = f"recovery-{profiles}"
    feed = Feed(title)
    where = settings(ours, title, feed)
    environment = variables(Peer("", "", extra={"KAIROS_TABLE_EVERY": "0"}), ours, where, feed)
    create(where)
    with ExitStack() as stack:
        redis = stack.enter_context(ours.client())
        redis.flushall(asynchronous=True)
        with progress(console, f"recovery: writing {profiles:,} profiles", profiles) as show:
            fill(RedisStore(redis, where.namespace), PARTITIONS, profiles, int(time.time() * 1000), show)
        held = int(redis.info("memory")["used_memory"])
        rows = Traffic().rows(RATE, RATE * int(TIMEOUT), int(time.time() * 1000))
        stack.enter_context(sending(where, PARTITIONS, rows))
        start = partial(worker, HERE.kairos("wall"), environment, data, TIMEOUT)
        fleet = Fleet(redis, where.namespace, PARTITIONS, stack, start)
        found = []
        for number in range(1, kills + 1):
            found.append(fleet.takeover())
            said = f"recovery: {profiles:,} profiles, kill {number}: committed after {found[-1].committed:.1f} s"
            console.print(said, highlight=False)
    claimed, committed, shards = (list(values) for values in zip(*found, strict=True))
    return Recovery(profiles, held, SESSION, claimed, committed, shards)
