"""A long backlog is caught up with while live events come: nobody is reminded of the past, each event counts once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from msgspec import Struct
from redis import Redis
from rich.console import Console

from bench import check, stamped
from bench.figures import costs
from bench.inputs import PARTITIONS, write
from bench.pace import sending
from bench.process import peak, resident
from bench.progress import progress
from bench.run import watch
from bench.servers import Servers
from bench.traffic import LATER, Traffic
from bench.watched import Watched, now, watched
from bench.worker import WorkerFailed, counted
from kairos.config.settings import Settings
from kairos.replay.row import Row, Span
from models.kernel.settings import DAY, HOUR, SECOND

RATE = 200
"""Live events a second beside it."""
PAST = HOUR
"""Event time over which it is spread (ms)."""
AFTER = 15.0
"""Seconds for which live events go on once it is folded."""
PATIENCE = 60.0


class Backlog(Struct, frozen=True):
    """A backlog of `events`, and `live` events meanwhile and after it.

    Attributes
    ----------
    rate, worker, redis
        Events a second while it was caught up with, and µs of CPU an event.
    memory
        MiB that the worker held at each quarter of it.
    peak
        The most, until the end.
    reminders
        How many were said: each fell due after the start.
    skipped
        Carts left before the start, of which nothing was said.
    """

    events: int
    live: int
    rate: float
    worker: float
    redis: float
    memory: list[float]
    peak: float
    reminders: int
    skipped: int


def measure(ours: Servers, events: int, data: Path, console: Console) -> Backlog:
    """Write so many, then start the worker. Raises WorkerFailed, also where a promise is broken."""

    def before(where: Settings) -> None:
        with progress(console, "load: writing the backlog", events) as show:
            rows = Traffic().rows(events * SECOND / PAST, events, now() - PAST)
            asyncio.run(write(where, map(Span, chunks(rows)), show))

    with watched(ours, data, f"backlog-{now()}", before=before) as one:
        memory = list[float]()
        live = Traffic(seed=12, first=LATER).rows(RATE, RATE * DAY // SECOND, now())
        with sending(one.where, PARTITIONS, live) as sent:
            with progress(console, "load: catching up", events) as show:
                found = counted(one.process, one.redis, one.where.namespace, PARTITIONS)
                samples = watch(one.process, ours, _noted(one, found, events, memory), events, show)
            time.sleep(AFTER)
        one.silence()
        counters = once(one.redis, one.where, events + sent.events)
        most = peak(one.process.pid)
    reminders = said(one.where, one.started)
    cost = costs(samples, events)
    console.print(f"load: {cost['rate']:,.0f} events/s, {most:.0f} MiB, {reminders:,} reminders", highlight=False)
    return Backlog(
        events,
        sent.events,
        rate=cost["rate"],
        worker=cost["worker"],
        redis=cost["redis"],
        memory=memory,
        peak=most,
        reminders=reminders,
        skipped=counters["history_skipped"],
    )


def chunks(rows: Iterator[Row], size: int = 10_000) -> Iterator[list[Row]]:
    """Rows by the thousands.

    >>> [len(rows) for rows in chunks(Traffic().rows(1, 5, 0), 3)]
    [3, 2]
    """
    while chunk := list(islice(rows, size)):
        yield chunk


def _noted(one: Watched, counts: Iterable[int], events: int, memory: list[float]) -> Iterator[int]:
    """Counts as they come; at each quarter of the events, what the worker holds."""
    for done in counts:
        while len(memory) < 4 and done >= events * (len(memory) + 1) / 4:
            memory.append(resident(one.process.pid))
        yield done


def once(redis: Redis, where: Settings, events: int) -> Counter[str]:
    """The counters, when everything is folded. WorkerFailed unless each event counts once."""
    began = time.monotonic()
    while (found := check.counts(redis, where))["applied"] < events and time.monotonic() - began < PATIENCE:
        time.sleep(1)
    if found["applied"] != events:
        raise WorkerFailed(f"its state holds {found['applied']:,} events, not {events:,}")
    return found


def said(where: Settings, started: int) -> int:
    """How many reminders were said. WorkerFailed if one fell due before the start, or none was said at all."""
    triggers = stamped.triggers(where)
    if past := sum(trigger.due < started for trigger in triggers):
        raise WorkerFailed(f"{past:,} of {len(triggers):,} reminders are of carts left before the worker started")
    if not triggers:
        raise WorkerFailed("no cart left after the start was told of")
    return len(triggers)
