"""What a shard's step costs where nothing is due, against the number of timers that wait.

In this process, without Kafka, on a real server: one shard with all timers, under each clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec import Struct
from rich.console import Console

from bench.filled import fill
from bench.peers import settings
from bench.process import cpu
from bench.progress import progress
from bench.quantiles import Quantiles, quantiles
from bench.servers import Servers
from bench.sizes import Sizes
from bench.sources import Feed
from bench.stream import END
from bench.worker import WorkerFailed
from kairos.config.settings import Settings
from kairos.replay import ticks
from kairos.replay.local import Held
from models.kernel.settings import MINUTE, SECOND
from sinks.redis_store import RedisStore
from streams.claimed import ClaimedShard
from streams.records import Chunk, End
from streams.runner import Clock
from streams.shard import Shard


class Idle(Struct, frozen=True):
    """With so many timers, none due, ms of one step under the wall clock and of one tick, folded and committed;
    `redis` is the µs of CPU Redis used for each (step, tick)."""

    timers: int
    step: Quantiles
    tick: Quantiles
    redis: tuple[float, float]


def measure(ours: Servers, sizes: Sizes, console: Console) -> list[Idle]:
    """Each number of timers."""
    return [_measure(ours, timers, sizes.steps, console) for timers in sizes.timers]


def _measure(ours: Servers, timers: int, steps: int, console: Console) -> Idle:
    where = settings(ours, f"idle-{timers}", Feed("idle"))
    with ours.client() as redis:
        redis.flushall(asynchronous=True)
        store = RedisStore(redis, where.namespace)
        with progress(console, f"idle: writing {timers:,} timers", timers) as show:
            fill(store, 1, timers, END, show)
        tick, by_tick = _timed(ours, _ticks(shard(store, where, "event"), where), steps)
        step, by_step = _timed(ours, _steps(shard(store, where, "wall"), where), steps)
    said = f"idle: {timers:,} timers: a step {step.p50:.3f} ms, a tick {tick.p50:.3f} ms"
    console.print(said, highlight=False)
    return Idle(timers, step, tick, (by_step, by_tick))


def shard(store: RedisStore, where: Settings, clock: Clock) -> ClaimedShard:
    return Shard(0, 1, where.inputs, store, where.shop, clock=clock, engine=where.engine).claim()


def _steps(shard: ClaimedShard, where: Settings) -> Callable[[int], object]:
    """Steps of a shard without events, which find nothing to do."""

    def act(number: int) -> None:
        now = END + MINUTE + number * SECOND // 4
        if shard.step(now, {source.topic: End(0, now) for source in where.inputs}) and number:
            raise WorkerFailed("an idle step committed something")

    return act


def _ticks(shard: ClaimedShard, where: Settings) -> Callable[[int], object]:
    """A tick on each input, and what follows from it until all is committed."""

    def act(number: int) -> None:
        at = END + MINUTE + number * SECOND // 4
        for source in where.inputs:
            shard.receive(Chunk(source.topic, 0, number, [Held(number, at, None, ticks.value(at))]))
        while shard.step():
            shard.published()

    return act


def _timed(ours: Servers, act: Callable[[int], object], times: int) -> tuple[Quantiles, float]:
    """ms of an act, and µs of Redis' CPU; the first one, which may set something up, is not counted."""
    act(0)
    used, found = cpu(ours.redis_pid), []
    for number in range(1, times + 1):
        began = time.perf_counter()
        act(number)
        found.append((time.perf_counter() - began) * 1000)
    return quantiles(found), (cpu(ours.redis_pid) - used) / times * 1e6
