"""The read model on Redis: for the command line, the dashboard and tests. Never writes, needs no claim.

Each method is a reading of its own: two of them may see the state before and after a batch. One reading of
several values (`stats`, `public`) is never half a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from sinks import redis_look
from sinks.keys import (
    ShardKeys,
    check_namespace,
    endpoint_keys,
    endpoints_key,
    partitions_key,
    shard_keys,
    table_key,
    workers_key,
)
from sinks.look import FeedPart, Known, Look
from sinks.redis_errors import store_errors
from sinks.reports import RedisReports
from sinks.store import Profiles

if TYPE_CHECKING:
    from redis import Redis

CHUNK = 1_000


class RedisReader:
    """Implements `sinks.store.ReadModel`. Every method may raise `sinks.store.StoreError`.

    Parameters
    ----------
    client
        A `redis.Redis` with ``decode_responses=False``; a replica will do.
    namespace
        The store's.
    """

    def __init__(self, client: Redis, namespace: str = "kairos") -> None:
        self._client: Any = client
        self.namespace = check_namespace(namespace)

    def _keys(self, partition: int) -> ShardKeys:
        return shard_keys(self.namespace, partition)

    def _ask(self, command: str, *args: str | bytes | int) -> Any:
        with store_errors():
            return getattr(self._client, command)(*args)

    def partitions(self) -> int:
        """Number of shards, 0 if nothing was ever claimed."""
        return int(self._ask("get", partitions_key(self.namespace)) or 0)

    def profile(self, partition: int, user: str) -> bytes | None:
        """One packed profile."""
        value: bytes | None = self._ask("get", self._keys(partition).profile + user)
        return value

    def profiles(self, partition: int) -> Iterator[tuple[str, bytes]]:
        """All packed profiles of a shard, in no order, each once: of everybody who has a timer, as every shopper does.

        Reads as many bytes as there are profiles: not for what is asked again and again. A profile written or deleted
        meanwhile may be missing.
        """
        keys = self._keys(partition)
        seen: set[bytes] = set()  # ZSCAN may name a member twice
        users = self._members(keys.timers)
        while chunk := list(islice(users, CHUNK)):
            fresh = [user for user in dict.fromkeys(chunk) if user not in seen]
            seen.update(fresh)
            values = self._ask("mget", *[keys.profile.encode() + user for user in fresh]) if fresh else []
            for user, value in zip(fresh, values, strict=True):
                if value is not None:
                    yield user.decode(), value

    def _members(self, key: str) -> Iterator[bytes]:
        with store_errors():
            for user, _ in self._client.zscan_iter(key, count=CHUNK):
                yield user

    def _names(self, prefix: bytes) -> Iterator[bytes]:
        with store_errors():
            yield from self._client.scan_iter(match=prefix + b"*", count=CHUNK)

    def public(self, partition: int, user: str) -> Mapping[str, str]:
        """The public hash of a shopper ({} if there is none)."""
        return _text(self._ask("hgetall", self._keys(partition).public + user))

    def shard(self, partition: int) -> bytes:
        """The shard's packed state (b"" if never committed)."""
        return self._ask("get", self._keys(partition).shard) or b""

    def outbox(self, partition: int) -> bytes:
        """The packed outputs of the last batch (b"" if it had none)."""
        value: bytes | None = self._ask("get", self._keys(partition).outbox)
        return value or b""

    def offsets(self, partition: int) -> Mapping[str, int]:
        """Next offset by topic."""
        return _numbers(self._ask("hgetall", self._keys(partition).offsets))

    def stats(self, partition: int) -> Mapping[str, str]:
        """The shard's counters."""
        return _text(self._ask("hgetall", self._keys(partition).stats))

    def vocab(self, partition: int) -> Mapping[str, int]:
        """Names of categories and their ids."""
        return _numbers(self._ask("hgetall", self._keys(partition).vocab))

    def timers(self, partition: int) -> Mapping[str, int]:
        """Every timer: user -> due (ms), in no order. Read in parts: one that moves meanwhile may be missing."""
        key = self._keys(partition).timers
        with store_errors():
            return {user.decode(): int(due) for user, due in self._client.zscan_iter(key, count=CHUNK)}

    def timer_counts(self, partition: int, before: int) -> tuple[int, int]:
        """How many timers there are, and how many with a due below `before` (ms)."""
        key = self._keys(partition).timers
        return int(self._ask("zcard", key)), int(self._ask("zcount", key, "-inf", f"({before}"))

    def table(self, name: str, version: int) -> bytes | None:
        """A table all shards share, None if it is not there."""
        found: bytes | None = self._ask("get", table_key(self.namespace, name, version))
        return found

    def tables(self, name: str) -> Mapping[int, bytes]:
        """Every version of a shared table, oldest first. Walks over every key of the server: not for a page."""
        prefix = table_key(self.namespace, name, "").encode()
        names = {int(key[len(prefix) :]): key for key in self._names(prefix)}
        values = self._ask("mget", *[names[version] for version in sorted(names)]) if names else []
        return {version: value for version, value in zip(sorted(names), values, strict=True) if value is not None}

    def workers(self) -> Mapping[str, bytes]:
        """Every worker's last report, by the worker's id."""
        return RedisReports(self._client, workers_key(self.namespace)).reports()

    def endpoints(self) -> Mapping[str, bytes]:
        """Every last report on an endpoint, by endpoint and process."""
        return RedisReports(self._client, endpoints_key(self.namespace)).reports()

    def deliveries(self, endpoint: str, count: int) -> list[bytes]:
        """The newest `count` messages of an endpoint that came to their end, the newest first."""
        if count <= 0:
            return []
        found: list[bytes] = self._ask("lrange", endpoint_keys(self.namespace, endpoint).ended, 0, count - 1)
        return found

    def feed(self, partition: int, count: int) -> list[tuple[str, bytes]]:
        """The newest `count` outputs, oldest first, with their stream ids ``seq-i``."""
        if count <= 0:
            return []
        newest = self._ask("xrevrange", self._keys(partition).feed, "+", "-", count)
        return [(entry.decode(), fields[b"v"]) for entry, fields in reversed(newest)]

    def profiles_of(self, wanted: Mapping[int, Sequence[str]]) -> Mapping[int, Profiles]:
        """Packed profiles of some shoppers by shard, and each shard's vocabulary, in one trip: one MGET a shard."""
        return redis_look.profiles(self._client, self.namespace, wanted)

    def look(self, known: Mapping[int, Known]) -> Look:
        """The shards that moved since they were known, in three trips at most; see `sinks.store.ReadModel`."""
        return redis_look.look(self._client, self.namespace, known)

    def feeds(self, positions: Mapping[int, str]) -> Mapping[int, FeedPart]:
        """Each shard's feed from a position on; see `sinks.store.ReadModel`."""
        return redis_look.feeds(self._client, self.namespace, positions)


def _text(found: Mapping[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in found.items()}


def _numbers(found: Mapping[bytes, bytes]) -> dict[str, int]:
    return {name.decode(): int(value) for name, value in found.items()}
