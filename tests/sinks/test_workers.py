"""Workers' reports: in Redis and in memory alike."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from redis import Redis

from sinks.keys import workers_key
from sinks.memory_store import MemoryStore
from sinks.read_model import workers
from sinks.redis_reader import RedisReader
from sinks.reports import OLD, RedisReports, Reports, sweep
from sinks.store import ReadModel
from sinks.workers import ShardReport, WorkerReport, decode, tell

NOW = 1_800_000_000_000


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.servers)])
def kept(request: pytest.FixtureRequest, namespace: str) -> Iterator[tuple[Reports, ReadModel]]:
    """Where reports go, and what reads them."""
    if request.param == "memory":
        memory = MemoryStore()
        yield memory.worker_reports, memory
        return
    with Redis.from_url(request.getfixturevalue("start_server")("redis-server").url) as client:
        yield RedisReports(client, workers_key(namespace)), RedisReader(client, namespace)


def report(worker: str, at: int) -> WorkerReport:
    shard = ShardReport(3, 2, "0a1b2c3d", True, {"orders": 5}, 1, 2, None, 700, "table cuts", at - 9)
    return WorkerReport(worker, "shop-1", 42, "0.2.0", at, "wall", (shard, ShardReport(4)), ("shard 4: not claimed",))


def test_what_is_told_is_read(kept: tuple[Reports, ReadModel]) -> None:
    reports, reader = kept
    assert workers(reader) == []
    tell(reports, report("b", NOW))
    tell(reports, report("a", NOW))
    tell(reports, report("b", NOW + 2_000))
    assert workers(reader) == [report("a", NOW), report("b", NOW + 2_000)]
    reports.forget(["a"])
    assert [each.id for each in workers(reader)] == ["b"]


def test_reports_of_yesterday_are_swept(kept: tuple[Reports, ReadModel]) -> None:
    reports, reader = kept
    for worker, at in (("gone", NOW - OLD - 1), ("silent", NOW - OLD), ("here", NOW)):
        tell(reports, report(worker, at))
    sweep(reports, decode, NOW)
    assert set(reader.workers()) == {"silent", "here"}


def test_what_a_newer_worker_writes_is_no_error(kept: tuple[Reports, ReadModel]) -> None:
    reports, reader = kept
    reports.report("newer", msgspec.json.encode(report("newer", NOW)).replace(b'"clock"', b'"moon":"full","clock"'))
    reports.report("strange", b'{"id":7}')
    assert workers(reader) == [report("newer", NOW)]
