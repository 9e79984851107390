"""What every store promises (`sinks.store`), asked of each of them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from sinks.store import Applied, Claim, PartitionsChanged, ReadModel, SchemaTooNew, Store
from tests.sinks.batches import EMPTY, FULL, batch, everything


def claim(store: Store, token: str, partition: int = 0, schema: int = 1) -> Claim:
    return store.claim(partition, token, schema=schema, partitions=8)


def test_a_new_shard_is_empty(store: Store, reader: ReadModel) -> None:
    assert reader.partitions() == 0
    assert claim(store, "a") == Claim(seq=0, offsets={}, shard=b"", stats={}, vocab={}, outbox=b"", next_due=None)
    assert reader.partitions() == 8
    assert everything(reader) == {
        "profiles": {}, "public": {}, "shard": b"", "offsets": {}, "stats": {}, "vocab": {}, "timers": {}, "feed": [],
    }  # fmt: skip


def test_a_claim_returns_what_was_committed(store: Store) -> None:
    claim(store, "a")
    assert store.apply(0, "a", 1, FULL) == Applied("OK", 1_700_000_000_005)
    assert claim(store, "b") == Claim(
        seq=1,
        offsets={"clickstream": 7, "orders": 5},
        shard=b"\x00W",
        stats={"events": b"12", "h:3": b"[[180,12,1,5990,0]]"},
        vocab={"shoes": 0, "帽子": 1},
        outbox=b"\x93out",
        next_due=1_700_000_000_005,
        sketches={"cuts": b"\x00live"},
    )


def test_what_was_committed_can_be_read(store: Store, reader: ReadModel) -> None:
    claim(store, "a")
    store.apply(0, "a", 1, FULL)
    assert everything(reader) == {
        "profiles": {"u1": b"\xff\x00one", "u2": b"two"},
        "public": {"u1": {"segment": "new", "orders": "1"}},
        "shard": b"\x00W",
        "offsets": {"clickstream": 7, "orders": 5},
        "stats": {"events": "12", "h:3": "[[180,12,1,5990,0]]"},
        "vocab": {"shoes": 0, "帽子": 1},
        "timers": {"u1": 1_700_000_000_017, "u2": 1_700_000_000_005},
        "feed": [("1-0", b"\xfe first"), ("1-1", b"second")],
    }
    assert reader.profile(0, "u2") == b"two"
    assert reader.profile(0, "u3") is None
    assert store.load(0, ["u2", "u3", "u1"]) == [b"two", None, b"\xff\x00one"]
    assert store.load(0, []) == []


def test_a_new_claim_fences_the_old_owner(store: Store, reader: ReadModel) -> None:
    claim(store, "a")
    store.apply(0, "a", 1, FULL)
    claim(store, "b")
    before = everything(reader)
    assert store.apply(0, "a", 2, batch(profiles={"u1": b"zombie"})) == Applied("FENCED")
    assert store.apply(0, "a", 1, FULL) == Applied("FENCED")  # not even a repeat
    assert everything(reader) == before
    assert (store.owned(0, "a"), store.owned(0, "b")) == (False, True)
    assert store.apply(0, "b", 2, EMPTY).status == "OK"


def test_nobody_owns_an_unclaimed_shard(store: Store, reader: ReadModel) -> None:
    """So a store that came back without its data is known from one that another worker has claimed."""
    claim(store, "a", partition=1)
    assert not store.owned(0, "a")
    assert store.apply(0, "a", 1, FULL) == Applied("EMPTY")
    assert store.apply(0, "", 1, FULL) == Applied("EMPTY")
    assert everything(reader)["profiles"] == {}
    claim(store, "b")
    assert store.apply(0, "a", 1, FULL) == Applied("FENCED")


def test_the_same_batch_again_is_recognised(store: Store, reader: ReadModel) -> None:
    claim(store, "a")
    first = store.apply(0, "a", 1, FULL)
    before = everything(reader)
    assert store.apply(0, "a", 1, FULL) == first
    assert everything(reader) == before


@pytest.mark.parametrize("seq", [0, 1, 3])
def test_another_batch_at_a_wrong_number_is_lost(store: Store, reader: ReadModel, seq: int) -> None:
    claim(store, "a")
    store.apply(0, "a", 1, FULL)
    before = everything(reader)
    assert store.apply(0, "a", seq, replace(FULL, shard=b"other")) == Applied("LOST")
    assert everything(reader) == before


@pytest.mark.parametrize("part", EMPTY.__struct_fields__)
def test_a_batch_that_differs_in_one_part_is_another_batch(store: Store, part: str) -> None:
    claim(store, "a")
    store.apply(0, "a", 1, FULL)
    assert store.apply(0, "a", 1, replace(FULL, **{part: getattr(EMPTY, part)})).status == "LOST"


def test_shards_are_apart(store: Store, reader: ReadModel) -> None:
    claim(store, "a", partition=0)
    claim(store, "b", partition=1)
    store.apply(0, "a", 1, FULL)
    assert claim(store, "c", partition=1).seq == 0
    assert everything(reader, 1)["profiles"] == {}
    assert store.apply(0, "a", 2, EMPTY).status == "OK"


def test_none_deletes(store: Store, reader: ReadModel) -> None:
    claim(store, "a")
    store.apply(0, "a", 1, FULL)
    gone = batch(profiles={"u1": None, "u9": None}, public={"u1": None, "u9": None}, timers={"u2": None, "u9": None})
    gone = replace(gone, stats={"h:3": None, "h:9": None})
    assert store.apply(0, "a", 2, gone) == Applied("OK", 1_700_000_000_017)
    after = everything(reader)
    assert (after["profiles"], after["public"], after["timers"]) == ({}, {}, {"u1": 1_700_000_000_017})
    assert (reader.profile(0, "u1"), reader.profile(0, "u2")) == (None, b"two")  # listed is who has a timer
    assert after["stats"] == {"events": "12"}
    assert store.apply(0, "a", 3, batch(timers={"u1": None})) == Applied("OK", None)


def test_a_public_hash_is_replaced_whole_and_counters_one_by_one(store: Store, reader: ReadModel) -> None:
    claim(store, "a")
    store.apply(0, "a", 1, FULL)
    change = batch(public={"u1": {"tier": "gold"}, "u2": {"n": 1}}, stats={"events": 13}, offsets={"orders": 4})
    store.apply(0, "a", 2, change)
    store.apply(0, "a", 3, batch(public={"u2": {}}))
    assert reader.public(0, "u1") == {"tier": "gold"}
    assert reader.public(0, "u2") == {}
    assert reader.stats(0) == {"events": "13", "h:3": "[[180,12,1,5990,0]]"}
    assert reader.offsets(0) == {"clickstream": 7, "orders": 4}


def test_the_outbox_is_replaced_and_an_empty_one_is_none(store: Store, reader: ReadModel) -> None:
    claim(store, "a")
    assert reader.outbox(0) == b""
    store.apply(0, "a", 1, FULL)
    store.apply(0, "a", 2, batch(outbox=b"next"))
    assert claim(store, "a").outbox == reader.outbox(0) == b"next"
    store.apply(0, "a", 3, batch(outbox=b""))
    assert claim(store, "a").outbox == reader.outbox(0) == b""


def test_due_timers_come_in_order_of_time_then_bytes(store: Store) -> None:
    claim(store, "a")
    users = ["z", "ä", "a", "Z", "€", "～", "😀", "a\x00", "", "aa"]  # UTF-16 would put 😀 before ～
    store.apply(0, "a", 1, batch(timers=dict.fromkeys(users, 100) | {"later": 101, "first": 99}))
    ties = sorted(users, key=str.encode)
    assert store.due(0, 0, 200, 99) == [(99, "first"), *[(100, user) for user in ties], (101, "later")]
    assert store.due(0, 100, 101, 99) == [(100, user) for user in ties]
    assert store.due(0, 100, 200, 3) == [(100, user) for user in ties[:3]]
    assert store.due(0, 0, 99, 99) == []
    assert store.due(0, 0, 200, 99) == store.due(0, 0, 200, 99)  # asking changes nothing


def test_a_timer_moves(store: Store) -> None:
    claim(store, "a")
    store.apply(0, "a", 1, batch(timers={"u1": 50, "u2": 60}))
    assert store.apply(0, "a", 2, batch(timers={"u1": 70})).next_due == 60
    assert store.apply(0, "a", 3, batch(timers={"u1": 50})).next_due == 50
    assert store.due(0, 0, 100, 9) == [(50, "u1"), (60, "u2")]


def test_the_feed_keeps_the_newest_thousand(store: Store, reader: ReadModel) -> None:
    claim(store, "a")
    store.apply(0, "a", 1, batch(feed=[b"old %d" % i for i in range(600)]))
    store.apply(0, "a", 2, batch(feed=[b"new %d" % i for i in range(655)]))
    feed = reader.feed(0, 5_000)
    assert (len(feed), feed[0], feed[-1]) == (1_000, ("1-255", b"old 255"), ("2-654", b"new 654"))
    assert reader.feed(0, 2) == [("2-653", b"new 653"), ("2-654", b"new 654")]
    assert reader.feed(0, 0) == []
    store.apply(0, "a", 3, batch(feed=[b"big %d" % i for i in range(2_500)]))
    feed = reader.feed(0, 5_000)
    assert (len(feed), feed[0], feed[-1]) == (1_000, ("3-1500", b"big 1500"), ("3-2499", b"big 2499"))


def test_a_big_batch(store: Store, reader: ReadModel) -> None:
    claim(store, "a")
    users = [f"user-{i}" for i in range(5_001)]
    big = batch(
        profiles={user: user.encode() * 30 for user in users},
        public={user: {"segment": user} for user in users[:1_001]} | {"x": {f"field{i}": i for i in range(1_001)}},
        timers={user: 1_000 + i for i, user in enumerate(users)},
        stats={f"counter {i}": i for i in range(2_001)},
        vocab={f"name {i}": i for i in range(4_096)},
    )
    assert store.apply(0, "a", 1, big) == Applied("OK", 1_000)
    assert store.load(0, users) == [user.encode() * 30 for user in users]
    assert reader.public(0, "user-1000") == {"segment": "user-1000"}
    assert len(reader.public(0, "x")) == 1_001
    assert reader.timers(0) == big.timers
    assert reader.stats(0) == {name: str(value) for name, value in big.stats.items()}
    assert reader.vocab(0) == big.vocab
    gone = batch(profiles=dict.fromkeys(users[1:]), public=dict.fromkeys(users), timers=dict.fromkeys(users[1:]))
    assert store.apply(0, "a", 2, gone) == Applied("OK", 1_000)
    assert dict(reader.profiles(0)) == {"user-0": b"user-0" * 30}
    assert reader.timers(0) == {"user-0": 1_000}
    assert reader.public(0, "user-1000") == {}


def test_integers_arrive_exactly(store: Store, reader: ReadModel) -> None:
    """Doubles, which Lua counts in, would round these."""
    claim(store, "a")
    odd = 2**53 + 1
    store.apply(0, "a", 1, batch(stats={"revenue:IDR": odd, "low": -odd}, public={"u1": {"net": odd}}))
    assert reader.stats(0) == {"revenue:IDR": str(odd), "low": str(-odd)}
    assert reader.public(0, "u1") == {"net": str(odd)}
    assert claim(store, "b").stats["revenue:IDR"] == str(odd).encode()


def test_ids_are_kept_as_they_are(store: Store, reader: ReadModel) -> None:
    claim(store, "a")
    users = ["}{", "*", "a b\r\n", "{x}", "x:y", "ü\x00", "[a]", "\\"]
    store.apply(0, "a", 1, batch(profiles={user: user.encode() for user in users}, timers=dict.fromkeys(users, 5)))
    assert dict(reader.profiles(0)) == {user: user.encode() for user in users}
    assert store.load(0, users) == [user.encode() for user in users]
    assert reader.timers(0) == dict.fromkeys(users, 5)


def test_older_code_is_refused_and_newer_code_is_remembered(store: Store) -> None:
    claim(store, "a", schema=2)
    with pytest.raises(SchemaTooNew, match="schema 2"):
        claim(store, "b", schema=1)
    assert store.apply(0, "a", 1, FULL).status == "OK"  # the refused one took nothing away
    claim(store, "c", schema=3)
    with pytest.raises(SchemaTooNew):
        claim(store, "d", schema=2)


def test_another_number_of_partitions_is_refused(store: Store) -> None:
    claim(store, "a")
    for partition in (0, 5):  # one that was claimed, one that never was
        with pytest.raises(PartitionsChanged, match="8"):
            store.claim(partition, "b", schema=1, partitions=16)
    assert store.apply(0, "a", 1, FULL).status == "OK"
