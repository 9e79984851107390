"""How long a message takes from Kafka to an endpoint, alone and beside an endpoint that never answers.

`kairos act` is a process of its own, on real Kafka and Redis; both endpoints are servers of this process, on the
loopback address. The delay counts from before a message is given to Kafka's client to its arrival at the endpoint that
works.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from aiohttp import web
from aiokafka import AIOKafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from msgspec import Struct
from rich.console import Console

from bench.quantiles import Quantiles, quantiles
from bench.servers import Servers
from bench.sizes import Sizes
from bench.worker import WorkerFailed
from models.carts.cart_trigger import CartTrigger
from models.kernel.ids import digest
from models.kernel.settings import DAY

RATE = 200
"""Messages a second."""
PARTITIONS = 8
READY_WITHIN = 60.0
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
RUN = "from kairos.commands.cli import main; main()"


class Delivered(Struct, frozen=True):
    """Delays (ms) at the endpoint that works, with so many others that hang; `hung` attempts were begun at those."""

    hanging: int
    seconds: int
    delay: Quantiles
    hung: int


class Endpoints:
    """Two endpoints: one that takes everything at once, one that never answers."""

    def __init__(self) -> None:
        self.delays: list[int] = []
        self.hung = 0
        self.port = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Both, on one port."""
        app = web.Application()
        app.router.add_post("/works", self._works)
        app.router.add_post("/hangs", self._hangs)
        runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        try:
            yield
        finally:
            await runner.cleanup()

    async def _works(self, request: web.Request) -> web.Response:
        message = await request.json()
        self.delays.append(_now() - message["data"]["as_of"])
        return web.Response(status=204)

    async def _hangs(self, request: web.Request) -> web.Response:
        self.hung += 1
        await asyncio.sleep(DAY)
        return web.Response()


def measure(ours: Servers, sizes: Sizes, data: Path, console: Console) -> list[Delivered]:
    """Without an endpoint that hangs, and with one."""
    return [asyncio.run(_measure(ours, hanging, sizes.sending, data, console)) for hanging in (0, 1)]


async def _measure(ours: Servers, hanging: int, seconds: int, data: Path, console: Console) -> Delivered:
    name, endpoints = f"act-{hanging}", Endpoints()
    _topics(ours, name)
    async with endpoints.serving(), _sender(ours, name, endpoints, hanging, data):
        count = await _tell(ours, name, seconds)
        await _until(lambda: len(endpoints.delays) >= count, f"{count} messages to arrive")
    found = Delivered(hanging, seconds, quantiles(endpoints.delays), endpoints.hung)
    console.print(
        f"act: {hanging} hanging: p50 {found.delay.p50:.0f} ms, p99 {found.delay.p99:.0f} ms", highlight=False
    )
    return found


def _topics(ours: Servers, name: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=ours.kafka)
    try:
        admin.create_topics([NewTopic(f"{name}-{topic}", PARTITIONS, 1) for topic in ("carts", "dead")])
    finally:
        admin.close()


@asynccontextmanager
async def _sender(ours: Servers, name: str, endpoints: Endpoints, hanging: int, data: Path) -> AsyncIterator[None]:
    """`kairos act`, once it has every partition."""
    file, log = data / f"{name}.toml", data / f"{name}.log"
    file.write_text("\n".join(_table(path, endpoints.port) for path in ("works", "hangs")[: 1 + hanging]))
    settings = {
        "KAFKA_URL": ours.kafka,
        "REDIS_URL": ours.redis,
        "KAIROS_NAMESPACE": name,
        "KAIROS_ENDPOINTS": str(file),
        "KAIROS_TOPIC_CART_ABANDONMENTS": f"{name}-carts",
        "KAIROS_TOPIC_DEAD_LETTERS": f"{name}-dead",
    }
    with log.open("wb") as out:
        command = [sys.executable, "-c", RUN, "act"]
        process = await asyncio.create_subprocess_exec(*command, stdout=out, stderr=out, env=os.environ | settings)
    try:
        with ours.client() as redis:
            await _until(lambda: redis.hlen(f"{{{name}:act:works}}:off") == PARTITIONS, "the partitions")
        yield
    except TimeoutError as error:
        raise WorkerFailed(f"{error}; its log: {log}") from None
    finally:
        process.terminate()
        await process.wait()


def _table(path: str, port: int) -> str:
    return (
        f"[endpoints.{path}]\nurl = {json.dumps(f'http://127.0.0.1:{port}/{path}')}\nallow = ['127.0.0.1']\n"
        f"topics = ['cart-abandonments']\nsecret = '{SECRET}'\n"
    )


async def _tell(ours: Servers, name: str, seconds: int) -> int:
    """Append messages at their rate, each of a shopper of its own; how many."""
    producer = AIOKafkaProducer(bootstrap_servers=ours.kafka, acks="all")
    await producer.start()
    try:
        began = time.monotonic()
        for number in range(RATE * seconds):
            await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
            message = _message(number, _now())
            await producer.send(f"{name}-carts", msgspec.json.encode(message), partition=number % PARTITIONS)
        await producer.flush()
    finally:
        await producer.stop()
    return RATE * seconds


def _message(number: int, at: int) -> CartTrigger:
    return CartTrigger(
        id=digest("bench", number, at),
        kind="triggered",
        user_id=f"u{number}",
        as_of=at,
        reason="2 items left for 30 min without an order",
        cart_id="c",
        anchor=at,
        step=1,
        arm="treated",
        expires_at=at + DAY,
        value=5_000,
        currency="USD",
    )


def _now() -> int:
    return round(time.time() * 1000)


async def _until(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{READY_WITHIN:.0f} s were not enough for {what}")
        await asyncio.sleep(0.02)
