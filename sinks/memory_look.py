"""A look at all shards that lie in memory."""

from __future__ import annotations

from collections.abc import Mapping

from sinks.look import NOTHING, FeedPart, Known, ShardLook, onward, part, place
from sinks.memory_shard import MemoryShard
from sinks.shard_state import ShardState


def moved(shards: Mapping[int, MemoryShard], partitions: int, known: Mapping[int, Known]) -> list[ShardLook]:
    """The shards that moved; see `sinks.store.ReadModel.look`. Those that nobody claimed are empty."""
    if partitions != len(known):
        known = {}
    found = []
    for partition in range(partitions):
        shard, before = shards.get(partition) or MemoryShard(), known.get(partition, NOTHING)
        with shard.lock:
            if shard.seq != before.seq:
                found.append(_looked(shard, partition, onward(before, shard.seq)))
    return found


def _looked(shard: MemoryShard, partition: int, position: str) -> ShardLook:
    stats = {name.encode(): value.encode() for name, value in shard.stats.items()}
    watermark = ShardState.decode(shard.bytes).watermark
    due = sum(at < watermark for at in shard.timers.dues.values())
    counts = len(shard.timers.dues), due
    return ShardLook(partition, shard.seq, shard.bytes, stats, *counts, feed(shard, position))


def feed(shard: MemoryShard, position: str) -> FeedPart:
    """A shard's feed from a position on; see `sinks.store.ReadModel.feeds`."""
    return part([(ident, value) for ident, value in shard.feed if place(ident) >= place(position)], position)
