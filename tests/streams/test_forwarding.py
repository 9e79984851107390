"""Forwarding: a record of another shard's shopper goes to its own partition, and counts once, whatever comes again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from models.kernel.partition import partitioner
from models.kernel.settings import HOUR, MINUTE
from sinks.memory_store import MemoryStore
from sinks.outputs import Message
from sinks.shard_state import ShardState
from streams import outbox
from streams.claimed import ClaimedShard
from streams.errors import PartitionerChanged
from streams.forwarding import HEADER, Forwarding, Origin, origin
from streams.records import Chunk, End
from streams.shard import Shard
from tests.reference.facts import differences, facts_of_engine, facts_of_reference
from tests.reference.keyless import CALM, PARTITIONS, drive, keyless, shopping
from tests.streams.driven import HOUR0, SETTINGS, feed, run
from tests.streams.logs import INPUTS, T0, Rec, page, tick, track

WHERE = partitioner("murmur2")
HERE, THERE = (next(f"u{n}" for n in range(99) if WHERE(b"u%d" % n, 2) == p) for p in range(2))
"""Shoppers of the two shards of a small shop."""
END = HOUR0 + HOUR
FACTS = ("events", "orders", "valid", "gross", "net", "cleared", "contents", "occasions", "first", "last")
SCHEDULES = 20


def claim(store: MemoryStore, partition: int, clock: Any = "event", **decided: Any) -> ClaimedShard:
    settings = replace(SETTINGS, **decided)
    return Shard(partition, 2, INPUTS, store, settings, clock=clock).claim()


def ticks(shard: ClaimedShard, at: int = END) -> None:
    feed(shard, clicks=[tick(at)], cart=[tick(at)], orders=[tick(at)])


def forwarded(shard: ClaimedShard) -> list[Message]:
    """What the next batch sends on."""
    assert shard.step()
    sent = [message for message in shard.outbox if message.partition is not None]
    shard.published()
    return sent


def deliver(shard: ClaimedShard, messages: Sequence[Message]) -> None:
    """They come, in this order, at the end of the log."""
    for message in messages:
        start = shard.buffers[message.topic].expected or 0
        record = Rec(start, T0 * 2, message.key, message.value, message.headers)
        shard.receive(Chunk(message.topic, shard.partition, start, [record]))


def counts(shard: ClaimedShard) -> dict[str, int]:
    names = ("events", "applied", "duplicates", "dead_letters", "forwarded", "forward_taken", "forward_repeats")
    return {name: n for name in names if (n := shard.stats.totals.get(name, 0))}


def test_a_record_goes_to_its_shopper_with_the_id_as_key_and_its_value_as_it_is() -> None:
    s = claim(MemoryStore(), 0)
    value = track("Product Viewed", HOUR0, THERE, product_id="p")
    feed(s, clicks=[page(HOUR0, HERE), value])
    ticks(s)
    [message] = forwarded(s)
    assert message[:4] == ("clickstream", THERE.encode(), value, 1)
    assert origin(message.headers) == Origin("kairos", 0, 1, 0, T0 * 2)
    assert counts(s) == {"events": 1, "applied": 1, "forwarded": 1}
    assert THERE not in dict(s.store.profiles(0))  # type: ignore[attr-defined]


def test_the_outbox_keeps_where_a_record_goes() -> None:
    sent = [Message("t", b"k", b"v", 3, (("h", b"1"),)), Message("t", None, b"w")]
    assert outbox.unpack(outbox.pack(sent)) == sent
    assert outbox.unpack(msgspec.msgpack.encode([("t", b"k", b"v")])) == [Message("t", b"k", b"v")]  # of version 0.2


def test_an_order_of_unknown_value_goes_to_its_shopper_too_and_is_a_dead_letter_there() -> None:
    store = MemoryStore()
    s, other = claim(store, 0), claim(store, 1)
    feed(s, orders=[track("Order Completed", HOUR0, THERE, order_id="o1", revenue=-1)])
    ticks(s)
    deliver(other, forwarded(s))
    ticks(other)
    said = run(other)
    assert [o["code"] for o in said if o["kind"] == "dead_letter"] == ["wrong_type"]
    assert (counts(s), counts(other)["dead_letters"]) == ({"forwarded": 1}, 1)
    assert other.stats.totals["orders"] == 1


def test_a_record_that_belongs_to_nobody_stays_a_dead_letter_where_it_is() -> None:
    s = claim(MemoryStore(), 0)
    feed(s, clicks=[b"{"])
    ticks(s)
    assert [o["kind"] for o in run(s)] == ["dead_letter"]
    assert counts(s) == {"events": 1, "dead_letters": 1}


def test_a_record_is_not_forwarded_twice() -> None:
    """Workers that do not agree about the partitioner: it would go round for ever."""
    s = claim(MemoryStore(), 0)
    feed(s, clicks=[page(HOUR0, THERE)])
    ticks(s)
    sent = forwarded(s)
    deliver(s, sent)
    [letter] = run(s)
    assert letter["code"] == "misrouted"
    assert counts(s) == {"events": 1, "dead_letters": 1, "forwarded": 1, "forward_taken": 1}


def test_rejecting_is_a_setting() -> None:
    s = claim(MemoryStore(), 0, misrouted="reject")
    feed(s, clicks=[page(HOUR0, THERE)])
    ticks(s)
    assert [o["code"] for o in run(s)] == ["misrouted"]


def test_what_comes_after_the_last_tick_is_folded_whatever_its_topic() -> None:
    store = MemoryStore()
    s, other = claim(store, 0), claim(store, 1)
    ticks(other)
    run(other)
    assert other.watermark == END
    feed(
        s,
        clicks=[page(HOUR0, THERE)],
        cart=[track("Product Added", HOUR0 + MINUTE, THERE, product_id="p", price=1)],
        orders=[track("Order Completed", HOUR0 + 2 * MINUTE, THERE, order_id="o", revenue=5)],
    )
    ticks(s)
    deliver(other, list(reversed(forwarded(s))))
    run(other)
    assert counts(other) == {"events": 3, "applied": 3, "forward_taken": 3}
    assert not any(buffer.waiting for buffer in other.buffers.values())
    [profile] = facts_of_engine(store, 1, SETTINGS).values()
    assert (profile["first"], profile["cleared"]) == (HOUR0, HOUR0 + 2 * MINUTE)


def test_event_time_is_bounded_by_when_the_original_came() -> None:
    """However late the copy comes."""
    store = MemoryStore()
    s, other = claim(store, 0), claim(store, 1)
    ahead = Rec(0, HOUR0, None, page(HOUR0 + 30 * MINUTE, THERE))
    s.receive(Chunk("clickstream", 0, 0, [ahead]))
    ticks(s)
    deliver(other, forwarded(s))
    ticks(other)
    run(other)
    assert facts_of_engine(store, 1, SETTINGS)[THERE]["last"] == HOUR0
    assert other.stats.totals["clamped"] == 1


def test_copies_of_a_batch_are_dropped_whenever_they_come() -> None:
    store = MemoryStore()
    s, other = claim(store, 0), claim(store, 1)
    batches = []
    for minute in range(30):
        feed(s, clicks=[page(HOUR0 + minute * MINUTE + second, THERE) for second in range(20)])
        ticks(s, HOUR0 + (minute + 1) * MINUTE)
        batches.append(forwarded(s))
    for sent in batches:
        deliver(other, sent)
    for sent in (*batches[:20], *batches[10:]):
        deliver(other, list(reversed(sent)))
    ticks(other)
    run(other)
    assert counts(other) == {"events": 600, "applied": 600, "forward_taken": 600, "forward_repeats": 800}
    state = ShardState.decode(store.shard(1))
    assert len(state.forwards["clickstream"][0].offsets) == 20


def test_a_new_owner_knows_what_was_taken() -> None:
    store = MemoryStore()
    s, other = claim(store, 0), claim(store, 1)
    feed(s, clicks=[page(HOUR0 + n, THERE) for n in range(20)])
    ticks(s)
    sent = forwarded(s)
    deliver(other, sent)
    ticks(other)
    run(other)
    again = claim(store, 1)
    deliver(again, sent)
    run(again)
    assert (counts(again)["applied"], counts(again)["forward_repeats"]) == (20, 20)


def test_what_workers_of_another_namespace_forwarded_is_not_taken() -> None:
    """They read the same topics, and so do we: the original is forwarded by ours."""
    s = claim(MemoryStore(), 1)
    header = HEADER, b'["staging",0,5,5,-1]'
    deliver(s, [Message("clickstream", THERE.encode(), page(HOUR0, THERE), 1, (header,))])
    ticks(s)
    run(s)
    assert counts(s) == {"forward_repeats": 1}


def test_a_header_that_says_nothing_is_none() -> None:
    for value in (b"", b"{}", b"[1]", b'["kairos",0,5,6,-1]', b'["kairos",0,5,-1,-1]', b'["kairos",0,5,5,-2]'):
        assert origin([(HEADER, value)]) is None, value


def test_another_partitioner_is_refused_where_shoppers_came_by_the_first() -> None:
    store = MemoryStore()
    claim(store, 0, partitioner="crc32")
    s, other = claim(store, 0), claim(store, 1)
    feed(s, clicks=[page(HOUR0, THERE)])
    ticks(s)
    deliver(other, forwarded(s))
    ticks(other)
    run(other)
    claim(store, 0, partitioner="crc32")
    with pytest.raises(PartitionerChanged, match="shard 1 has shoppers"):
        claim(store, 1, partitioner="crc32")


@given(st.data())
def test_every_offset_is_taken_once(data: st.DataObject) -> None:
    """Batches of any bounds, read again after a loss with others; each sent whole before the next, in any order, and
    again at any time. The model is a set of all offsets."""
    taker = Forwarding("kairos", 1, 4, ShardState(), {}, "murmur2")
    log: list[Origin] = []
    sent: list[list[Origin]] = []
    position = 0
    for _ in range(data.draw(st.integers(1, 8))):
        size = data.draw(st.integers(1, 6))
        batch = [Origin("kairos", 3, offset, position, -1) for offset in range(position, position + size)]
        chosen = [o for o in batch if o.offset % 3 != 1]  # others go elsewhere
        log += data.draw(st.permutations(chosen))
        sent.append(chosen)
        again = data.draw(st.lists(st.sampled_from([o for one in sent for o in one] or batch), max_size=5))
        log += [o for o in again if o.offset % 3 != 1]
        position = data.draw(st.sampled_from([position + size, position + size, max(0, position - 4)]))
    known: set[int] = set()
    for one in log:
        assert taker.take("cart", one) == (one.offset not in known), one
        known.add(one.offset)


@pytest.mark.parametrize("clock", ["event", "wall"])
def test_a_feed_without_keys_comes_to_what_a_keyed_one_does(clock: Any) -> None:
    """Through crashes before and after APPLY, between outbox and acknowledgement, takeovers, zombies, a store that
    fails. The keyed one is folded by the reference."""
    met: Counter[str] = Counter()
    for seed in range(SCHEDULES):
        rng = Random(seed)
        keyed = shopping(rng)
        facts, messages = {}, sum(b"kairos.tick" not in r.value for log in keyed.records.values() for r in log)
        for partition in range(PARTITIONS):
            facts |= facts_of_reference(keyed.world(partition))
        store, said = drive(keyless(keyed, rng), rng, clock)
        found = {}
        for partition in range(PARTITIONS):
            found |= facts_of_engine(store, partition, CALM)
        ours, theirs = ({u: {name: f[name] for name in FACTS} for u, f in of.items()} for of in (facts, found))
        assert differences(ours, theirs) == [], f"schedule {seed}"
        stats = Counter[str]()
        for partition in range(PARTITIONS):
            stats.update({k: int(v) for k, v in store.stats(partition).items() if v.isdigit()})
        assert stats["events"] == stats["applied"] == messages, f"schedule {seed}"
        assert stats["forwarded"] == stats["forward_taken"], f"schedule {seed}"
        assert not any(message.topic == "dead-letters" for message in said)
        met.update({name: stats[name] for name in ("forwarded", "forward_repeats")})
    assert 2 * met["forward_repeats"] > met["forwarded"] > 50 * SCHEDULES


def test_under_the_wall_clock_a_forwarded_record_waits_for_nothing() -> None:
    store = MemoryStore()
    s, other = claim(store, 0, "wall"), claim(store, 1, "wall")
    now = HOUR0 + MINUTE
    feed(s, clicks=[page(HOUR0, THERE)])
    ends = {topic: End(buffer.expected or 0, now) for topic, buffer in s.buffers.items()}
    assert s.step(now, ends)
    deliver(other, s.outbox)
    run(other, now, {"clickstream": End(1, now), "cart": End(0, now), "orders": End(0, now)})
    assert counts(other)["applied"] == 1
