"""What a worker's shards are like at this moment: worked out here, told by the gauges and by the worker's report."""

from __future__ import annotations

from collections.abc import Iterator

from streams.claimed import ClaimedShard
from streams.runner import Runner
from streams.shards import Shards


def owned(shards: Shards) -> list[Runner]:
    """Who drives the shards that are claimed and at work."""
    return [runner for runner in shards.runners or () if runner.epoch]


def lag(shards: Shards, runner: Runner) -> Iterator[tuple[str, int]]:
    """By topic: records that a shard has not folded yet, where the end of its log is known."""
    for topic, end in shards.source.ends(runner.partition).items():
        if topic in shards.topics and end.highwater is not None:
            yield topic, max(0, end.highwater - runner.shard.offsets.get(topic, 0))


def buffered(shard: ClaimedShard) -> int:
    """Records fetched and not folded yet."""
    return sum(buffer.waiting for buffer in shard.buffers.values())


def delay(shard: ClaimedShard, now: int) -> int:
    """How far the shard's event time is behind the clock (`now`; both ms)."""
    return now - shard.reached(now)


def kafka_up(shards: Shards) -> bool:
    """Whether Kafka answers."""
    return shards.outages.kafka.since is None
