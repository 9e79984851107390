"""Whether a worker did the work it was measured for: read back from what it stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import Any

from redis import Redis

from bench import kafka_streams
from bench.peers import JAVA, Peer
from bench.sources import Feed
from bench.worker import WorkerFailed
from bench.workers.common import key
from kairos.config.settings import Settings
from models.profile import codec
from sinks.redis_reader import RedisReader
from sinks.summary import merge

CHUNK = 1_000


def state(redis: Redis, peer: Peer, where: Settings, feed: Feed) -> None:
    """WorkerFailed unless every event is in the state once, and no repeat of one."""
    if not peer.state:
        return
    wanted = feed.folded
    if peer.module == JAVA:  # which knows no repeats
        found, wanted = _in_profiles(redis, kafka_streams.events), feed.events
    elif peer.module:
        found = _in_profiles(redis, _events)
    else:
        found = counts(redis, where)["applied"]
    if found != wanted:
        raise WorkerFailed(f"its state holds {found:,} events, not {wanted:,}")


def counts(redis: Redis, where: Settings) -> Counter[str]:
    """Kairos' counters, over all shards: dead letters and duplicates are not `applied`."""
    reader = RedisReader(redis, where.namespace)
    shards = [dict(reader.stats(partition)) for partition in range(reader.partitions())]
    for stats in shards:
        stats.pop("letters", None)
    return merge(shards).counts


def _in_profiles(redis: Redis, events: Callable[[bytes], int]) -> int:
    """By the profiles themselves, each of which counts its own events."""
    total, names = 0, iter(redis.scan_iter(match=key("*"), count=CHUNK))
    while chunk := list(islice(names, CHUNK)):
        values: Any = redis.mget(chunk)
        total += sum(map(events, values))
    return total


def _events(packed: bytes) -> int:
    return codec.decode(packed).events
