"""Puts the demo together, runs it, and takes it down again."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from rich.console import Console

from kairos import wiring
from kairos.commands.dashboard import page
from kairos.config.settings import Settings
from kairos.demo import run_file
from kairos.demo.deliveries import Deliveries
from kairos.demo.front import Front
from kairos.demo.inputs import Inputs
from kairos.demo.picture import draw
from kairos.demo.plain import Plain, meanwhile
from kairos.demo.play import Play
from kairos.demo.published import Published
from kairos.demo.screen import Screen
from kairos.demo.state import StateReader
from kairos.demo.steps import Steps
from kairos.errors import CommandError, SettingsError, Stopped
from kairos.replay.route import Route
from kairos.simulate.settings import DEMO, DEMO_HISTORY
from kairos.simulate.shop import Shop
from kairos.terminal.lines import say
from models.kernel.settings import MINUTE
from sinks.embedded import EmbeddedServer
from sinks.redis_reader import RedisReader
from streams.transport.broker import BrokerOutputs, MemoryBroker

SHARDS = 4
ZONE = "America/New_York"
KEPT = 20_000
"""Records a partition of the broker keeps once they are folded."""
PATIENCE = 15.0
"""Seconds the end may take."""
LOOK = 0.5
"""Seconds between two looks at the state."""

NEXT = "next: your own events, one JSON call a line: kairos replay --local FILE.jsonl   (README.md: with Kafka)"


class DemoOptions(NamedTuple):
    """The command line, as it is."""

    seconds: float | None = None
    plain: bool = False
    picture: str | None = None


def of_demo(settings: Settings) -> Settings:
    """The settings of the demo. It is judged by the overdue rule: people with a script become overdue at the minute it
    says, whatever a model makes of them. Unless another zone is set the shop is in New York, where its live part begins
    in the evening: the page has a day to show then, and not its first minutes."""
    zone = ZONE if settings.shop.time_zone == "UTC" else settings.shop.time_zone
    shop = msgspec.structs.replace(settings.shop, churn_by="overdue", time_zone=zone)
    name = msgspec.structs.replace(settings.dashboard, name="Kairos demo")
    return msgspec.structs.replace(settings, clock="event", redis_url=None, shop=shop, dashboard=name)


def run(settings: Settings, options: DemoOptions, console: Console) -> None:
    """Run the demo, for so many seconds or until Ctrl-C. ServerError if there is no Redis to start."""
    hint = meanwhile(settings)
    settings = of_demo(settings)
    end = None if options.seconds is None else time.monotonic() + options.seconds
    with (
        EmbeddedServer(Path(".kairos/redis")) as server,
        run_file.written(server.url, SHARDS, settings.namespace),
        _front(console, options, hint) as front,
    ):
        asyncio.run(_Demo(settings, server.url, front).run(end, options.picture))
    say(console, NEXT)


def _front(console: Console, options: DemoOptions, hint: str) -> Front:
    lively = console.is_terminal and not console.is_dumb_terminal and console.encoding.startswith("utf")
    return Screen(console, DEMO_HISTORY, hint) if lively and not options.plain else Plain(console, hint)


class _Demo:
    """All parts, wired."""

    def __init__(self, settings: Settings, url: str, front: Front) -> None:
        broker = MemoryBroker([source.topic for source in settings.inputs], partitions=SHARDS, keep=KEPT)
        self.front = front
        client = wiring.client(url)
        self.deliveries = Deliveries(
            client, settings.namespace, SHARDS, tuple(settings.outputs), self._at, front.delivered
        )
        self.published = Published(settings.outputs, front.said, self.deliveries.publish, BrokerOutputs(broker))
        self.app = wiring.embedded_app(settings, url, broker, self.published)
        self.settings, self.reader = settings, RedisReader(client, settings.namespace)
        inputs, steps = Inputs(client, settings.namespace), Steps(iter(Shop(DEMO)), DEMO.start)
        self.play = Play(self.app, broker, Route(settings, SHARDS), steps, inputs)
        shop: Any = settings.shop
        self.reading = StateReader(self.reader, self.play, self.published, self.deliveries.delivered, shop.holdout)

    def _at(self) -> int:
        """The shop's time (ms)."""
        return self.play.at

    async def run(self, end: float | None, picture: str | None) -> None:
        stop = _stopping(end)
        await self.app.start()
        await self.deliveries.start()
        try:
            async with self._page() as page:
                self.front.served(page)
                await self._history(stop)
                await asyncio.gather(self._watch(stop), self.play.live(stop))
                if picture:
                    draw(picture, await self.reading.take())
                await self._finish()
        finally:
            async with asyncio.timeout(PATIENCE):
                await self.deliveries.stop()
                await self.app.stop()

    @asynccontextmanager
    async def _page(self) -> AsyncIterator[str]:
        """The live page, where the settings want it, else at any port that is free."""
        async with AsyncExitStack() as stack:
            try:
                served = await stack.enter_async_context(page(self.settings, self.reader, "event"))
            except SettingsError:
                served = await stack.enter_async_context(page(self.settings, self.reader, "event", port=0))
            yield served

    async def _history(self, stop: asyncio.Event) -> None:
        started = time.monotonic()
        await self.play.history(DEMO_HISTORY, self.front.folding, stop)
        if stop.is_set():
            raise Stopped("stopped before its history was folded")
        self.front.opened(await self.reading.take(), time.monotonic() - started)
        self.published.live = True

    async def _watch(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self.front.seen(await self.reading.take())
            await asyncio.sleep(LOOK)

    async def _finish(self) -> None:
        """Let what was appended be folded."""
        self.published.live = False
        self.play.advance(MINUTE)
        try:
            async with asyncio.timeout(PATIENCE):
                await self.play.folded()
        except TimeoutError:
            raise CommandError(f"the worker was not through within {PATIENCE:g} s; is the machine busy?") from None
        await self.deliveries.settle()
        self.front.closed(await self.reading.take())


def _stopping(end: float | None) -> asyncio.Event:
    """Set by Ctrl-C, SIGTERM, a terminal that is closed, or at a time. A second Ctrl-C ends at once."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def interrupted() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupted)
    if end is not None:
        loop.call_later(max(0.0, end - time.monotonic()), stop.set)
    return stop
