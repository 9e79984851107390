"""Looks at all shards at once, of every kind of store: what moved, each output once, and what was lost is said."""

from __future__ import annotations

import pytest
from redis import Redis

from sinks.embedded import EmbeddedServer
from sinks.keys import endpoints_key, workers_key
from sinks.look import FEED_LENGTH, NOTHING, Known, Look, onward
from sinks.redis_reader import RedisReader
from sinks.redis_store import RedisStore
from sinks.shard_state import ShardState
from sinks.store import ReadModel, Refused, Store
from tests.sinks.batches import batch

SHARDS = 3


class Looking:
    """Somebody who looks again and again, and notes every output."""

    def __init__(self, reader: ReadModel) -> None:
        self.reader = reader
        self.known: dict[int, Known] = {}
        self.seen: list[tuple[int, str, bytes]] = []
        self.complete = True

    def look(self) -> Look:
        """Look, and take note."""
        found = self.reader.look(self.known)
        if found.partitions != len(self.known):
            self.known = {}
        for shard in found.moved:
            before = self.known.get(shard.partition, NOTHING)
            entries = shard.feed.entries
            self.seen += [(shard.partition, ident, value) for ident, value in entries]
            self.complete &= shard.feed.complete
            at = entries[-1][0] if entries else onward(before, shard.seq)
            self.known[shard.partition] = Known(shard.seq, at)
        return found


@pytest.fixture
def looking(reader: ReadModel) -> Looking:
    return Looking(reader)


def claim(store: Store, token: str = "t") -> None:
    for partition in range(SHARDS):
        store.claim(partition, token, schema=1, partitions=SHARDS)


def commit(store: Store, partition: int, seq: int, **parts: object) -> None:
    assert store.apply(partition, "t", seq, batch(**parts)).status == "OK"


def test_an_empty_store_has_no_shards(looking: Looking) -> None:
    assert looking.look() == Look(0, [], {}, {})


def test_only_what_moved_is_read(store: Store, looking: Looking) -> None:
    claim(store)
    assert [shard.partition for shard in looking.look().moved] == [0, 1, 2]
    state = ShardState(watermark=50).encode()
    commit(store, 1, 1, shard=state, stats={"events": 3}, timers={"a": 49, "b": 50}, feed=[b"one", b"two"])
    (shard,) = looking.look().moved
    assert (shard.partition, shard.seq, shard.state, dict(shard.stats)) == (1, 1, state, {b"events": b"3"})
    assert (shard.timers, shard.timers_due) == (2, 1)
    assert looking.look().moved == []
    assert looking.seen == [(1, "1-0", b"one"), (1, "1-1", b"two")]
    assert looking.complete


def test_each_output_once_however_looks_and_batches_alternate(store: Store, looking: Looking) -> None:
    claim(store)
    said = []
    for seq in range(1, 40):
        for partition in range(SHARDS):
            feed = [f"{partition} {seq} {i}".encode() for i in range((seq * 7 + partition) % 4)]
            commit(store, partition, seq, feed=feed)
            said += [(partition, f"{seq}-{i}", value) for i, value in enumerate(feed)]
        if seq % 3 == 0:
            looking.look()
    looking.look()
    assert sorted(looking.seen) == sorted(said)
    assert looking.complete


def test_what_was_dropped_between_two_looks_is_said(store: Store, looking: Looking) -> None:
    claim(store)
    commit(store, 0, 1, feed=[b"first"])
    looking.look()
    commit(store, 0, 2, feed=[b"x"] * (FEED_LENGTH - 1))
    looking.look()
    assert looking.complete
    commit(store, 0, 3, feed=[b"y"] * (FEED_LENGTH + 5))
    looking.look()
    assert not looking.complete
    assert len(looking.seen) == 1 + (FEED_LENGTH - 1) + FEED_LENGTH


def test_feeds_are_read_on_from_positions(store: Store, reader: ReadModel) -> None:
    claim(store)
    commit(store, 0, 1, feed=[b"a", b"b", b"c"])
    commit(store, 2, 1, feed=[b"d"])
    found = reader.feeds({0: "1-1", 1: "0-0", 2: "0-0"})
    assert {p: [value for _, value in part.entries] for p, part in found.items()} == {0: [b"c"], 1: [], 2: [b"d"]}
    assert all(part.complete for part in found.values())
    assert not reader.feeds({0: "0-7"})[0].complete


def test_profiles_of_many_come_with_the_names_of_their_shards(store: Store, reader: ReadModel) -> None:
    claim(store)
    commit(store, 0, 1, profiles={"a": b"A", "ü": b"U"}, vocab={"shoes": 0})
    found = reader.profiles_of({0: ["ü", "nobody", "a"], 1: ["a"]})
    assert (list(found[0].packed), dict(found[0].vocab)) == ([b"U", None, b"A"], {"shoes": 0})
    assert (list(found[1].packed), dict(found[1].vocab)) == ([None], {})


# A store that went back


@pytest.mark.servers
def test_a_store_that_lost_its_last_batches_is_read_on_from_where_it_is(redis: Redis, namespace: str) -> None:
    store, looking = RedisStore(redis, namespace), Looking(RedisReader(redis, namespace))
    claim(store)
    commit(store, 0, 1, feed=[b"kept"])
    names = sorted(redis.keys(f"{{{namespace}:0}}*"))
    older = {name: redis.dump(name) for name in names}
    commit(store, 0, 2, feed=[b"lost"])
    looking.look()
    for name in redis.keys(f"{{{namespace}:0}}*"):
        redis.delete(name)
    for name, value in older.items():
        redis.restore(name, 0, value)
    looking.look()
    commit(store, 0, 2, feed=[b"again"])
    looking.look()
    assert [value for _, _, value in looking.seen] == [b"kept", b"lost", b"again"]


@pytest.mark.servers
def test_a_store_that_came_back_empty_is_read_from_its_beginning(redis: Redis, namespace: str) -> None:
    store, looking = RedisStore(redis, namespace), Looking(RedisReader(redis, namespace))
    claim(store)
    commit(store, 0, 1, feed=[b"before"])
    looking.look()
    redis.delete(*redis.keys(f"*{namespace}*"))
    assert looking.look().partitions == 0
    claim(store)
    commit(store, 0, 1, feed=[b"after"])
    looking.look()
    assert [value for _, _, value in looking.seen] == [b"before", b"after"]


# Whom Redis lets look

READS = "-@all +get +mget +hget +hgetall +xrange +zcard +zcount +zscan +scan +@connection"


@pytest.mark.servers
def test_a_user_who_may_only_read_can_look(server: EmbeddedServer, redis: Redis, namespace: str) -> None:
    claim(RedisStore(redis, namespace))
    redis.hset(workers_key(namespace), "w", "{}")
    redis.hset(endpoints_key(namespace), "crm p", "[]")
    keys = f"%R~{namespace}:*", f"%R~{{{namespace}:*"
    redis.execute_command("ACL", "SETUSER", "looker", "on", ">secret", "resetkeys", *keys, *READS.split())
    with Redis(port=server.port, username="looker", password="secret") as client:
        reader = RedisReader(client, namespace)
        found = reader.look({})
        assert (found.partitions, len(found.moved)) == (SHARDS, SHARDS)
        assert (found.workers, found.endpoints) == ({"w": b"{}"}, {"crm p": b"[]"})
        reader.feeds({0: "0-0"})
        reader.profiles_of({0: ["u"]})
        with pytest.raises(Refused, match="lacks rights"):
            RedisStore(client, namespace).claim(0, "x", schema=1, partitions=SHARDS)


@pytest.mark.servers
def test_commands_of_a_look_do_not_depend_on_shoppers(redis: Redis, namespace: str) -> None:
    store, looking = RedisStore(redis, namespace), Looking(RedisReader(redis, namespace))
    claim(store)
    profiles = {f"u{i}": b"x" for i in range(2_000)}
    commit(store, 0, 1, profiles=profiles, timers=dict.fromkeys(profiles, 9))
    redis.config_resetstat()
    looking.look()
    looking.look()
    called = {name.removeprefix("cmdstat_"): stat["calls"] for name, stat in redis.info("commandstats").items()}
    ours = {name: n for name, n in called.items() if name not in ("config|resetstat", "info")}
    assert ours.keys() <= {"get", "hget", "hgetall", "xrange", "zcard", "zcount"}
    assert sum(ours.values()) <= 10 * SHARDS
