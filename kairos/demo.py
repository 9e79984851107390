"""`kairos demo`: the whole of Kairos in one process, on a shop that is made up.

    kairos.shop ──rows, ticks──> memory:// ──Faust worker──> a Redis of our own
                                                   └─outputs─> this terminal

Seven simulated days are folded at once; then time goes on from a fixed instant of the past, a tick each minute.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from rich.console import Console

from kairos import lease, wiring
from kairos.errors import Complaint
from kairos.lines import say, show
from kairos.replay import ticks
from kairos.replay.report import summary
from kairos.replay.route import Route
from kairos.settings import Settings
from kairos.shop import OPENED, Shop
from kairos.times import iso
from models.settings import DAY, HOUR, MINUTE, SECOND
from sinks.embedded import EmbeddedServer
from sinks.outputs import Message
from sinks.redis_reader import RedisReader
from streams.process import App
from streams.transport.broker import MemoryBroker

SHARDS = 4
HISTORY = 7 * DAY
PACE = 0.1
"""Seconds a simulated minute takes: time runs 600 times as fast."""
KEPT = 20_000
"""Records a partition of the broker keeps once they are folded."""
BEHIND = 500
"""Records the worker may be behind before time waits for it."""
PATIENCE = 15.0
"""Seconds the end may take."""

NEXT = "next: your own events, one JSON call a line: kairos replay --local FILE.jsonl   (README.md: with Kafka)"


class Terminal:
    """Where the outputs of the demo go; implements `sinks.outputs.Outputs`. Silent until `live`."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.live = False

    async def publish(self, partition: int, messages: Sequence[Message]) -> None:
        """Print all."""
        if self.live:
            for message in messages:
                show(self.console, message.value)


class Demo:
    """Feeds the app: history at once, then minute by minute.

    Attributes
    ----------
    at
        How far event time has come (ms).
    """

    def __init__(self, settings: Settings, app: App, broker: MemoryBroker) -> None:
        self.at = OPENED
        self._app = app
        self._broker = broker
        self._route = Route(settings, SHARDS)
        self._shop = iter(Shop())
        self._row = next(self._shop)

    def advance(self, step: int) -> None:
        """Let `step` ms of the shop's life pass: append its rows, and a tick that ends them to every log."""
        self.at += step
        append, topics, partition = self._broker.append, self._route.topics, self._route.partition
        while (e := self._row[0]) is not None and e < self.at:
            _, role, key, value = self._row
            append(topics[role], partition(key), key, value)
            self._row = next(self._shop)
        for topic in self._route.inputs:
            for number in range(SHARDS):
                append(topic, number, None, ticks.value(self.at))

    async def folded(self, most: int = 0, stop: asyncio.Event | None = None) -> None:
        """Return when at most so many records are not folded and published, or on `stop`. What ended the app is
        raised."""
        while self._broker.lag(self._route.inputs) > most and not (stop and stop.is_set()):
            if self._app.crashed:
                raise self._app.crash_reason or RuntimeError("the worker ended")
            await asyncio.sleep(0.02)

    async def live(self, stop: asyncio.Event) -> None:
        """Minute by minute at `PACE`, or as fast as the machine can; until `stop`."""
        due = time.monotonic()
        while not stop.is_set():
            self.advance(MINUTE)
            await self.folded(BEHIND, stop)
            due = max(due + PACE, time.monotonic() - 1.0)
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, due - time.monotonic())):
                    await stop.wait()


def run(settings: Settings, seconds: float | None, console: Console) -> None:
    """Run the demo, for so many seconds or until Ctrl-C. ServerError if there is no Redis to start."""
    settings = msgspec.structs.replace(settings, clock="event", redis_url=None)
    with (
        EmbeddedServer(Path(".kairos/redis")) as server,
        lease.written(server.url, SHARDS, settings.namespace),
    ):
        reader = RedisReader(wiring.client(server.url), settings.namespace)
        asyncio.run(_run(settings, server.url, reader, seconds, console))
    say(console, NEXT)


async def _run(settings: Settings, url: str, reader: RedisReader, seconds: float | None, console: Console) -> None:
    stop = _stopping(seconds)
    broker = MemoryBroker([source.topic for source in settings.inputs], partitions=SHARDS, keep=KEPT)
    terminal = Terminal(console)
    app = wiring.embedded_app(settings, url, broker, terminal)
    demo = Demo(settings, app, broker)
    await app.start()
    try:
        for _ in range(HISTORY // HOUR):
            demo.advance(HOUR)
        await demo.folded(stop=stop)
        say(console, _so_far(reader, "folded 7 days of a small shop that is made up"))
        say(console, f"time now runs {MINUTE / PACE / SECOND:g} times as fast, from {iso(demo.at)}; Ctrl-C ends this")
        say(console, "in another terminal: kairos profile shopper-042, kairos tail cart-abandonments")
        terminal.live = True
        await demo.live(stop)
        terminal.live = False
        demo.advance(MINUTE)
        async with asyncio.timeout(PATIENCE):
            await demo.folded()
        say(console, _so_far(reader, f"ended at {iso(demo.at)}"))
    except TimeoutError:
        raise Complaint(f"the worker was not through within {PATIENCE:g} s; is the machine busy?") from None
    finally:
        async with asyncio.timeout(PATIENCE):
            await app.stop()


def _stopping(seconds: float | None) -> asyncio.Event:
    """Set by Ctrl-C, SIGTERM, or after so many seconds. A second Ctrl-C ends at once."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def end() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    if seconds is not None:
        loop.call_later(seconds, stop.set)
    return stop


def _so_far(reader: RedisReader, what: str) -> str:
    total = summary(reader)
    said = sum(count for kinds in total.outputs.values() for count in kinds.values())
    counts = total.counts
    return (
        f"{what}: {counts['events']:,} events of {counts['shoppers']:,} shoppers, "
        f"{counts['orders']:,} orders, {said:,} outputs"
    )
