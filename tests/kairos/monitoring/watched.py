"""A worker over memory and a real Redis that answers on its state, and what it answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from kairos import wiring
from kairos.config.settings import MetricsSettings, Settings
from kairos.replay import ticks
from kairos.replay.route import Route
from kairos.replay.segment import Segment
from kairos.terminal.times import stamp
from models.kernel.events import ROLES
from ops.kafka.local import free_port
from sinks.redis_reader import RedisReader
from streams.transport.broker import BrokerOutputs, MemoryBroker
from tests.kairos.shops import OPENED, write

SHARDS = 2


class Watched:
    """The worker; in `async with` it runs."""

    def __init__(self, url: str, namespace: str, patience: int = 60_000) -> None:
        metrics = MetricsSettings(port=free_port(), stuck_after=patience)
        self.settings = Settings(namespace=namespace, group=namespace, clock="event", redis_url=url, metrics=metrics)
        self.route = Route(self.settings, SHARDS)
        self.broker = MemoryBroker(self.route.inputs, self.settings.outputs.values(), partitions=SHARDS)
        self.app = wiring.embedded_app(self.settings, url, self.broker, BrokerOutputs(self.broker))
        self.reader = RedisReader(wiring.client(url), namespace)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self.app.start()
        try:
            yield
        finally:
            async with asyncio.timeout(30):
                await self.app.stop()

    def append(self, folder: Path, hours: int = 30) -> None:
        """The shop's first hours, with ticks."""
        for span in ticks.spans(Segment([write(folder, hours)], self.settings.shop)):
            for _, role, key, value in span.rows:
                self.broker.append(self.route.topics[role], self.route.partition(key), key, value)
            if span.tick is not None:
                self.tick(span.tick)

    def add(self, role: str, event: str, **properties: Any) -> None:
        """A call of the shopper `u1`, as the shop opens."""
        call = {"type": "track", "event": event, "userId": "u1", "timestamp": stamp(OPENED), "properties": properties}
        topic = self.route.topics[ROLES.index(role)]
        self.broker.append(topic, self.route.partition(b"u1"), b"u1", msgspec.json.encode(call))

    def tick(self, at: int, topics: list[str] | None = None) -> None:
        """To every partition."""
        for topic in topics or self.route.inputs:
            for partition in range(SHARDS):
                self.broker.append(topic, partition, None, ticks.value(at))

    async def folded(self) -> None:
        await until(lambda: self.broker.lag(self.route.inputs) == 0)

    def get(self, path: str, method: str = "GET") -> tuple[int, bytes]:
        """Status and body."""
        connection = HTTPConnection("127.0.0.1", self.settings.metrics.port, timeout=20)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    async def judged(self, path: str) -> tuple[int, dict[str, Any]]:
        """Status and object, asked while the loop turns."""
        status, body = await asyncio.to_thread(self.get, path)
        return status, msgspec.json.decode(body)

    async def scraped(self) -> dict[tuple[str, ...], float]:
        """Every sample by its name and the values of its labels, topic before shard, without the process's own."""
        status, body = await asyncio.to_thread(self.get, "/metrics")
        assert status == 200
        return {
            (sample.name, *(value for _, value in sorted(sample.labels.items(), reverse=True))): sample.value
            for family in text_string_to_metric_families(body.decode())
            for sample in family.samples
            if sample.name.startswith("kairos_")
        }


async def until(condition: Callable[[], object], within: float = 30.0) -> None:
    """Let the loop run until the condition holds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)
