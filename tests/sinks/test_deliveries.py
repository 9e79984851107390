"""Reports on endpoints, and what became of messages: in Redis and in memory alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from redis import Redis

from sinks.deliveries import Delivery, EndpointReport, decode, encode, tell
from sinks.keys import endpoint_keys, endpoints_key
from sinks.memory_store import MemoryStore
from sinks.read_model import deliveries, endpoints
from sinks.redis_reader import RedisReader
from sinks.reports import OLD, RedisReports, Reports, sweep
from sinks.store import ReadModel

NOW = 1_800_000_000_000
Kept = tuple[Reports, ReadModel, Callable[[str, Sequence[bytes]], object]]


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.servers)])
def kept(request: pytest.FixtureRequest, namespace: str) -> Iterator[Kept]:
    """Where reports go, what reads them, and what puts ended messages there."""
    if request.param == "memory":
        memory = MemoryStore()
        yield memory.endpoint_reports, memory, lambda name, values: memory.ended.update({name: list(values)})
        return
    with Redis.from_url(request.getfixturevalue("start_server")("redis-server").url) as client:
        write = RedisReports(client, endpoints_key(namespace)), RedisReader(client, namespace)
        yield *write, lambda name, values: client.rpush(endpoint_keys(namespace, name).ended, *values)


def test_what_is_told_of_an_endpoint_is_read_once(kept: Kept) -> None:
    reports, reader, _ = kept
    assert endpoints(reader) == []
    one = EndpointReport("crm", "crm.example", NOW, "up", NOW - 9, 2, 1, NOW - 700, 5, {"delivered": 7}, 40, 90)
    two = EndpointReport(
        "crm", "crm.example", NOW + 1, "failing", NOW - 3, 1, 4, NOW - 900, 6, {"delivered": 8}, 30, 99
    )
    late = EndpointReport("crm", "crm.example", NOW - 10_000, "off", NOW - 60_000, 100)
    for sender, report in (("a", one), ("b", two), ("gone", late), ("a", EndpointReport("ads", "ads.example", NOW))):
        tell(reports, sender, report)
    ads, crm = endpoints(reader)
    assert (ads.name, ads.state, ads.p99) == ("ads", "up", None)
    assert crm == EndpointReport(
        "crm", "crm.example", NOW + 1, "failing", NOW - 3, 3, 5, NOW - 900, 11, {"delivered": 8}, 40, 99
    )


def test_reports_of_yesterday_are_swept(kept: Kept) -> None:
    reports, reader, _ = kept
    for name, at in (("gone", NOW - OLD - 1), ("silent", NOW - OLD), ("here", NOW)):
        tell(reports, "a", EndpointReport(name, "h", at))
    sweep(reports, decode, NOW)
    assert [report.name for report in endpoints(reader)] == ["here", "silent"]


def test_the_newest_deliveries_are_read(kept: Kept) -> None:
    _, reader, put = kept
    assert deliveries(reader, "crm", 5) == []
    made = [
        Delivery(f"{n:032x}", "cart-abandonments", "triggered", "u1", NOW, NOW + n, "delivered", 1, 200, 12)
        for n in range(3)
    ]
    put("crm", [encode(made[2]), b"[]", encode(made[1]), encode(made[0])])
    assert deliveries(reader, "crm", 3) == [made[2], made[1]]
    assert deliveries(reader, "crm", 0) == []
