"""Workers that share partitions which hold nothing, or not yet: neither an error nor the group's offsets move them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import NoOffsetForPartitionError
from faust.types import TP

from sinks.memory_outputs import MemoryOutputs
from streams.process import App
from streams.records import Input
from streams.shard import Flow
from streams.topology import build
from streams.transport.kafka import Kafka
from tests.integration.kafka_topics import Topics
from tests.integration.kafka_workers import Workers
from tests.streams.embedded import FAST, running, until
from tests.streams.fakes import FakeShard, Ledger


@pytest.fixture
def workers(kafka: str, tmp_path: Path) -> Iterator[Workers]:
    """None yet, over three inputs of six partitions."""
    made = Workers(Topics(kafka, 3, 6), tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("clock", ["wall", "event"])
@pytest.mark.parametrize("together", [True, False], ids=["together", "one by one"])
def test_three_workers_on_brand_new_topics(workers: Workers, clock: str, together: bool) -> None:
    """Then the first records come to some partitions, and while workers leave and join to others; one input is quiet
    until the end."""
    topics, ledger = workers.topics, workers.ledger
    *busy, quiet = topics.inputs
    for _ in range(3):
        worker = workers.start(clock=clock)
        if not together:
            worker.until("claimed shards")
    workers.share({0, 1}, {2, 3}, {4, 5})

    topics.produce(20, only=[(topic, p) for topic in busy for p in (0, 3)])
    ledger.until(topics.total, alive=workers.running)
    assert worker.stop() == 0
    workers.share({0, 1, 2}, {3, 4, 5})
    topics.produce(20, only=[(topic, p) for topic in busy for p in (0, 1, 5)])
    ledger.until(topics.total, alive=workers.running)
    workers.start(clock=clock)
    workers.share({0, 1}, {2, 3}, {4, 5})
    topics.produce(20, only=[(quiet, p) for p in range(6)])
    ledger.until(topics.total, alive=workers.running)

    assert ledger.applied() == {place: list(range(count)) for place, count in topics.counts.items() if count}
    assert [worker.stop() for worker in workers.all if not worker.leaving] == [0, 0, 0]


def new_app(topics: Topics, shard: type[FakeShard], ledger: Ledger) -> App:
    def make(partition: int, partitions: int) -> Any:
        return shard(partition, topics.inputs, ledger)

    inputs = [Input(topics.inputs[0], 0)]
    return build(topics.group, [Flow("books", inputs, make, MemoryOutputs())], Kafka([topics.brokers]), shards=FAST)


async def _commit(topics: Topics, offset: int) -> None:
    """The group's offset for the first partition of the first input."""
    consumer = AIOKafkaConsumer(bootstrap_servers=topics.brokers, group_id=topics.group, enable_auto_commit=False)
    await consumer.start()
    place = TopicPartition(topics.inputs[0], 0)
    consumer.assign([place])
    await consumer.commit({place: offset})
    await consumer.stop()


@pytest.mark.parametrize("committed", [None, 7, 1000], ids=["none", "another", "beyond the log"])
def test_nothing_is_read_before_the_claim_says_from_where(kafka: str, tmp_path: Path, committed: int | None) -> None:
    """Whatever the group has committed, and however long the claim takes."""
    topics, ledger = Topics(kafka, 1, 1), Ledger(tmp_path / "ledger.db")
    topic = topics.inputs[0]
    seen: list[tuple[int | None, int]] = []

    class Slow(FakeShard):
        def claim(self) -> Any:
            time.sleep(1.0)  # aiokafka, left alone, is through with the group's offset in some ms
            thread = app.consumer._thread
            seen.append((thread.state(TP(topic, 0))._position, len(thread._ensure_consumer()._fetcher._records)))
            return super().claim()

    topics.produce(10)
    app = new_app(topics, Slow, ledger)

    async def main() -> None:
        if committed is not None:
            await _commit(topics, committed)
        async with running(app):
            await until(lambda: ledger.count() == 10)
        assert seen == [(None, 0)]
        assert ledger.applied() == {(topic, 0): list(range(10))}
        assert app.crash_reason is None

    asyncio.run(main())


def test_a_partition_without_a_position_is_claimed_again(
    kafka: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Should the client lose its position all the same."""
    topics, ledger = Topics(kafka, 1, 1), Ledger(tmp_path / "ledger.db")
    topic = topics.inputs[0]

    async def main() -> None:
        topics.produce(10)
        app = new_app(topics, FakeShard, ledger)
        async with running(app):
            await until(lambda: ledger.count() == 10)
            before, fetcher = app.shards.owned[0], app.consumer._thread._ensure_consumer()._fetcher
            error = NoOffsetForPartitionError(TopicPartition(topic, 0))
            app.consumer._thread.thread_loop.call_soon_threadsafe(fetcher._set_error, TopicPartition(topic, 0), error)
            await until(lambda: app.shards.owned and app.shards.owned[0] is not before)
            topics.produce(10)
            await until(lambda: ledger.count() == 20)
        assert f"the client has no position in {topic}; reading again from the store's offsets" in caplog.text
        assert ledger.applied() == {(topic, 0): list(range(20))}
        assert app.crash_reason is None

    asyncio.run(main())
