"""Batches that cannot be decoded, on real Kafka: their partition waits, says why, and goes on when it can."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiokafka.codec
import pytest

from kairos.monitoring.health import Health
from ops.kafka.local import LocalKafka
from streams.transport import waiting
from tests.integration.damage import damage, produced
from tests.integration.kafka_topics import Topics
from tests.integration.test_empty_topics import new_app
from tests.streams.embedded import running, until
from tests.streams.fakes import FakeShard, Ledger


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "RETRY", 0.3)


@pytest.mark.parametrize("codec", ["snappy", "lz4", "zstd"])
def test_without_the_package_of_its_codec_a_partition_waits_for_it(
    kafka: str, tmp_path: Path, codec: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    topics, ledger = Topics(kafka, 1, 2), Ledger(tmp_path / "ledger.db")
    (topic,) = topics.inputs
    produced(kafka, topic, 0, [b"plain"])
    produced(kafka, topic, 0, [b"packed " * 99] * 3, codec)
    produced(kafka, topic, 1, [b"plain"] * 4)

    async def main() -> None:
        app = new_app(topics, FakeShard, ledger)
        health = Health(app.shards, 60)
        with monkeypatch.context() as patch:
            patch.setattr(aiokafka.codec, "cramjam", None)
            async with running(app):
                await until(lambda: ledger.count() == 5 and app.outages.partitions)
                (problem,) = [one for one in health.ready().problems if topic in one]
                assert problem.startswith(f"{topic}[0] waits at offset 1: no package here decompresses its batch, for ")
                produced(kafka, topic, 1, [b"plain"])
                await until(lambda: ledger.count() == 6)
                await asyncio.sleep(1)  # several attempts
                assert caplog.text.count("waits at offset 1") == 1
                assert f"Libraries for {codec} compression codec not found" in caplog.text
                patch.undo()  # as by a worker that has the package
                await until(lambda: ledger.count() == 9)
                await until(lambda: not app.outages.partitions)
                assert not [one for one in health.ready().problems if topic in one]
        assert ledger.applied() == {(topic, 0): [0, 1, 2, 3], (topic, 1): [0, 1, 2, 3, 4]}
        assert f"{topic}[0] is read on, after" in caplog.text
        assert app.crash_reason is None

    asyncio.run(main())


def test_a_damaged_batch_holds_up_its_partition_until_the_store_is_past_it(
    own_kafka: LocalKafka, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What came before it is applied, though the same fetch brings both; who moves the store past it is heard."""
    topics, ledger = Topics(own_kafka.bootstrap, 1, 2), Ledger(tmp_path / "ledger.db")
    (topic,) = topics.inputs
    produced(topics.brokers, topic, 0, [b"good 0", b"good 1", b"unlucky", b"good 3"])
    damage(own_kafka.data, topic, 0, b"unlucky")
    produced(topics.brokers, topic, 1, [b"good"] * 3)

    async def main() -> None:
        app = new_app(topics, FakeShard, ledger)
        async with running(app):
            await until(lambda: ledger.count() == 5 and app.outages.partitions)
            assert f"{topic}[0] waits at offset 2: its batch is damaged" in caplog.text
            assert f"`kairos skip {topic} 0`" in caplog.text
            produced(topics.brokers, topic, 0, [b"good 4"])
            produced(topics.brokers, topic, 1, [b"good"])
            await until(lambda: ledger.count() == 6)
            await asyncio.sleep(1)
            assert caplog.text.count("waits at offset 2") == 1
            assert app.outages.kafka.since is None
            ledger.move(0, topic, 3)
            await until(lambda: ledger.count() == 8)
            assert not app.outages.partitions
        assert ledger.applied() == {(topic, 0): [0, 1, 3, 4], (topic, 1): [0, 1, 2, 3]}
        assert "another owner has claimed shard 0" in caplog.text
        assert app.crash_reason is None

    asyncio.run(main())


def test_a_new_assignment_forgets_what_waited(own_kafka: LocalKafka, tmp_path: Path) -> None:
    topics, ledger = Topics(own_kafka.bootstrap, 1, 1), Ledger(tmp_path / "ledger.db")
    (topic,) = topics.inputs
    produced(topics.brokers, topic, 0, [b"unlucky"])
    damage(own_kafka.data, topic, 0, b"unlucky")

    async def main() -> None:
        for _ in range(2):
            app = new_app(topics, FakeShard, ledger)
            async with running(app):
                await until(lambda app=app: app.outages.partitions)
            assert not app.outages.partitions
            assert app.crash_reason is None

    asyncio.run(main())
