"""A Redis that would throw profiles away when it is full: no worker starts on it, unless somebody says so."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator

import pytest
from redis import Redis, RedisCluster

from kairos import wiring
from kairos.config.settings import load
from kairos.errors import EvictingServer
from kairos.monitoring import eviction
from sinks.embedded import free_port
from tests.conftest import Run
from tests.integration.fleet import own_state, own_topics
from tests.integration.servers import RedisServer

pytestmark = pytest.mark.servers
BOUND = 200 << 20


@pytest.fixture(scope="module")
def evicting() -> Iterator[RedisServer]:
    """One that does."""
    with RedisServer(maxmemory=str(BOUND), **{"maxmemory-policy": "allkeys-lru"}) as made:
        yield made


@pytest.mark.parametrize(
    ("policy", "bound", "refused"),
    [
        ("allkeys-lru", BOUND, True),
        ("volatile-ttl", BOUND, True),
        ("allkeys-random", 0, False),
        ("noeviction", BOUND, False),
        ("noeviction", 0, False),
    ],
)
def test_what_a_server_is_refused_for(policy: str, bound: int, refused: bool) -> None:
    settings = load({})
    with (
        RedisServer(maxmemory=str(bound), **{"maxmemory-policy": policy}) as server,
        Redis.from_url(server.url) as client,
    ):
        if refused:
            with pytest.raises(EvictingServer, match=f"maxmemory-policy {policy}, maxmemory 200 MB"):
                eviction.check(settings, client)
        else:
            eviction.check(settings, client)


def test_a_worker_says_so_and_ends(run: Run, kafka: str, evicting: RedisServer) -> None:
    variables = own_topics() | own_state() | {"KAFKA_URL": kafka, "REDIS_URL": evicting.url}
    assert run("topics", "create", "--partitions", "1", **variables).exit_code == 0
    for clock in ("wall", "event"):
        refused = run("worker", "--clock", clock, **variables)
        assert refused.exit_code == 1
        assert refused.stderr.startswith(
            "kairos: Redis evicts keys when its memory is full (maxmemory-policy allkeys-lru"
        )
        assert "KAIROS_EVICTION=allow" in refused.stderr
        assert len(refused.stderr.splitlines()) == 1


def test_who_allows_it_is_warned(evicting: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    wiring.preflight(load({"REDIS_URL": evicting.url, "KAIROS_EVICTION": "allow"}))
    ((_, level, said),) = [record for record in caplog.record_tuples if record[0] == eviction.__name__]
    assert (level, "an evicted profile is a shopper forgotten" in said) == (logging.WARNING, True)


@pytest.mark.parametrize(("rights", "seen"), [("-info", True), ("-config", True), ("-info -config", False)])
def test_what_a_user_may_not_see(evicting: RedisServer, rights: str, seen: bool) -> None:
    """INFO tells, else CONFIG; who may call neither starts, as doctor's advice says."""
    name = f"u{uuid.uuid4().hex[:8]}"
    with Redis.from_url(evicting.url) as admin:
        admin.execute_command("ACL", "SETUSER", name, "on", "nopass", "~*", "+@all", *rights.split())
    with Redis.from_url(evicting.url.replace("//", f"//{name}:x@")) as client:
        if seen:
            with pytest.raises(EvictingServer):
                eviction.check(load({}), client)
        else:
            eviction.check(load({}), client)


def test_every_primary_of_a_cluster() -> None:
    """Its only one, here."""
    config = {"maxmemory-policy": "allkeys-lfu", "cluster-enabled": "yes", "cluster-port": str(free_port())}
    with RedisServer(maxmemory=str(BOUND), **config) as server:
        with Redis.from_url(server.url) as admin:
            admin.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            while b"cluster_state:ok" not in admin.execute_command("CLUSTER", "INFO"):
                pass
        with RedisCluster.from_url(server.url) as cluster:
            with pytest.raises(EvictingServer, match=rf"Redis at 127\.0\.0\.1:{server.port} evicts keys"):
                eviction.check(load({}), cluster)
            cluster.config_set("maxmemory-policy", "noeviction", target_nodes=RedisCluster.PRIMARIES)
            eviction.check(load({}), cluster)
