"""Reading beside other namespaces and other shards, of many keys, and while it changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from sinks.embedded import EmbeddedServer
from sinks.keys import check_namespace
from sinks.redis_reader import RedisReader
from sinks.redis_store import RedisStore
from sinks.store import Refused
from tests.sinks.batches import batch


def fill(redis: Redis, namespace: str, partition: int, users: list[str]) -> RedisStore:
    store = RedisStore(redis, namespace)
    store.claim(partition, "a", schema=1, partitions=12)
    profiles = {user: f"{namespace}/{partition}/{user}".encode() for user in users}
    store.apply(partition, "a", 1, batch(profiles=profiles, timers=dict.fromkeys(users, 7), public={"u": {"n": 1}}))
    return store


def test_a_shard_is_read_apart_from_all_others(redis: Redis, namespace: str) -> None:
    for name in (namespace, f"{namespace}.1", f"x{namespace}", namespace[:-1] + "."):
        for partition in (1, 11):
            fill(redis, name, partition, ["u", "ser:u"])
    reader = RedisReader(redis, namespace)
    expected = {user: f"{namespace}/1/{user}".encode() for user in ("u", "ser:u")}
    assert sorted(reader.profiles(1)) == sorted(expected.items())
    assert list(reader.profiles(2)) == []
    assert reader.partitions() == 12


def test_thousands_of_shoppers_each_once(redis: Redis, namespace: str) -> None:
    users = [f"user {i}" for i in range(7_003)]
    fill(redis, namespace, 0, users)
    reader = RedisReader(redis, namespace)
    found = list(reader.profiles(0))
    assert len(found) == len(users)
    assert {user for user, _ in found} == set(users)
    assert reader.timers(0) == dict.fromkeys(users, 7)


class Repeating(Redis):
    """SCAN may name a key again, in a later page too."""

    def scan_iter(self, *args: Any, **options: Any) -> Iterator[Any]:
        names = list(super().scan_iter(*args, **options))
        return iter([*names, *names])


def test_a_key_that_scan_names_twice_is_read_once(server: EmbeddedServer, redis: Redis, namespace: str) -> None:
    fill(redis, namespace, 0, [f"user {i}" for i in range(1_500)])
    with Repeating(port=server.port) as client:
        assert len(list(RedisReader(client, namespace).profiles(0))) == 1_500


def test_a_profile_deleted_between_its_name_and_its_value_is_left_out(redis: Redis, namespace: str) -> None:
    store = fill(redis, namespace, 0, [f"user {i}" for i in range(3_000)])
    found = RedisReader(redis, namespace).profiles(0)
    first = next(found)[0]
    store.apply(0, "a", 2, batch(profiles={f"user {i}": None for i in range(3_000)}))
    rest = [user for user, _ in found]
    assert first not in rest
    assert len(rest) < 1_000


def test_a_key_of_another_type_is_refused(redis: Redis, namespace: str) -> None:
    redis.set(f"{{{namespace}:0}}:stats", "x")
    with pytest.raises(Refused, match="another namespace"):
        RedisReader(redis, namespace).stats(0)


@pytest.mark.parametrize("name", ["", "a{b", "a}b", "a*", "a:b", "a b", "ü"])
def test_a_namespace_that_would_break_keys_or_scans(name: str) -> None:
    with pytest.raises(ValueError, match="namespace"):
        check_namespace(name)
