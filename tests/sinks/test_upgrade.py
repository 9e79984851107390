"""A namespace that was written when cuts were the only kind of table."""

from __future__ import annotations

import pytest
from redis import Redis

from sinks.redis_store import RedisStore
from sinks.store import SchemaTooNew
from tests.sinks.batches import FULL, batch


def written_before(redis: Redis, store: RedisStore, namespace: str) -> None:
    """As it was: the sketch a string, frozen ones without the name of their table."""
    store.claim(0, "old", schema=1, partitions=8)
    store.apply(0, "old", 1, FULL)
    tag = f"{{{namespace}:0}}:sketch"
    redis.delete(tag)
    redis.set(tag, b"\x00live")
    redis.rename(f"{tag}:cuts:20161001", f"{tag}:20161001")


def test_a_claim_takes_the_sketch_over(redis: Redis, redis_store: RedisStore, namespace: str) -> None:
    written_before(redis, redis_store, namespace)
    for owner in ("a", "b"):
        assert redis_store.claim(0, owner, schema=1, partitions=8).sketches == {"cuts": b"\x00live"}
    assert redis.type(f"{{{namespace}:0}}:sketch") == b"hash"
    assert redis_store.apply(0, "b", 2, batch(sketches={"churn": b"1"})).status == "OK"
    assert redis_store.claim(0, "c", schema=1, partitions=8).sketches == {"cuts": b"\x00live", "churn": b"1"}


def test_a_claim_that_is_refused_moves_nothing(redis: Redis, redis_store: RedisStore, namespace: str) -> None:
    written_before(redis, redis_store, namespace)
    redis.hset(f"{{{namespace}:0}}:own", "schema", "9")
    before = redis.dump(f"{{{namespace}:0}}:sketch")
    with pytest.raises(SchemaTooNew):
        redis_store.claim(0, "a", schema=1, partitions=8)
    assert redis.dump(f"{{{namespace}:0}}:sketch") == before


def test_what_was_frozen_is_read_and_goes_with_time(redis: Redis, redis_store: RedisStore, namespace: str) -> None:
    written_before(redis, redis_store, namespace)
    redis_store.claim(0, "a", schema=1, partitions=8)
    assert redis_store.frozen(0, "cuts", 20161001) == (b"frozen", b"\x00W")
    assert redis_store.frozen(0, "churn", 20161001) == (None, b"\x00W")
    redis_store.apply(0, "a", 2, batch(frozen={("cuts", 20161001): None}))
    assert redis_store.frozen(0, "cuts", 20161001) == (None, b"")
    assert not redis.exists(f"{{{namespace}:0}}:sketch:20161001")
