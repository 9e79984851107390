"""Requests of several shards in one pipeline, on a server and on a cluster: each has its own answer or error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from redis import Redis, RedisCluster
from redis.backoff import NoBackoff
from redis.retry import Retry

from sinks.keys import shard_keys
from sinks.redis_store import RedisStore
from sinks.store import Applied, Apply, Due, Load, Refused, Request, Store, Unavailable
from tests.integration.servers import RedisServer, free_port
from tests.sinks.batches import batch

SHARDS = 6


def claimed(store: Store) -> Store:
    for shard in range(SHARDS):
        store.claim(shard, f"t{shard}", schema=1, partitions=SHARDS)
    return store


def commit(shard: int, seq: int = 1) -> tuple[int, Request]:
    return shard, Apply(f"t{shard}", seq, batch(profiles={"u": b"%d" % shard}, timers={"u": 10 + shard}))


def test_each_gets_its_own_answer(store: Store) -> None:
    claimed(store)
    assert store.together([commit(shard) for shard in range(SHARDS)]) == [
        Applied("OK", 10 + shard) for shard in range(SHARDS)
    ]
    asked: list[tuple[int, Request]] = [(0, Load(["u", "x"])), (1, Due(0, 100, 5)), commit(2), (3, Due(0, 13, 5))]
    assert store.together(asked) == [[b"0", None], [(11, "u")], Applied("OK", 12), []]
    assert store.together([]) == []


def test_one_is_fenced_or_lost_and_the_others_commit(store: Store) -> None:
    claimed(store)
    store.claim(1, "other", schema=1, partitions=SHARDS)
    answers = store.together([commit(0), commit(1), commit(2, seq=7), commit(3)])
    assert [answer.status for answer in answers] == ["OK", "FENCED", "LOST", "OK"]


def test_one_key_of_another_type_refuses_one_shard(redis: Redis, redis_store: RedisStore, namespace: str) -> None:
    claimed(redis_store)
    redis.rpush(shard_keys(namespace, 1).stats, "someone else's")
    answers = redis_store.together([commit(0), commit(1), commit(2)])
    assert [answers[0].status, type(answers[1]), answers[2].status] == ["OK", Refused, "OK"]
    assert "choose another namespace" in str(answers[1])


def test_a_server_that_forgot_the_script_gets_it_in_the_same_call(redis: Redis, redis_store: RedisStore) -> None:
    claimed(redis_store)
    redis.script_flush()
    answers = redis_store.together([commit(shard) for shard in range(SHARDS)])
    assert {answer.status for answer in answers} == {"OK"}


def test_one_trip_however_many_shards(redis: Redis, redis_store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the server sees it: so many reads of its sockets."""
    claimed(redis_store)
    redis_store.together([commit(0)])

    def reads() -> int:
        return int(redis.info("stats")["total_reads_processed"])

    look = -(reads() - reads())  # what the question itself costs
    before = reads()
    redis_store.together([commit(shard, seq=1 + (shard == 0)) for shard in range(SHARDS)])
    assert reads() - before - look <= 2


@pytest.fixture
def nodes() -> Iterator[list[RedisServer]]:
    """A cluster of two nodes."""
    with ExitStack() as stack:
        made = [
            stack.enter_context(RedisServer(**{"cluster-enabled": "yes", "cluster-port": str(free_port())}))
            for _ in range(2)
        ]
        admins = [stack.enter_context(Redis.from_url(node.url)) for node in made]
        for admin, (first, last) in zip(admins, ((0, 8191), (8192, 16383)), strict=True):
            admin.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
        bus = int(admins[1].config_get("cluster-port")["cluster-port"])
        admins[0].execute_command("CLUSTER", "MEET", "127.0.0.1", made[1].port, bus)
        until(lambda: all(b"cluster_state:ok" in admin.execute_command("CLUSTER", "INFO") for admin in admins))
        until(lambda: all(b"cluster_known_nodes:2" in admin.execute_command("CLUSTER", "INFO") for admin in admins))
        yield made


def until(done: Callable[[], bool], within: float = 30.0) -> None:
    deadline = time.monotonic() + within
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.servers
def test_on_a_cluster_a_node_that_is_away_is_the_trouble_of_its_own_shards(nodes: list[RedisServer]) -> None:
    with RedisCluster.from_url(nodes[0].url, socket_timeout=1, retry=Retry(NoBackoff(), 0)) as cluster:
        store = RedisStore(cluster, "shop")  # type: ignore[arg-type]
        claimed(store)
        homes = [cluster.get_node_from_key(shard_keys("shop", shard).own).port for shard in range(SHARDS)]  # type: ignore[no-untyped-call]
        assert len(set(homes)) == 2
        answers = store.together([commit(shard) for shard in range(SHARDS)])
        assert answers == [Applied("OK", 10 + shard) for shard in range(SHARDS)]
        assert store.load(0, ["u"]) == [b"0"]
        nodes[1].stop()
        answers = store.together([commit(shard, seq=2) for shard in range(SHARDS)])
        for home, answer in zip(homes, answers, strict=True):
            if home == nodes[1].port:
                assert isinstance(answer, Unavailable)
            else:
                assert answer == Applied("OK", answer.next_due)


@pytest.mark.servers
def test_on_a_cluster_a_slot_that_has_moved_is_found(nodes: list[RedisServer]) -> None:
    with RedisCluster.from_url(nodes[0].url) as cluster, Redis.from_url(nodes[0].url) as admin:
        store = claimed(RedisStore(cluster, "shop"))  # type: ignore[arg-type]
        store.together([commit(shard) for shard in range(SHARDS)])
        shard = next(p for p in range(SHARDS) if cluster.keyslot(shard_keys("shop", p).own) < 8192)
        slot, there = cluster.keyslot(shard_keys("shop", shard).own), nodes[1]
        with Redis.from_url(there.url) as other:
            ids = [client.execute_command("CLUSTER", "MYID").decode() for client in (admin, other)]
            other.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
            admin.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
            keys = admin.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 1_000)
            admin.execute_command("MIGRATE", "127.0.0.1", there.port, "", 0, 5_000, "KEYS", *keys)
            for client in (other, admin):
                client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", ids[1])
        answers = store.together([commit(p, seq=2) for p in range(SHARDS)])
        assert {answer.status for answer in answers} == {"OK"}
