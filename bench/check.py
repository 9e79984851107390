"""Whether a worker did the work it was measured for: read back from what it stored."""

from __future__ import annotations

from itertools import islice
from typing import Any

from redis import Redis

from bench.peers import Peer
from bench.worker import WorkerFailed
from bench.workers.common import key
from kairos.settings import Settings
from models import codec
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
    found, wanted = (_applied(redis, where), events) if not peer.module else (_in_profiles(redis), folded)
    if found != wanted:
        raise WorkerFailed(f"its state holds {found:,} events, not {wanted:,}")


def _applied(redis: Redis, where: Settings) -> int:
    """By Kairos' counters: neither dead letters nor duplicates are in the stream."""
    reader = RedisReader(redis, where.namespace)
    shards = [dict(reader.stats(partition)) for partition in range(reader.partitions())]
    for stats in shards:
        stats.pop("letters", None)
    return merge(shards).counts["applied"]


def _in_profiles(redis: Redis) -> int:
    """By the profiles themselves, each of which counts its own events."""
    total, names = 0, iter(redis.scan_iter(match=key("*"), count=CHUNK))
    while chunk := list(islice(names, CHUNK)):
        values: Any = redis.mget(chunk)
        total += sum(codec.decode(value).events for value in values)
    return total
