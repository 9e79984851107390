"""The two ways to replay, from opened source to report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.console import Console

from kairos import wiring
from kairos.commands import tables
from kairos.config.settings import Settings
from kairos.errors import UsageError
from kairos.replay import ticks
from kairos.replay.crowd import Crowd
from kairos.replay.dump import PublishedOutput, dump
from kairos.replay.local import Local
from kairos.replay.progress import meter
from kairos.replay.report import not_understood, report, unaccounted
from kairos.replay.row import Source, Span
from kairos.replay.wait import Written, wait
from kairos.terminal.lines import say
from kairos.terminal.times import iso, now
from models.kernel.settings import DAY, HOUR
from models.rfm.cuts import Cuts
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.read_model import promised, summary
from sinks.store import ReadModel
from sinks.summary import Summary

if TYPE_CHECKING:  # aiokafka takes its time to import
    from kairos.replay.kafka import KafkaTarget

SHARDS = 8
"""Of a local replay, unless another number is asked for."""


class RunOptions(NamedTuple):
    """What the command line asks for. `until` in ms."""

    until: int | None = None
    wait: bool = False
    dump: str | None = None
    tables: Sequence[Cuts] = ()


class Done(NamedTuple):
    """The object of ``--json``, and what is missing in it, in words ("" if nothing is)."""

    report: dict[str, Any]
    missing: str = ""


class Watched:
    """Spans of a source on their way, ticks among them; remembers the last tick and the last event."""

    def __init__(self, source: Source, max_skew: int, until: int | None) -> None:
        self._crowd = Crowd(source, max_skew)
        self._until = until
        self.final: int | None = None
        self.last: int | None = None

    def __iter__(self) -> Iterator[Span]:
        for span in ticks.between(self._crowd, self._until):
            if span.rows and span.rows[-1][0] is not None:
                self.last = span.rows[-1][0]
            if span.tick is not None:
                self.final = span.tick
            yield span

    def tell(self, console: Console) -> None:
        """Say how many events were clamped, if any."""
        if self._crowd.clamped:
            told = "dated far ahead of the events around them, or of the present, and counted at the others' time"
            say(console, f"{told} (clamped): {self._crowd.clamped:,}")


def local(settings: Settings, source: Source, shards: int, options: RunOptions, console: Console) -> Done:
    """Through the engine in this process.

    Raises
    ------
    ReplayError
        The files are not as they must be, or the engine left something unfolded.
    """
    started = time.monotonic()
    store, outputs = MemoryStore(), MemoryOutputs()
    tables.pin(options.tables, store)
    engine = Local(settings, shards, store, outputs)
    spans = Watched(source, settings.shop.limits.max_skew, options.until)
    with meter(console, source.total) as show:
        for span in spans:
            engine.feed(span)
            show(span)
        if spans.final is None:  # no event has a time; without a tick they would wait for earlier ones
            engine.feed(Span([], ticks.after(now())))
        engine.finish()
    total = summary(store)
    spans.tell(console)
    _tell(total, console)
    _due(store, spans.final, console)
    if options.dump:
        dump(
            options.dump, store, settings.shop, (PublishedOutput(m.topic, m.key, m.value) for _, m in outputs.messages)
        )
    return Done(report(total, time.monotonic() - started), unaccounted(engine.events, total))


def to_kafka(settings: Settings, source: Source, options: RunOptions, console: Console) -> Done:
    """Into Kafka, and on demand until the workers are through.

    Raises
    ------
    ReplayError
        If the topics are not as they must be, or Kafka did not take everything.
    """
    if options.until is not None and options.until > now() + HOUR:
        raise UsageError("--until: Kafka takes no record from more than an hour ahead; into the future goes --local")
    reader = wiring.reader(settings) if options.wait else None
    before, until = (summary(reader), _until(options.until, promised(reader))) if reader else (None, options.until)
    if options.tables:
        tables.pin(options.tables, wiring.store(settings))
    started = time.monotonic()
    spans = Watched(source, settings.shop.limits.max_skew, until)
    target = asyncio.run(_write(settings, source, spans, console))
    spans.tell(console)
    if spans.last is not None and now() - spans.last > DAY:
        say(console, "history: run `kairos worker --clock event`")
    if reader is None or before is None:
        seconds = round(time.monotonic() - started, 2)
        return Done({"events": target.events, "ticks": target.ticks, "seconds": seconds})
    _wait(reader, target, spans.final, console)
    total = summary(reader)
    own = total.since(before)
    if (others := own.counts["events"] - target.events) > 0:
        say(console, f"other events were folded meanwhile, and are in the counts: {others:,}")
    _tell(own, console)
    _due(reader, spans.final, console)
    if options.dump:
        from kairos.replay.published import published

        dump(options.dump, reader, settings.shop, published(settings, total.outputs))
    return Done(report(own, time.monotonic() - started), unaccounted(target.events, own))


def _until(asked: int | None, promised: int) -> int | None:
    """Where the last tick has to be (ms), if the file's own is not later."""
    return max(asked or 0, promised + 1) if promised else asked


def _wait(reader: ReadModel, target: KafkaTarget, final: int | None, console: Console) -> None:
    if final is None and target.events:
        say(console, "no event has a time that can be read, so there is no tick: `--clock event` waits for a later one")
    wait(reader, target.route.partitions, Written(target.ends, final or 0), lambda text: say(console, text))


async def _write(settings: Settings, source: Source, spans: Watched, console: Console) -> KafkaTarget:
    from kairos.replay.kafka import KafkaTarget

    async with KafkaTarget(settings) as target:
        with meter(console, source.total) as show:
            await target.run(spans, show)
        return target


def _tell(total: Summary, console: Console) -> None:
    """Say what nobody understood."""
    if line := not_understood(total):
        say(console, line)


def _due(reader: ReadModel, final: int | None, console: Console) -> None:
    """Say what would still happen if time went on."""
    dues = [due for partition in range(reader.partitions()) for due in reader.timers(partition).values()]
    if dues and final is not None:
        last = f"the last at {iso(max(dues))}"
        say(console, f"{len(dues):,} timers are still due after {iso(final)} ({last}); `--until TIME` runs on")
