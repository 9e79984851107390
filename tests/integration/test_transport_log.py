"""What the log may do to a consumer on real Kafka: lose its beginning, start anew, hold transactions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from sinks.memory_outputs import MemoryOutputs
from streams.process import App
from streams.records import Input
from streams.topology import build
from streams.transport.kafka import Kafka
from streams.transport.positions import LogRecreated, RecordsLost
from tests.integration.kafka_topics import Topics
from tests.streams.embedded import FAST, contiguous, running, until
from tests.streams.fakes import FakeShard, Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db")


def new_app(topics: Topics, ledger: Ledger, make: Callable[[int], Any] | None = None, **options: Any) -> App:
    shard = make or (lambda partition: FakeShard(partition, topics.inputs, ledger))
    inputs = [Input(topic, rank) for rank, topic in enumerate(topics.inputs)]
    options = {"clock": "event", "shards": FAST} | options
    return build(topics.group, inputs, lambda p, n: shard(p), MemoryOutputs(), Kafka([topics.brokers]), **options)


def test_records_deleted_while_away(kafka: str, ledger: Ledger) -> None:
    topics = Topics(kafka, 2, 2)
    lost = topics.inputs[1]

    async def main() -> None:
        topics.produce(50)
        async with running(new_app(topics, ledger)):
            await until(lambda: ledger.count() == topics.total)
        topics.produce(50)
        topics.delete_before(lost, 1, 92)
        async with running(new_app(topics, ledger)) as app:
            await until(lambda: app.crash_reason)
            assert isinstance(app.crash_reason, RecordsLost)
            assert f"{lost}[1]: 42 records were deleted before they were read" in str(app.crash_reason)
        async with running(new_app(topics, ledger, on_gap="skip")):
            await until(lambda: ledger.count() == topics.total - 42)
        assert ledger.applied()[lost, 1] == [*range(50), *range(92, 100)]

    asyncio.run(main())


def test_records_deleted_under_a_running_worker(kafka: str, ledger: Ledger) -> None:
    """aiokafka would start again at the log's beginning, in silence."""
    topics = Topics(kafka, 1, 1)
    stuck = [True]

    class Stuck(FakeShard):
        def step(self, *clock: Any) -> bool:
            return False if stuck else super().step(*clock)

    async def main() -> None:
        topics.produce(4000, size=1000)  # more than one fetch brings
        app = new_app(topics, ledger, lambda p: Stuck(p, topics.inputs, ledger, buffer=10), clock="wall")
        async with running(app):
            await until(lambda: app.shards.owned and app.shards.owned[0]._buffers[topics.inputs[0]])
            await asyncio.to_thread(topics.delete_before, topics.inputs[0], 0, 3990)
            stuck.clear()
            await until(lambda: app.crash_reason)
            assert isinstance(app.crash_reason, RecordsLost)
        assert contiguous(ledger)
        assert 0 < ledger.count() < 3990

    asyncio.run(main())


def test_a_topic_made_anew(kafka: str, ledger: Ledger) -> None:
    topics = Topics(kafka, 1, 1)
    ledger.claim(0, "token")
    ledger.apply(0, "token", [], {topics.inputs[0]: 7}, "[]")

    async def main() -> None:
        async with running(new_app(topics, ledger, on_gap="skip")) as app:
            await until(lambda: app.crash_reason)
            assert isinstance(app.crash_reason, LogRecreated)

    asyncio.run(main())


def test_markers_take_offsets_and_aborted_records_are_not_delivered(kafka: str, ledger: Ledger) -> None:
    """Offsets of transaction markers are gaps no shard ever sees: neither losses, nor a log that is never empty."""
    topics = Topics(kafka, 1, 1)
    topic = topics.inputs[0]

    async def main() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=f"t-{topics.tag}")
        await producer.start()
        async with running(new_app(topics, ledger, clock="wall")) as app:
            await until(lambda: app.shards.owned)
            for keep in (True, False, True, True, False):
                await producer.begin_transaction()
                await asyncio.gather(*[await producer.send(topic, b"v", b"k", partition=0) for _ in range(3)])
                await (producer.commit_transaction() if keep else producer.abort_transaction())
            await producer.stop()
            shard = app.shards.owned[0]
            await until(lambda: ledger.count() == 9)
            await until(lambda: shard.clocks[-1][1][topic].highwater == 15)  # as the shard counts; the log ends at 20
            assert app.shards.owned[0] is shard
        assert ledger.applied() == {(topic, 0): [0, 1, 2, 8, 9, 10, 12, 13, 14]}

    asyncio.run(main())
