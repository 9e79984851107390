"""A batch that was carried out, but whose answer was lost, may be sent again: by us, and by redis-py on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from sinks.embedded import EmbeddedServer
from sinks.redis_reader import RedisReader
from sinks.redis_store import RedisStore
from sinks.store import Applied, Unavailable
from tests.sinks.batches import FULL, batch, everything, raw
from tests.sinks.proxy import Proxy


@pytest.fixture
def proxy(server: EmbeddedServer) -> Iterator[Proxy]:
    with Proxy(server.port) as proxy:
        yield proxy


Connect = Callable[[int], RedisStore]


@pytest.fixture
def connect(proxy: Proxy, namespace: str) -> Iterator[Connect]:
    """A store behind the proxy, whose client tries again by itself as often as said."""
    clients = []

    def client(retries: int) -> RedisStore:
        clients.append(Redis(port=proxy.port, retry=Retry(NoBackoff(), retries)))
        return RedisStore(clients[-1], namespace)

    yield client
    for each in clients:
        each.close()


def test_an_unanswered_batch_is_unavailable_and_its_repeat_is_recognised(
    connect: Connect, proxy: Proxy, redis: Redis, namespace: str
) -> None:
    store = connect(0)
    store.claim(0, "a", schema=1, partitions=1)
    store.apply(0, "a", 1, FULL)
    proxy.lose_answers(b"EVALSHA", times=1)
    change = batch(profiles={"u1": None}, timers={"u1": None}, feed=(b"m",), outbox=b"o")
    with pytest.raises(Unavailable):
        store.apply(0, "a", 2, change)
    after = raw(redis, namespace)
    assert everything(RedisReader(redis, namespace))["feed"][-1] == ("2-0", b"m")  # it did take effect
    assert store.apply(0, "a", 2, change) == Applied("OK", 1_700_000_000_005)
    assert raw(redis, namespace) == after
    assert proxy.lost == 1


def test_redis_pys_own_retries_are_harmless(connect: Connect, proxy: Proxy, redis: Redis, namespace: str) -> None:
    store = connect(5)
    proxy.lose_answers(b"EVAL", times=2)  # EVAL too: the first call of a script on a new server
    store.claim(0, "a", schema=1, partitions=1)
    proxy.lose_answers(b"EVAL", times=3)
    assert store.apply(0, "a", 1, FULL).status == "OK"
    assert store.apply(0, "a", 2, batch(feed=(b"m",))).status == "OK"
    assert [entry for entry, _ in RedisReader(redis, namespace).feed(0, 9)] == ["1-0", "1-1", "2-0"]
    assert proxy.lost == 5


def test_a_claim_whose_answer_was_lost_holds(connect: Connect, proxy: Proxy, redis_store: RedisStore) -> None:
    store = connect(0)
    redis_store.claim(0, "old", schema=1, partitions=1)
    proxy.lose_answers(b"EVAL", times=1)
    with pytest.raises(Unavailable):
        store.claim(0, "new", schema=1, partitions=1)
    assert redis_store.apply(0, "old", 1, FULL).status == "FENCED"
    assert store.claim(0, "new", schema=1, partitions=1).seq == 0


def test_a_server_that_forgot_the_scripts(redis: Redis, redis_store: RedisStore) -> None:
    redis_store.claim(0, "a", schema=1, partitions=1)
    redis.script_flush()
    assert redis_store.apply(0, "a", 1, FULL).status == "OK"
    redis.script_flush()
    assert redis_store.apply(0, "a", 1, FULL).status == "OK"
    assert redis_store.claim(0, "b", schema=1, partitions=1).seq == 1


def test_nobody_there() -> None:
    listening = Proxy(1)
    listening.__exit__(None, None, None)
    store = RedisStore(Redis(port=listening.port, retry=Retry(NoBackoff(), 0)))
    for call in (lambda: store.load(0, ["u"]), lambda: store.due(0, 0, 9, 9), lambda: store.apply(0, "a", 1, FULL)):
        with pytest.raises(Unavailable):
            call()


def test_a_server_that_came_back_empty(redis: Redis, redis_store: RedisStore, namespace: str) -> None:
    redis_store.claim(0, "a", schema=1, partitions=1)
    redis_store.apply(0, "a", 1, FULL)
    redis.delete(*redis.keys(f"*{namespace}*"))
    assert redis_store.apply(0, "a", 2, FULL) == Applied("EMPTY")
    assert redis.keys(f"*{namespace}*") == []
    claim = redis_store.claim(0, "b", schema=1, partitions=1)
    assert (claim.seq, claim.offsets) == (0, {})
    assert redis_store.apply(0, "a", 2, FULL) == Applied("FENCED")
    assert redis_store.apply(0, "b", 1, FULL).status == "OK"


def test_a_failover_that_lost_the_last_batch(redis: Redis, redis_store: RedisStore, namespace: str) -> None:
    """The suffix is gone: the next batch is LOST, a new claim says where Redis stands."""
    redis_store.claim(0, "a", schema=1, partitions=1)
    redis_store.apply(0, "a", 1, FULL)
    before = raw(redis, namespace)
    redis_store.apply(0, "a", 2, batch(offsets={"orders": 6}))
    for name, dump in before.items():
        redis.restore(name, 0, dump, replace=True)
    assert redis_store.apply(0, "a", 3, batch(offsets={"orders": 7})) == Applied("LOST")
    assert redis_store.apply(0, "a", 1, FULL).status == "OK"
    claim = redis_store.claim(0, "a2", schema=1, partitions=1)
    assert (claim.seq, claim.offsets["orders"]) == (1, 5)
