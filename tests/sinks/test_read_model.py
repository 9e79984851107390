"""What people read of a store: decoded, of the right shard, over all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2

from models.features import SHOPPERS, ShopSettings
from models.kernel.moment import Moment
from models.kernel.settings import DAY
from models.kernel.shopper import Profile
from models.orders.order import DISCOUNTED, Order
from models.profile import codec
from sinks import read_model
from sinks.memory_store import MemoryStore
from sinks.read_model import Feed
from sinks.shard_state import ShardState
from sinks.store import ReadModel, Store
from tests.sinks.batches import batch

SHARDS = 3
USERS = [f"shopper {number}" for number in range(40)]


@dataclass
class Filled:
    """A store whose shards are written to, each with a sequence of its own."""

    store: Store
    seqs: dict[int, int] = field(default_factory=dict)

    def claim(self) -> None:
        """Claim every shard."""
        for partition in range(SHARDS):
            self.store.claim(partition, "t", schema=1, partitions=SHARDS)

    def commit(self, partition: int, **parts: object) -> None:
        """Commit one batch of these parts."""
        self.seqs[partition] = self.seqs.get(partition, 0) + 1
        self.store.apply(partition, "t", self.seqs[partition], batch(**parts))


@pytest.fixture
def filled(store: Store) -> Filled:
    filled = Filled(store)
    filled.claim()
    return filled


def java_partition(user: str) -> int:
    """Where a Java producer puts a key, by kafka-python."""
    return (murmur2(user.encode()) & 0x7FFFFFFF) % SHARDS


def test_a_profile_is_found_in_its_shoppers_shard(filled: Filled, reader: ReadModel) -> None:
    for number, user in enumerate(USERS):
        filled.commit(
            java_partition(user),
            profiles={user: codec.encode(Profile(1_700_000_000_000 + number, 1_700_000_000_000 + number))},
            timers={user: 1_800_000_000_000},
        )
    for number, user in enumerate(USERS):
        found = read_model.profile(reader, user, ShopSettings())
        assert found is not None
        assert (found["user"], found["shard"]) == (user, java_partition(user))
        assert found["first"] == 1_700_000_000_000 + number
    everybody = {user: profile["first"] for user, profile in read_model.profiles(reader, ShopSettings())}
    assert everybody == {user: 1_700_000_000_000 + number for number, user in enumerate(USERS)}


def test_of_a_stranger_there_is_no_profile(filled: Filled, reader: ReadModel) -> None:
    assert read_model.profile(reader, "stranger", ShopSettings()) is None
    assert read_model.profile(reader, "no unicode \ud800", ShopSettings()) is None
    assert read_model.profile(MemoryStore(), "nobody was ever here", ShopSettings()) is None


def buyer(discounts: str) -> bytes:
    """A packed profile with an order for each letter, those marked d with a discount."""
    p = Profile(1, 1)
    moment = Moment(SHOPPERS.context(ShopSettings()), "u", p, 0, 0, None, SHOPPERS)
    history = moment.ensure(SHOPPERS.named["orders"])
    history.ring = [Order(n, n * DAY, 1_000, 0, DISCOUNTED * (mark == "d")) for n, mark in enumerate(discounts, 1)]
    return codec.encode(p)


def test_what_is_usual_of_a_buyer_stands_beside_the_shops_share_of_discounts(filled: Filled, reader: ReadModel) -> None:
    for partition, (discounted, full_price) in enumerate([(7, 20), (0, 5), (12, 54)]):
        filled.commit(partition, stats={"orders_discounted": discounted, "orders_full_price": full_price})
    marks = {user: "d" * (number % 3) + "-" * (number % 4) for number, user in enumerate(USERS)}
    for user, mark in marks.items():
        filled.commit(java_partition(user), profiles={user: buyer(mark) if mark else codec.encode(Profile(1, 1))})
    for user, mark in marks.items():
        found = read_model.usual(reader, user, ShopSettings())
        if not mark:
            assert found is None
            continue
        assert found is not None
        assert (found.discounts.discounted, found.discounts.orders) == (mark.count("d"), len(mark))
        assert found.discounts.shop == pytest.approx((7 + 12 + 1) / (27 + 5 + 66 + 2))
        assert found.discounts.shop_orders == 98
    assert read_model.usual(reader, "stranger", ShopSettings()) is None


def test_without_any_order_counted_the_shops_share_of_discounts_is_a_half(filled: Filled, reader: ReadModel) -> None:
    filled.commit(java_partition("u"), profiles={"u": buyer("d-")})
    found = read_model.usual(reader, "u", ShopSettings())
    assert found is not None
    assert (found.discounts.shop, found.discounts.shop_orders) == (0.5, 0)


def test_counters_are_summed_over_all_shards(filled: Filled, reader: ReadModel) -> None:
    filled.commit(0, stats={"events": 3, "dead:not_json": 1})
    filled.commit(2, stats={"events": 4, "out:user-tags:entered": 2})
    total = read_model.summary(reader)
    assert total.counts["events"] == 7
    assert total.dead_letters == {"not_json": 1}
    assert total.outputs == {"user-tags": {"entered": 2}}


def test_event_time_of_each_shard(filled: Filled, reader: ReadModel) -> None:
    filled.commit(1, shard=ShardState(watermark=17).encode())
    assert read_model.watermarks(reader) == [0, 17, 0]
    assert read_model.watermarks(reader, 2) == [0, 17]
    assert read_model.watermarks(MemoryStore()) == []
    assert read_model.watermarks(MemoryStore(), 2) == [0, 0]  # not claimed yet


def test_what_was_promised_counts_only_under_the_event_clock(filled: Filled, reader: ReadModel) -> None:
    assert read_model.promised(reader) == 0
    filled.commit(0, shard=ShardState(promises={"cart": 7, "orders": 5}).encode())
    filled.commit(1, shard=ShardState(promises={"cart": 9}, born=1).encode())
    assert read_model.promised(reader) == 7


def test_shards_by_the_version_of_the_table_in_force(filled: Filled, reader: ReadModel) -> None:
    filled.commit(0, shard=ShardState(pins={"cuts": 20260101}).encode())
    filled.commit(2, shard=ShardState(pins={"cuts": 20260101, "other": 5}).encode())
    assert read_model.pinned(reader, "cuts") == {20260101: 2, 0: 1}
    assert read_model.pinned(reader, "other") == {5: 1, 0: 2}


def entries(numbers: Sequence[int], at: Sequence[int]) -> list[bytes]:
    """Outputs as a shard leaves them in its feed."""
    return [
        json.dumps({"topic": "user-tags", "message": {"id": number, "as_of": at[number]}}).encode()
        for number in numbers
    ]


@given(st.data(), st.lists(st.tuples(st.integers(0, SHARDS - 1), st.integers(0, 4), st.booleans()), max_size=12))
def test_each_output_is_seen_once_in_the_order_of_event_time(
    data: st.DataObject, commits: list[tuple[int, int, bool]]
) -> None:
    """Commits of some outputs to some shard, and whether somebody looks after it."""
    ends = list(accumulate((count for _, count, _ in commits), initial=0))
    at = data.draw(st.lists(st.integers(0, 99), min_size=ends[-1], max_size=ends[-1]))
    filled = Filled(MemoryStore())
    filled.claim()
    feed, seen, new = Feed(filled.store), [], []
    for (partition, count, looks), start in zip([*commits, (0, 0, True)], ends, strict=True):
        numbers = range(start, start + count)
        filled.commit(partition, feed=tuple(entries(numbers, at)))
        new += numbers
        if looks:
            fresh = [json.loads(bytes(output.message)) for output in feed.fresh()]
            assert sorted(one["id"] for one in fresh) == new
            assert [one["as_of"] for one in fresh] == sorted(at[number] for number in new)
            seen, new = seen + [one["id"] for one in fresh], []
    assert sorted(seen) == list(range(ends[-1]))
    assert feed.fresh() == []
