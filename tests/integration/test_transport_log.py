"""What the log may do to a consumer on real Kafka: lose its beginning, start anew, hold transactions."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from models.features import ShopSettings
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.store import PartitionsChanged, SchemaTooNew
from streams.errors import LogRecreated, NotCopartitioned, RecordsLost
from streams.process import App
from streams.records import Input
from streams.shard import Flow, Shard
from streams.topology import SETTINGS, build
from streams.transport.kafka import Kafka
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
    flow = Flow("books", inputs, lambda p, n: shard(p), MemoryOutputs())
    return build(topics.group, [flow], Kafka([topics.brokers]), **options)


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


@pytest.mark.parametrize(
    ("added", "kind", "message"),
    [
        ([0], NotCopartitioned, "must have the same number of partitions, but {0} has 4, {1} has 2"),
        ([0, 1], PartitionsChanged, "the store holds 2 partitions, the inputs have 4"),
    ],
    ids=["to one", "to all"],
)
def test_partitions_added_under_a_running_worker(
    kafka: str, added: list[int], kind: type[Exception], message: str
) -> None:
    """It says what a start would."""
    topics, store = Topics(kafka, 2, 2), MemoryStore()
    inputs = [Input(topic, rank) for rank, topic in enumerate(topics.inputs)]
    flow = Flow("shoppers", inputs, lambda p, n: Shard(p, n, inputs, store, ShopSettings()), MemoryOutputs())
    often = {"consumer_metadata_max_age_ms": 500}

    async def main() -> None:
        new = partial(build, topics.group, [flow], Kafka([kafka]), shards=FAST)
        async with running(new(settings=often)) as app:
            await until(lambda: len(app.shards.owned) == 2)
            await asyncio.to_thread(topics.add_partitions, [topics.inputs[i] for i in added], 4)
            await until(lambda: app.crash_reason)
        async with running(new()) as again:
            await until(lambda: again.crash_reason)
        assert isinstance(app.crash_reason, kind)
        assert message.format(*topics.inputs) in str(app.crash_reason)
        assert str(again.crash_reason) == str(app.crash_reason)

    asyncio.run(main())


def test_the_default_notices_added_partitions_within_a_minute() -> None:
    assert SETTINGS["consumer_metadata_max_age_ms"] <= 30_000


def test_a_refusal_is_one_sentence_however_long_the_stop_takes(
    kafka: str, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    """The client's thread is gone long before another shard's batch is done."""
    topics = Topics(kafka, 1, 2)

    class Refused(FakeShard):
        def step(self, *clock: Any) -> bool:
            if self.partition:
                raise SchemaTooNew("upgrade this worker")
            time.sleep(1.9)
            return super().step(*clock)

    async def main() -> None:
        topics.produce(5)
        app = new_app(topics, ledger, lambda p: Refused(p, topics.inputs, ledger))
        async with running(app):
            await until(lambda: app.crash_reason)

    asyncio.run(main())
    told = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [(record.message, record.exc_info) for record in told] == [("upgrade this worker", None)]


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
