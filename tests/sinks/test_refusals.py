"""A server that refuses, refuses the whole batch: what it held before is there byte for byte, fence included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from sinks.embedded import EmbeddedServer
from sinks.keys import ShardKeys, shard_keys
from sinks.redis_store import RedisStore
from sinks.store import Refused, StoreError
from tests.sinks.batches import FULL, batch, raw

ONCE = Retry(NoBackoff(), 0)
Trouble = Callable[[Redis], AbstractContextManager[None]]


@contextmanager
def out_of_memory(redis: Redis) -> Iterator[None]:
    redis.config_set("maxmemory", 1)
    try:
        yield
    finally:
        redis.config_set("maxmemory", 0)


@contextmanager
def demoted(redis: Redis) -> Iterator[None]:
    redis.replicaof("127.0.0.1", 1)  # of a primary that is not there: read-only all the same
    try:
        yield
    finally:
        redis.replicaof("NO", "ONE")


@pytest.mark.parametrize(
    ("trouble", "advice"), [(out_of_memory, "out of memory"), (demoted, "is a replica")], ids=["memory", "read-only"]
)
def test_a_refused_batch_changes_nothing_and_fits_later(
    trouble: Trouble, advice: str, redis: Redis, redis_store: RedisStore, namespace: str
) -> None:
    redis_store.claim(0, "a", schema=1, partitions=1)
    redis_store.apply(0, "a", 1, FULL)
    before = raw(redis, namespace)
    change = batch(profiles={"u1": b"changed", "u2": None, "u3": b"x" * 1000}, timers={"u1": None}, feed=(b"m",))
    with trouble(redis):
        with pytest.raises(Refused, match=advice):
            redis_store.apply(0, "a", 2, change)
        with pytest.raises(Refused, match=advice):
            redis_store.apply(0, "a", 2, batch(profiles={"u1": None}))  # not even a batch that frees memory
        with pytest.raises(Refused, match=advice):
            redis_store.claim(0, "b", schema=1, partitions=1)
        assert redis_store.load(0, ["u1"]) == [b"\xff\x00one"]
    assert raw(redis, namespace) == before
    assert redis_store.apply(0, "a", 2, change).status == "OK"


@pytest.mark.parametrize("name", ShardKeys._fields[:8])
def test_a_key_of_another_type(redis: Redis, redis_store: RedisStore, namespace: str, name: str) -> None:
    redis_store.claim(0, "a", schema=1, partitions=1)
    redis_store.apply(0, "a", 1, FULL)
    key = getattr(shard_keys(namespace, 0), name)
    redis.delete(key)
    redis.rpush(key, "someone else's")
    before = raw(redis, namespace)
    with pytest.raises(Refused, match=f"choose another namespace.*{key}.*list"):
        redis_store.apply(0, "a", 2, FULL)
    with pytest.raises(Refused, match=key):
        redis_store.claim(0, "b", schema=1, partitions=1)
    assert raw(redis, namespace) == before


def test_a_shoppers_key_of_another_type_is_overwritten(redis: Redis, redis_store: RedisStore, namespace: str) -> None:
    keys = shard_keys(namespace, 0)
    redis.rpush(keys.profile + "u1", "x")
    redis.rpush(keys.public + "u1", "x")
    redis_store.claim(0, "a", schema=1, partitions=1)
    assert redis_store.load(0, ["u1"]) == [None]
    assert redis_store.apply(0, "a", 1, FULL).status == "OK"
    assert redis_store.load(0, ["u1"]) == [b"\xff\x00one"]
    assert redis.hgetall(keys.public + "u1") == {b"segment": b"new", b"orders": b"1"}


def test_a_feed_that_is_ahead(redis: Redis, redis_store: RedisStore, namespace: str) -> None:
    """XADD would fail after the profiles are written: the last id is looked at first."""
    redis_store.claim(0, "a", schema=1, partitions=1)
    feed = shard_keys(namespace, 0).feed
    redis.xadd(feed, {"v": "x"}, id="1-0")
    redis.xdel(feed, "1-0")  # an empty stream remembers its last id
    before = raw(redis, namespace)
    with pytest.raises(Refused, match="the feed was written by something else"):
        redis_store.apply(0, "a", 1, FULL)
    assert raw(redis, namespace) == before
    redis.delete(feed)
    assert redis_store.apply(0, "a", 1, FULL).status == "OK"


COMMANDS = ("hmget", "hset", "del", "set", "mset", "zadd", "zrem", "zrange", "xadd", "xtrim", "xinfo|stream")


@pytest.mark.parametrize("missing", COMMANDS)
def test_a_right_that_is_missing_is_seen_at_the_claim(
    missing: str, server: EmbeddedServer, redis: Redis, redis_store: RedisStore, namespace: str
) -> None:
    """APPLY would fail halfway. (docs/redis-keys.md gives the rights that do suffice: `test_docs`.)"""
    redis_store.claim(0, "a", schema=1, partitions=1)
    redis_store.apply(0, "a", 1, FULL)
    before = raw(redis, namespace)
    redis.execute_command("ACL", "SETUSER", namespace, "on", ">secret", "~*", "+@all", f"-{missing}")
    with Redis(port=server.port, username=namespace, password="secret") as client, pytest.raises(StoreError) as refused:
        RedisStore(client, namespace).claim(0, "b", schema=1, partitions=1)
    assert isinstance(refused.value, Refused)
    assert "lacks rights" in str(refused.value)
    assert raw(redis, namespace) == before


def test_a_wrong_password_is_refused_not_unavailable(server: EmbeddedServer, redis: Redis, namespace: str) -> None:
    redis.execute_command("ACL", "SETUSER", namespace, "on", ">secret", "~*", "+@all")
    with Redis(port=server.port, username=namespace, password="wrong", retry=ONCE) as client:
        with pytest.raises(Refused, match="REDIS_URL") as refused:
            RedisStore(client, namespace).load(0, ["u1"])
        assert "wrong" not in str(refused.value).split("(")[0]
