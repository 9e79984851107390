"""The two ways to replay, from opened source to report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from rich.console import Console

from kairos import tables, wiring
from kairos.dump import Said, dump
from kairos.errors import UsageError
from kairos.lines import say
from kairos.local import Local
from kairos.replay import ticks
from kairos.replay.crowd import Crowd
from kairos.replay.progress import meter
from kairos.replay.report import report, summary
from kairos.replay.row import Source, Span
from kairos.replay.wait import wait
from kairos.settings import Settings
from kairos.times import iso
from models.cuts import Cuts
from models.settings import DAY, HOUR
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.store import ReadModel

SHARDS = 8
"""Of a local replay, unless another number is asked for."""


class Options(NamedTuple):
    """What the command line asks for. `until` in ms."""

    until: int | None = None
    wait: bool = False
    dump: str | None = None
    tables: Sequence[Cuts] = ()


class Watched:
    """Spans on their way; remembers the last tick and the last event."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = spans
        self.final: int | None = None
        self.last: int | None = None

    def __iter__(self) -> Iterator[Span]:
        for span in self._spans:
            if span.rows and span.rows[-1][0] is not None:
                self.last = span.rows[-1][0]
            if span.tick is not None:
                self.final = span.tick
            yield span


def local(settings: Settings, source: Source, shards: int, options: Options, console: Console) -> dict[str, Any]:
    """Through the engine in this process. Returns the report."""
    started = time.monotonic()
    store, outputs = MemoryStore(), MemoryOutputs()
    tables.pin(options.tables, store)
    engine = Local(settings, shards, store, outputs)
    crowd = Crowd(source, settings.shop.limits.max_skew)
    spans = Watched(ticks.between(crowd, options.until))
    with meter(console, source.total) as show:
        for span in spans:
            engine.feed(span)
            show(span)
        engine.finish()
    result = report(summary(store), time.monotonic() - started)
    _due(store, spans.final, console)
    if options.dump:
        dump(options.dump, store, settings.shop, (Said(m.topic, m.key, m.value) for _, m in outputs.messages))
    return result


def to_kafka(settings: Settings, source: Source, options: Options, console: Console) -> dict[str, Any]:
    """Into Kafka, and on demand until the workers are through. Returns the report.

    Raises
    ------
    ReplayError
        If the topics are not as they must be, or Kafka did not take everything.
    """
    if options.until is not None and options.until > time.time() * 1000 + HOUR:
        raise UsageError("--until: Kafka takes no record from more than an hour ahead; into the future goes --local")
    reader = wiring.reader(settings) if options.wait else None
    if options.tables:
        tables.pin(options.tables, wiring.store(settings))
    started = time.monotonic()
    spans = Watched(ticks.spans(source, options.until))
    events, written, partitions = asyncio.run(_write(settings, source, spans, console))
    result: dict[str, Any] = {"events": events, "ticks": written, "seconds": round(time.monotonic() - started, 2)}
    if spans.last is not None and time.time() * 1000 - spans.last > DAY:
        say(console, "history: run `kairos worker --clock event`")
    if reader is None:
        return result
    if spans.final is not None:
        wait(reader, partitions, spans.final, lambda text: say(console, text))
    total = summary(reader)
    result = report(total, time.monotonic() - started)
    _due(reader, spans.final, console)
    if options.dump:
        from kairos.replay.published import published

        dump(options.dump, reader, settings.shop, published(settings, total.outputs))
    return result


async def _write(settings: Settings, source: Source, spans: Watched, console: Console) -> tuple[int, int, int]:
    from kairos.replay.kafka import KafkaTarget

    async with KafkaTarget(settings) as target:
        with meter(console, source.total) as show:
            await target.run(spans, show)
        return target.events, target.ticks, target.route.partitions


def _due(reader: ReadModel, final: int | None, console: Console) -> None:
    """Say what would still happen if time went on."""
    dues = [due for partition in range(reader.partitions()) for due in reader.timers(partition).values()]
    if dues and final is not None:
        last = f"the last at {iso(max(dues))}"
        say(console, f"{len(dues):,} timers are still due after {iso(final)} ({last}); `--until TIME` runs on")
