"""Whether a worker did the work it was measured for: read back from what it stored."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from redis import Redis

from bench import kafka_streams
from bench.peers import JAVA, Peer
from bench.worker import WorkerFailed
from bench.workers.common import key
from kairos.config.settings import Settings
from models.profile import codec
from sinks.redis_reader import RedisReader
from sinks.summary import merge

CHUNK = 1_000


def state(redis: Redis, peer: Peer, where: Settings, events: int, folded: int) -> None:
    """WorkerFailed unless every event is in the state once.

    Parameters
    ----------
    events
        What the worker was given.
    folded
        What the profiles must hold in all: more, where they held something before.
    """
    if not peer.state:
        return
    if peer.module:
        found, wanted = _in_profiles(redis, kafka_streams.events if peer.module == JAVA else _events), folded
    else:
        found, wanted = _applied(redis, where), events
    if found != wanted:
        raise WorkerFailed(f"its state holds {found:,} events, not {wanted:,}")


def _applied(redis: Redis, where: Settings) -> int:
    """By Kairos' counters: neither dead letters nor duplicates are in the stream."""
    reader = RedisReader(redis, where.namespace)
    shards = [dict(reader.stats(partition)) for partition in range(reader.partitions())]
    for stats in shards:
        stats.pop("letters", None)
    return merge(shards).counts["applied"]


def _in_profiles(redis: Redis, events: Callable[[bytes], int]) -> int:
    """By the profiles themselves, each of which counts its own events."""
    total, names = 0, iter(redis.scan_iter(match=key("*"), count=CHUNK))
    while chunk := list(islice(names, CHUNK)):
        values: Any = redis.mget(chunk)
        total += sum(map(events, values))
    return total


def _events(packed: bytes) -> int:
    return codec.decode(packed).events
