"""What a server's memory grows by when it is given nothing but shoppers' keys.

On the server that folded, counters, outboxes, buffers and room left by the deleted would count too. So the keys are
copied (DUMP and RESTORE) to an empty server of the same kind, and its `used_memory` is read before and after, each time
by a new connection and once it stands still (the table of keys has finished growing).
"""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path
from typing import Any

from redis import Redis

from sinks.embedded import EmbeddedServer
from sinks.keys import shard_keys

CHUNK = 500
STILL = 0.3
"""Seconds between two readings that must agree."""


def delta(source: Redis, data: Path, namespace: str, shards: int) -> int:
    """Bytes of all profiles, public hashes and timers of a namespace."""
    with EmbeddedServer(data) as server:
        before = used(server.url)
        with Redis.from_url(server.url) as target:
            for partition in range(shards):
                keys = shard_keys(namespace, partition)
                for pattern in (keys.profile + "*", keys.public + "*", keys.timers):
                    copy(source, target, pattern)
        return used(server.url) - before


def copy(source: Redis, target: Redis, pattern: str) -> None:
    """Copy every key that matches, as it is stored."""
    names = iter(set(source.scan_iter(match=pattern, count=10 * CHUNK)))
    while chunk := list(islice(names, CHUNK)):
        with source.pipeline(transaction=False) as pipe:
            for name in chunk:
                pipe.dump(name)
            values: list[Any] = pipe.execute()
        with target.pipeline(transaction=False) as pipe:
            for name, value in zip(chunk, values, strict=True):
                pipe.restore(name, 0, value)
            pipe.execute()


def used(url: str) -> int:
    """`used_memory` in bytes, once two readings agree."""
    with Redis.from_url(url) as client:
        last = -1
        while (now := int(client.info("memory")["used_memory"])) != last:
            last = now
            time.sleep(STILL)
    return last
