"""One run of one peer: a process of its own on an empty Redis, watched from outside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bench import check
from bench.figures import Run, Sample, costs
from bench.inputs import PARTITIONS, create, written
from bench.peers import Peer, command, settings, variables
from bench.process import cpu, peak, yardstick
from bench.progress import Show
from bench.servers import Servers
from bench.sources import Feed
from bench.worker import Process, WorkerFailed, alone, counted, printed, worker
from bench.workers.common import key
from sinks.redis_store import RedisStore

Fill = Callable[[RedisStore], None]
SETTLE = 1.0
"""Seconds a worker has to send what is left, once every event is stored."""


class Bench:
    """Runs peers on the same servers.

    Parameters
    ----------
    data
        Directory for logs.
    timeout
        Seconds a run may take.
    """

    def __init__(self, servers: Servers, data: Path, timeout: float) -> None:
        self.servers = servers
        self.data = data
        self.timeout = timeout

    def run(self, name: str, peer: Peer, feed: Feed, number: int, show: Show, fill: Fill | None = None) -> Run:
        """Run a peer until its last event is stored, on an empty Redis or what `fill` wrote. Raises WorkerFailed."""
        where = settings(self.servers, f"{feed.topics}-{name}-{number}", feed)
        events, loop = feed.events, yardstick()
        create(where)
        env = variables(peer, self.servers, where, feed)
        with self.servers.client() as redis:
            redis.flushall(asynchronous=True)
            if feed.packed:
                redis.mset({key(user): profile for user, profile in feed.packed.items()})
            if fill is not None:
                fill(RedisStore(redis, where.namespace))
            with worker(command(peer, where, feed), env, self.data, self.timeout) as process:
                counts = printed(process) if peer.module else counted(process, redis, where.namespace, PARTITIONS)
                samples = watch(process, self.servers, counts, events, show)
                time.sleep(SETTLE)
                alone(process)
                whole, memory = cpu(process.pid) / events * 1e6, peak(process.pid)
            check.state(redis, peer, where, feed)
        outputs = written(where) / events
        return Run(name, events, **costs(samples, events), whole=whole, outputs=outputs, peak=memory, loop=loop)


def watch(process: Process, ours: Servers, counts: Iterable[int], events: int, show: Show) -> list[Sample]:
    """A sample each time a worker is known to have got on, until it is through. Raises WorkerFailed."""
    samples: list[Sample] = []
    pids = (process.pid, ours.redis_pid, ours.kafka_pid)
    for done in counts:
        samples.append(Sample(done, time.perf_counter(), *map(cpu, pids)))
        show(done)
        if done >= events:
            return samples
    raise WorkerFailed(f"{samples[-1].events if samples else 0:,} of {events:,} events were done when it ended")
