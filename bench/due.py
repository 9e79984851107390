"""What a due timer costs, against the number of carts that wait: each of a shard's shoppers has left one.

In this process, without Kafka, on a real server, under ``clock=event``: each tick makes as many reminders due.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from msgspec import Struct
from rich.console import Console

from bench.filled import CHUNK, TOKEN, name
from bench.idle import shard
from bench.peers import settings
from bench.process import cpu
from bench.progress import Show, progress
from bench.quantiles import Quantiles, quantiles
from bench.servers import Servers
from bench.sizes import Sizes
from bench.sources import Feed
from bench.stream import END
from bench.worker import WorkerFailed
from kairos.config.settings import Settings
from kairos.replay import ticks
from kairos.replay.local import Held
from models.features import SHOPPERS
from models.kernel.events import CART, Added, Line
from models.kernel.record import DecodedRecord
from models.kernel.settings import MINUTE
from models.kernel.shopper import Profile
from models.profile import codec
from models.profile.public import public
from sinks.redis_store import RedisStore
from sinks.shard_state import ShardState
from sinks.store import Commit
from streams.records import Chunk

DUE = 500
"""Reminders that come due by a tick."""
TICKS = 16
"""Ticks that are timed; one before them is not."""


class Due(Struct, frozen=True):
    """With so many open carts in a shard: µs of wall time, and of Redis' CPU, for each reminder that came due."""

    carts: int
    took: Quantiles
    redis: float


def measure(ours: Servers, sizes: Sizes, console: Console) -> list[Due]:
    """Each number of carts. WorkerFailed if other reminders went out than were due."""
    return [_measure(ours, carts, console) for carts in sizes.carts]


def _measure(ours: Servers, carts: int, console: Console) -> Due:
    where = settings(ours, f"due-{carts}", Feed("due"))
    with ours.client() as redis:
        redis.flushall(asynchronous=True)
        store = RedisStore(redis, where.namespace)
        with progress(console, f"due: writing {carts:,} open carts", carts) as show:
            _fill(store, where, carts, show)
        found = _ticked(ours, store, where, carts)
    console.print(f"due: {carts:,} open carts: {found.took.p50:.0f} µs a due timer", highlight=False)
    return found


def _fill(store: RedisStore, where: Settings, carts: int, show: Show) -> None:
    """Write shoppers with a cart each, `DUE` of which come due within each minute."""
    seq = store.claim(0, TOKEN, schema=codec.SCHEMA, partitions=1).seq
    waiting: dict[str, Profile] = {}
    for user, profile in _left(where, carts):
        waiting[user] = profile
        if len(waiting) == CHUNK:
            seq += 1
            _commit(store, seq, waiting)
            show(seq * CHUNK)
            waiting = {}
    if waiting:
        _commit(store, seq + 1, waiting)


def _left(where: Settings, carts: int) -> Iterator[tuple[str, Profile]]:
    context, delay = SHOPPERS.context(where.shop), where.shop.cart_steps[0]  # type: ignore[attr-defined]
    for number in range(carts):
        at = END - delay + (number // DUE) * MINUTE + number % DUE
        event = Added("default", (Line(f"p{number % 97}", 1, 1_000),))
        record = DecodedRecord(at, name(number), event, CART, number, identified=True)
        profile, _ = SHOPPERS.event(context, record.shopper, None, record, 0)
        assert profile is not None
        context.effects.outputs.clear()
        yield record.shopper, profile


def _commit(store: RedisStore, seq: int, waiting: dict[str, Profile]) -> None:
    commit = Commit(
        offsets={},
        shard=ShardState().encode(),
        profiles={user: codec.encode(profile) for user, profile in waiting.items()},
        public={user: shown for user, profile in waiting.items() if (shown := public(profile))},
        timers={user: profile.due for user, profile in waiting.items()},
        stats={},
        vocab={},
        feed=(),
        outbox=b"",
    )
    assert store.apply(0, TOKEN, seq, commit).status == "OK", "nobody else has the shard"


def _ticked(ours: Servers, store: RedisStore, where: Settings, carts: int) -> Due:
    claimed, used, took = shard(store, where, "event"), 0.0, []
    for number in range(TICKS + 1):
        for source in where.inputs:
            at = END + number * MINUTE + DUE
            claimed.receive(Chunk(source.topic, 0, number, [Held(number, at, None, ticks.value(at))]))
        before, began, said = cpu(ours.redis_pid), time.perf_counter(), 0
        while claimed.step():
            said += len(claimed.outbox)
            claimed.published()
        if said < DUE:
            raise WorkerFailed(f"{said} messages where {DUE} reminders were due")
        if number:
            took.append((time.perf_counter() - began) / DUE * 1e6)
            used += cpu(ours.redis_pid) - before
    return Due(carts, quantiles(took), used / TICKS / DUE * 1e6)
