"""Whoever is reminded has nothing left in other shards: acting timers wait for all that forward, and nobody else."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
from msgspec.structs import replace

from models.kernel.partition import partitioner
from models.kernel.settings import HOUR, MINUTE, SECOND
from sinks.memory_store import MemoryStore
from sinks.shard_state import ShardState
from streams.claimed import ClaimedShard
from streams.records import Chunk, End
from streams.shard import Shard
from tests.streams.driven import HOUR0, SETTINGS, feed
from tests.streams.logs import INPUTS, Rec, page, track

PLACE = partitioner("murmur2")
SHOPPERS = [f"u{number}" for number in range(40)]
HERE, THERE = ([user for user in SHOPPERS if PLACE(user.encode(), 2) == p] for p in range(2))


class Pair:
    """Two shards of one shop under a simulated wall clock, and what they say."""

    def __init__(self, **decided: Any) -> None:
        self.store = MemoryStore()
        settings = replace(SETTINGS, **decided)
        self.shards = [Shard(p, 2, INPUTS, self.store, settings, clock="wall").claim() for p in range(2)]
        self.said: list[dict[str, Any]] = []
        self.run(HOUR0)

    def run(self, now: int, *only: int) -> None:
        """The shards (or these alone) fold what is there at `now`; what they forward comes."""
        for _ in range(3):
            for p in only or (0, 1):
                shard = self.shards[p]
                ends = {topic: End(buffer.expected or 0, now) for topic, buffer in shard.buffers.items()}
                while shard.step(now, ends):
                    self._publish(shard, now)

    def _publish(self, shard: ClaimedShard, now: int) -> None:
        for message in shard.outbox:
            if message.partition is None:
                self.said.append(msgspec.json.decode(message.value))
                continue
            target = self.shards[message.partition]
            start = target.buffers[message.topic].expected or 0
            record = Rec(start, now, message.key, message.value, message.headers)
            target.receive(Chunk(message.topic, message.partition, start, [record]))
        shard.published()

    def kinds(self, user: str) -> list[str]:
        return [said["kind"] for said in self.said if said["user_id"] == user and "cart_id" in said]

    def clear(self, p: int) -> int:
        return ShardState.decode(self.store.shard(p)).clear


def left(pair: Pair) -> str:
    """A shopper of shard 1 whose cart comes there itself, in a feed of which the rest comes anywhere."""
    user = THERE[0]
    feed(pair.shards[0], clicks=[page(HOUR0, THERE[1])])
    pair.run(HOUR0 + SECOND)
    feed(pair.shards[1], cart=[track("Product Added", HOUR0 + MINUTE, user, product_id="p", price=9)])
    pair.run(HOUR0 + MINUTE)
    return user


def test_nobody_is_reminded_while_the_order_lies_unread_in_another_partition() -> None:
    pair = Pair()
    user = left(pair)
    for second in range(0, 600, 5):  # shard 0 is away
        pair.run(HOUR0 + HOUR + second * SECOND, 1)
    assert pair.kinds(user) == []
    feed(pair.shards[0], orders=[track("Order Completed", HOUR0 + 5 * MINUTE, user, order_id="o", revenue=9)])
    for second in range(600, 900, 5):
        pair.run(HOUR0 + HOUR + second * SECOND)
    assert pair.kinds(user) == []
    assert pair.shards[1].stats.totals["orders"] == 1


def test_a_reminder_comes_once_all_that_forward_have_caught_up() -> None:
    pair = Pair()
    user = left(pair)
    for second in range(0, 600, 5):
        pair.run(HOUR0 + HOUR + second * SECOND, 1)
    assert pair.kinds(user) == []
    for second in range(600, 630):
        pair.run(HOUR0 + HOUR + second * SECOND)
    assert pair.kinds(user) == ["triggered"]


def test_a_live_feed_without_keys_reminds_half_a_minute_late_at_most() -> None:
    pair = Pair()
    user = left(pair)
    for second in range(60, 31 * 60 + 30):
        pair.run(HOUR0 + second * SECOND)
    assert pair.kinds(user) == ["triggered"]
    assert pair.clear(0) > HOUR0 + 31 * MINUTE


def test_where_records_lie_where_they_belong_nobody_waits_and_nothing_is_committed_for_it() -> None:
    pair = Pair()
    user = THERE[0]
    feed(pair.shards[1], cart=[track("Product Added", HOUR0 + MINUTE, user, product_id="p", price=9)])
    pair.run(HOUR0 + MINUTE)
    batches = [shard.seq for shard in pair.shards]
    for second in range(0, 60, 5):
        pair.run(HOUR0 + 10 * MINUTE + second * SECOND)
    assert batches == [shard.seq for shard in pair.shards]
    for second in range(2):  # one batch finds that it has caught up, the next acts
        pair.run(HOUR0 + HOUR + second * SECOND, 1)
    assert (pair.kinds(user), pair.clear(0), pair.clear(1)) == (["triggered"], 0, 0)


def test_a_feed_whose_keys_were_mended_waits_for_nobody_after_a_day() -> None:
    pair = Pair()
    user = left(pair)
    for hour in range(1, 27):
        pair.run(HOUR0 + hour * HOUR)
        pair.run(HOUR0 + hour * HOUR + SECOND)
        assert (pair.clear(0) == 0) == (hour > 24), hour
    batches = [shard.seq for shard in pair.shards]
    pair.run(HOUR0 + 27 * HOUR)
    assert batches == [shard.seq for shard in pair.shards]
    assert pair.kinds(user) == ["triggered"]
    feed(pair.shards[0], clicks=[page(HOUR0 + 27 * HOUR, THERE[1])])  # one more without
    pair.run(HOUR0 + 27 * HOUR + MINUTE)
    assert pair.clear(0) > 0


def test_whoever_orders_in_time_is_never_reminded_wherever_the_records_lie() -> None:
    """Records of each kind anywhere, shards away for minutes at a time."""
    for seed in range(30):
        rng, pair = Random(seed), Pair()
        for shard in pair.shards:  # a record of each shopper's: the feed is one without keys from the start
            feed(shard, clicks=[page(HOUR0, user) for user in SHOPPERS])
        pair.run(HOUR0 + SECOND)
        waiting: list[tuple[int, int, str, bytes]] = []
        for user in SHOPPERS:
            at = HOUR0 + rng.randrange(MINUTE, 60 * MINUTE, SECOND)
            bought = at + rng.randrange(SECOND, 29 * MINUTE, SECOND)
            cart = track("Product Added", at, user, product_id="p", price=9)
            order = track("Order Completed", bought, user, order_id=user, revenue=9)
            waiting += [(at, rng.randrange(2), "cart", cart), (bought, rng.randrange(2), "orders", order)]
        waiting.sort()
        away = [0, 0]
        for now in range(HOUR0 + MINUTE, HOUR0 + 3 * HOUR, 20 * SECOND):
            there = [p for p in range(2) if away[p] <= now]
            for p in there:
                for topic in ("cart", "orders"):
                    mine = [value for at, q, role, value in waiting if (q, role) == (p, topic) and at <= now]
                    feed(pair.shards[p], **{topic: mine})
                waiting = [one for one in waiting if one[1] != p or one[0] > now]
                if rng.random() < 0.05:
                    away[p] = now + rng.randrange(20 * MINUTE)
            if there:
                pair.run(now, *there)
        assert not any(pair.kinds(user) for user in SHOPPERS), f"seed {seed}"
        assert sum(shard.stats.totals["orders"] for shard in pair.shards) == len(SHOPPERS), f"seed {seed}"
