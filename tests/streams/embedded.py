"""The whole Faust app over a broker in memory, for one test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from streams.process import App
from streams.records import Input
from streams.shard import Flow
from streams.topology import build
from streams.transport.broker import BrokerOutputs, MemoryBroker
from streams.transport.memory import Memory
from tests.streams.fakes import OUT, FakeShard, Ledger

TOPICS = ("clicks", "cart", "orders")
INPUTS = [Input(topic, rank) for rank, topic in enumerate(TOPICS)]
FAST = {"patience": 2.0, "regain_after": 0.01}


def new_broker(partitions: int = 4, **options: Any) -> MemoryBroker:
    return MemoryBroker(TOPICS, [OUT], partitions=partitions, **options)


def produce(broker: MemoryBroker, each: int) -> int:
    """Append so many records to every partition of every input; answer how many that is."""
    for topic in TOPICS:
        for partition, log in enumerate(broker.logs[topic]):
            for _ in range(each):
                broker.append(topic, partition, b"k", str(log.end).encode())
    return each * len(TOPICS) * len(broker.logs[TOPICS[0]])


def new_app(broker: MemoryBroker, ledger: Ledger, make: Any = None, **options: Any) -> App:
    """An app whose shards keep books in `ledger`."""
    options = {"clock": "event", "shards": FAST} | options
    make = make or (lambda partition, partitions: FakeShard(partition, TOPICS, ledger))
    flow = Flow("books", INPUTS, make, options.pop("outputs", None) or BrokerOutputs(broker))
    return build("test", [flow], Memory(broker), **options)


@asynccontextmanager
async def running(app: App) -> AsyncIterator[App]:
    await app.start()
    try:
        yield app
    finally:
        async with asyncio.timeout(20):
            await app.stop()


async def until(condition: Callable[[], object], within: float = 20.0) -> None:
    """Let the loop run until the condition holds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.005)


def contiguous(ledger: Ledger) -> bool:
    """Every record of every partition exactly once, in order, from the first."""
    return all(offsets == list(range(len(offsets))) for offsets in ledger.applied().values())
