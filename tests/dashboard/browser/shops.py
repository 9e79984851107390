"""A small shop for browser tests: a Redis, an engine on it, and the page's server, all in one event loop."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from dashboard.access import Access
from dashboard.server import build, serving
from dashboard.shop import ShopView
from dashboard.watch import Watcher
from kairos import wiring
from kairos.config.settings import Settings
from kairos.replay import ticks
from kairos.replay.route import Route
from kairos.terminal.times import stamp
from models.kernel.settings import MINUTE
from sinks.embedded import EmbeddedServer
from sinks.memory_outputs import MemoryOutputs
from sinks.redis_reader import RedisReader
from streams.transport.broker import MemoryBroker
from tests.streams.embedded import until

BEGINNING = 1_790_604_000_000
"""2026-09-28, 14:00 UTC."""
SHARDS = 2


def reader(url: str) -> RedisReader:
    """Soon says that the store does not answer."""
    return RedisReader(Redis.from_url(url, socket_timeout=1.0, retry=Retry(NoBackoff(), 0)))


class Shop:
    """Everything of it. Its methods run in the loop it was opened in.

    Attributes
    ----------
    redis
        The server, which may be stopped and started.
    url
        The page's address.
    """

    def __init__(self, data: Path, access: Access | None = None) -> None:
        self.redis = EmbeddedServer(data, aof=True)
        self.url = ""
        self._access = access or Access()
        self._open = AsyncExitStack()
        self._at = BEGINNING
        self._count = 0
        self._app: Any = None

    async def open(self, *, engine: bool = True) -> None:
        """Start all parts; without an engine nothing is ever written."""
        self.redis.start()
        self._open.callback(self.redis.stop)
        settings = msgspec.structs.replace(Settings(), group="kairos", clock="event", redis_url=None)
        view = ShopView(settings=settings.shop, clock="event", name="Kairos")
        watcher = Watcher(reader(self.redis.url))
        port = await self._open.enter_async_context(serving(build(watcher, view, self._access), "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{port}"
        if engine:
            await self._start(settings)

    async def _start(self, settings: Settings) -> None:
        self._route = Route(settings, SHARDS)
        self._broker = MemoryBroker([source.topic for source in settings.inputs], partitions=SHARDS)
        self._app = wiring.embedded_app(settings, self.redis.url, self._broker, MemoryOutputs())
        await self._app.start()
        self._open.push_async_callback(self._app.stop)

    async def close(self) -> None:
        """End all parts, the newest first."""
        await self._open.aclose()

    async def event(self, role: int, name: str, user: str, **properties: Any) -> None:
        """Something a shopper does, at the shop's time: `role` 0 of the clickstream, 1 cart, 2 order."""
        self._count += 1
        told = {
            "messageId": f"m{self._count}",
            "type": "track",
            "event": name,
            "userId": user,
            "timestamp": stamp(self._at),
            "properties": properties,
        }
        key = user.encode()
        self._broker.append(self._route.topics[role], self._route.partition(key), key, msgspec.json.encode(told))

    async def passes(self, ms: int = MINUTE) -> None:
        """Time passes, and everything until then is folded and published."""
        self._at += ms
        for topic in self._route.inputs:
            for partition in range(SHARDS):
                self._broker.append(topic, partition, None, ticks.value(self._at))
        await until(lambda: self._app.crashed or not self._broker.lag(self._route.inputs))
        assert not self._app.crashed
