"""Shards that are busy, as a page sees them: counters that move, outputs that come, event time that goes on.

A process of its own, so that its CPU is nobody else's: `python -m bench.busy_shards URL NAMESPACE SHARDS`.
"""

from __future__ import annotations

import random
import sys
import time
from typing import Any

import msgspec
from redis import Redis

from bench.filled import TOKEN, name
from models.kernel.settings import HOUR, MINUTE
from models.profile import codec
from models.rfm.segments import SEGMENTS
from sinks import hours, minutes
from sinks.minutes import Minute
from sinks.redis_store import RedisStore
from sinks.shard_state import ShardState
from sinks.store import Commit

BATCHES = 4
"""Batches a second of each shard."""
MOVED = 60
"""Counters that a batch moves."""
OUTPUTS = 3
"""Outputs of a batch."""
COUNTERS = tuple(f"interest:category-{number}" for number in range(400))
HOURLY = ("events", "orders", "revenue", "visits", "visitors", "viewed", "carted", "cart:triggered", "cart:recovered")


class BusyShard:
    """One shard and what it counts."""

    def __init__(self, store: RedisStore, partition: int, shards: int) -> None:
        self._store, self._partition = store, partition
        self._random = random.Random(partition)
        self._token = f"{TOKEN}-busy"
        self._seq = store.claim(partition, self._token, schema=codec.SCHEMA, partitions=shards).seq
        self._counts = dict.fromkeys((*COUNTERS, "events", "orders", "carts", "shoppers"), 1_000)
        self._counts |= {f"segment:{segment}": 900 for segment in SEGMENTS if segment}

    def begin(self, now: int) -> None:
        """Write all that a shard has which has been at work for eight days."""
        hour = now // HOUR
        stats: dict[str, int | str | None] = dict(self._counts)
        for ago in range(hours.HOURS):
            stats[hours.field(hour - ago)] = hours.pack(hour - ago, dict.fromkeys(HOURLY, 500 + ago))
        for ago in range(minutes.HOURS):
            stats[minutes.field(hour - ago)] = minutes.pack(self._minutes(hour - ago, now))
        self._commit(now, stats, [])

    def batch(self, now: int) -> None:
        """Commit what moved in a quarter of a second."""
        moved = self._random.sample(sorted(self._counts), MOVED)
        for counter in moved:
            self._counts[counter] += 1
        stats: dict[str, int | str | None] = {counter: self._counts[counter] for counter in moved}
        hour = now // HOUR
        stats[minutes.field(hour)] = minutes.pack(self._minutes(hour, now))
        stats[hours.field(hour)] = hours.pack(hour, dict.fromkeys(HOURLY, self._seq))
        self._commit(now, stats, [self._output(now, number) for number in range(OUTPUTS)])

    def _minutes(self, hour: int, now: int) -> list[Minute]:
        """Minutes that are over stay as they are; the running one grows."""
        running, first = now // MINUTE, hour * HOUR // MINUTE
        over = [Minute(minute, *[100 + minute % 7] * 10) for minute in range(first, min(first + 60, running))]
        return [*over, Minute(running, *[self._seq % 900] * 10)] if first <= running < first + 60 else over

    def _output(self, now: int, number: int) -> bytes:
        message: dict[str, Any] = {
            "id": f"{self._partition}-{self._seq}-{number}",
            "kind": "triggered",
            "user_id": name(self._random.randrange(10_000)),
            "as_of": now,
            "reason": "a cart was left for 30 min",
            "cart_id": "default",
            "value": 28_740,
        }
        return msgspec.json.encode({"topic": "cart-abandonments", "message": message})

    def _commit(self, now: int, stats: dict[str, int | str | None], feed: list[bytes]) -> None:
        self._seq += 1
        state = ShardState(watermark=now).encode()
        commit = Commit({}, state, {}, {}, {}, stats, {}, feed, b"")
        assert self._store.apply(self._partition, self._token, self._seq, commit).status == "OK"


def run(url: str, namespace: str, shards: int) -> None:
    """Be busy for ever; says when it has begun."""
    store = RedisStore(Redis.from_url(url), namespace)
    busy = [BusyShard(store, partition, shards) for partition in range(shards)]
    for shard in busy:
        shard.begin(int(time.time() * 1000))
    print("busy", flush=True)
    while True:
        began = time.monotonic()
        for shard in busy:
            shard.batch(int(time.time() * 1000))
        time.sleep(max(0.0, 1 / BATCHES - (time.monotonic() - began)))


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], int(sys.argv[3]))
