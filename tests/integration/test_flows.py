"""Two flows over real Kafka, whose inputs have different numbers of partitions, shared by two workers of one group."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sinks.memory_outputs import MemoryOutputs
from streams.process import App
from streams.records import Input
from streams.shard import Flow
from streams.topology import build
from streams.transport.kafka import Kafka
from tests.integration.kafka_topics import Topics
from tests.streams.embedded import FAST, contiguous, running, until
from tests.streams.fakes import FakeShard, Ledger


def flow(name: str, topics: Topics, ledger: Ledger) -> Flow:
    inputs = [Input(topic, rank) for rank, topic in enumerate(topics.inputs)]
    return Flow(name, inputs, lambda p, n: FakeShard(p, topics.inputs, ledger), MemoryOutputs())


def test_workers_share_the_shards_of_both(kafka: str, tmp_path: Path) -> None:
    shoppers, products = Topics(kafka, 2, 4), Topics(kafka, 1, 2)
    books = Ledger(tmp_path / "shoppers.db"), Ledger(tmp_path / "products.db")

    def app() -> App:
        flows = [flow("shoppers", shoppers, books[0]), flow("products", products, books[1])]
        return build(shoppers.group, flows, Kafka([kafka]), clock="event", shards=FAST)

    def owned(*apps: App) -> list[list[int]]:
        """By flow, whose shards are at work, in all."""
        return [sorted(p for app in apps for p in app.flows[i].owned) for i in (0, 1)]

    def done() -> bool:
        return books[0].count() == shoppers.total and books[1].count() == products.total

    def produce() -> None:
        shoppers.produce(30)
        products.produce(30)

    async def main() -> None:
        produce()
        first = app()
        async with running(first):
            await until(done)
            async with running(second := app()):
                await until(lambda: owned(second) == [[2, 3], [1]] or owned(second) == [[0, 1], [0]])
                await until(lambda: owned(first, second) == [[0, 1, 2, 3], [0, 1]])
                await asyncio.to_thread(produce)
                await until(done)
            await until(lambda: owned(first) == [[0, 1, 2, 3], [0, 1]])
            await asyncio.to_thread(produce)
            await until(done)
        assert not first.crash_reason
        assert not second.crash_reason

    asyncio.run(main())
    assert contiguous(books[0])
    assert contiguous(books[1])
    assert set(books[1].applied()) == {(topic, p) for topic in products.inputs for p in (0, 1)}
