"""A worker's report of itself in Redis, every two seconds, beside its work."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from importlib.metadata import version

from msgspec.structs import replace

from kairos.monitoring import facts
from kairos.monitoring.health import Health
from sinks.redis_reader import RedisReader
from sinks.reports import Reports, sweep
from sinks.store import StoreError
from sinks.workers import ShardReport, WorkerReport, decode, tell
from streams.pulse import Periodic
from streams.runner import Runner
from streams.shards import Shards

logger = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two reports."""
SWEEP = 900
"""Reports between two looks at those of others that are old."""


class Reporter(Periodic):
    """Reports of one worker, from `start` to `stop`. A report that cannot be written is left out.

    Parameters
    ----------
    shards
        Of the app.
    clock
        ``event`` or ``wall``.
    reports
        Where to.
    reader
        Asked for timers; one that gives up soon.
    health
        Judges what keeps shards from work. Need not have been started.
    """

    def __init__(self, shards: Shards, clock: str, reports: Reports, reader: RedisReader, health: Health) -> None:
        self._shards, self._clock = shards, clock
        self._reports, self._reader, self._health = reports, reader, health
        host = socket.gethostname()
        self.id = f"{host}:{os.getpid()}:{secrets.token_hex(2)}"
        self._who = {"id": self.id, "host": host, "pid": os.getpid(), "version": version("kairos")}
        self._lock = threading.Lock()
        self._over = False

    async def _run(self) -> None:
        for reports in itertools.count():
            await asyncio.to_thread(self._write, self.report(), reports % SWEEP == 0)
            await asyncio.sleep(EVERY)

    async def stop(self) -> None:
        """Report no more, and remove what is there."""
        await super().stop()
        await asyncio.to_thread(self._remove)

    def report(self) -> WorkerReport:
        """The worker as it is now, but for its timers."""
        now = round(time.time() * 1000)
        return WorkerReport(
            **self._who,  # type: ignore[arg-type]
            at=now,
            clock=self._clock,
            shards=tuple(self._shard(runner, now) for runner in self._shards.runners or ()),
            problems=tuple(self._health.hindered()),
            kafka_up=facts.kafka_up(self._shards),
            redis_up=self._shards.outages.store.since is None,
        )

    def _shard(self, runner: Runner, now: int) -> ShardReport:
        since = runner.busy_since
        busy = None if since is None else now - round((time.monotonic() - since) * 1000)
        if not runner.epoch:
            return ShardReport(runner.partition, busy_since=busy)
        shard = runner.shard
        return ShardReport(
            runner.partition,
            runner.epoch,
            shard.mark,
            True,
            dict(facts.lag(self._shards, runner)),
            len(shard.outbox),
            facts.buffered(shard),
            None,
            facts.delay(shard, now) if shard.watermark else None,
            shard.awaited,
            busy,
        )

    # In a thread of its own.

    def _write(self, report: WorkerReport, sweeping: bool) -> None:
        with self._lock:
            if self._over:
                return
            try:
                tell(self._reports, replace(report, shards=tuple(self._timed(report))))
                if sweeping:
                    sweep(self._reports, decode, report.at)
            except StoreError as error:
                logger.debug("no report of this worker: %s", error)

    def _timed(self, report: WorkerReport) -> Iterator[ShardReport]:
        """The shards with their timers, as Redis has them."""
        for shard in report.shards:
            owned = self._shards.owned.get(shard.partition)
            if owned is None:
                yield shard
            else:
                yield replace(shard, timers_due=self._reader.timer_counts(shard.partition, owned.watermark)[1])

    def _remove(self) -> None:
        with self._lock:
            self._over = True
            try:
                self._reports.forget([self.id])
            except StoreError as error:
                logger.debug("the report of this worker stays: %s", error)
