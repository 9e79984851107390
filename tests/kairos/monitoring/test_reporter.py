"""What a worker tells of itself in Redis is what its metrics say; it goes with the worker."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from pathlib import Path

import pytest

from kairos import wiring
from kairos.monitoring import reporter
from kairos.monitoring.health import Health
from sinks.read_model import workers
from sinks.reports import RedisReports
from sinks.store import Unavailable
from sinks.workers import ShardReport, WorkerReport
from tests.kairos.monitoring.watched import SHARDS, Watched, until


def test_the_report_is_what_the_gauges_say(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporter, "EVERY", 0.05)
    watched = Watched(redis_url, f"w{uuid.uuid4().hex[:8]}")
    watched.append(tmp_path)

    async def look() -> WorkerReport:
        async with watched.running():
            await watched.folded()
            await until(lambda: settled(watched))
            report, seen = workers(watched.reader)[0], await watched.scraped()
            for shard in report.shards:
                label = str(shard.partition)
                assert shard.owned
                assert shard.epoch > 0
                assert shard.timers_due == seen["kairos_timers_due", label] == 0
                assert (shard.outbox, shard.buffered) == (
                    seen["kairos_outbox_messages", label],
                    seen["kairos_buffered_records", label],
                )
                assert shard.lag == {topic: seen["kairos_lag_records", topic, label] for topic in watched.route.inputs}
                assert shard.watermark_delay == pytest.approx(
                    1000 * seen["kairos_watermark_delay_seconds", label], abs=5_000
                )
            return report

    report = asyncio.run(look())
    assert [shard.partition for shard in report.shards] == list(range(SHARDS))
    assert (report.pid, report.clock, report.problems, report.kafka_up) == (os.getpid(), "event", (), True)
    assert report.at == pytest.approx(time.time() * 1000, abs=30_000)
    assert workers(watched.reader) == []  # it stopped cleanly


def settled(watched: Watched) -> bool:
    """Whether a report was written after everything was folded and published."""
    found = workers(watched.reader)
    return bool(found) and len(found[0].shards) == SHARDS and all(map(quiet, found[0].shards))


def quiet(shard: ShardReport) -> bool:
    """Whether a shard has nothing to do."""
    return shard.owned and not shard.outbox and not shard.buffered and set(shard.lag.values()) == {0}


def test_no_report_holds_what_could_write(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporter, "EVERY", 0.05)
    watched = Watched(redis_url, f"w{uuid.uuid4().hex[:8]}")

    async def look() -> None:
        async with watched.running():
            await until(lambda: settled(watched))
            text = b"".join(watched.reader.workers().values()).decode()
            client = wiring.client(redis_url)
            for partition in range(SHARDS):
                token = client.hget(f"{{{watched.settings.namespace}:{partition}}}:own", "token")
                assert isinstance(token, bytes)
                assert token.decode() not in text
                assert watched.app.shards.owned[partition].mark in text

    asyncio.run(look())


def test_a_worker_that_cannot_report_goes_on(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporter, "EVERY", 0.01)
    tried: list[str] = []

    def away(self: RedisReports, worker: str, value: bytes) -> None:
        tried.append(worker)
        raise Unavailable("nobody there")

    monkeypatch.setattr(RedisReports, "report", away)
    watched = Watched(redis_url, f"w{uuid.uuid4().hex[:8]}")
    watched.append(tmp_path, 3)

    async def look() -> None:
        async with watched.running():
            await watched.folded()
            await until(lambda: len(tried) > 2)
            assert list(Health(watched.app.shards, 60).hindered()) == []

    asyncio.run(look())
    assert workers(watched.reader) == []
