"""The store on Redis 7+, Valkey, or a cluster of either: two scripts, one MGET, one timer query.

Requests of several shards travel in one pipeline, on a cluster in one for each node. `apply` may be sent any number of
times, by redis-py's own retries too: the script knows the batch by its number and digest. Profiles are values of their
own, so that one MGET loads a batch's shoppers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from sinks.keys import check_namespace, former_keys, frozen_key, partitions_key, shard_keys, table_key
from sinks.redis_commit import packed
from sinks.redis_errors import store_errors
from sinks.redis_pipeline import Command, replies
from sinks.redis_script import Script
from sinks.store import Applied, Apply, Claim, Commit, Due, Load, PartitionsChanged, Request, SchemaTooNew, StoreError

if TYPE_CHECKING:
    from redis import Redis


class RedisStore:
    """Implements `sinks.store.Store`. Thread-safe: threads share the client's connection pool.

    Parameters
    ----------
    client
        A `redis.Redis` (or `RedisCluster`) with ``decode_responses=False``.
    namespace
        First part of every key; several may live on one server.
    """

    def __init__(self, client: Redis, namespace: str = "kairos") -> None:
        self.client = client
        self.namespace = check_namespace(namespace)
        self._claim = Script(client, "claim")
        self._apply = Script(client, "apply")
        self._keys = lru_cache(maxsize=None)(lambda partition: shard_keys(self.namespace, partition))

    def claim(self, partition: int, token: str, *, schema: int, partitions: int) -> Claim:
        """Own the shard under `token`; whoever owned it before is fenced from now on.

        Raises SchemaTooNew, PartitionsChanged, Refused, Unavailable; the shard then still belongs to who had it
        (Unavailable: perhaps not).
        """
        with store_errors():
            self._check_partitions(partitions)
            status, *rest = self._claim(self._keys(partition).fixed, (token, schema, partitions))
        match status:
            case b"SCHEMA":
                raise SchemaTooNew(
                    f"shard {partition} has schema {int(rest[0])}, this code {schema}: upgrade this worker"
                )
            case b"PARTITIONS":
                raise _changed(int(rest[0]), partitions)
        return _claimed(rest)

    def owned(self, partition: int, token: str) -> bool:
        """Whether the shard is still owned under `token`."""
        with store_errors():
            found: Any = self.client.hget(self._keys(partition).fixed[0], "token")
        return bool(found == token.encode())

    def load(self, partition: int, users: Sequence[str]) -> list[bytes | None]:
        """Packed profiles, in the order asked, None where there is none."""
        found: list[bytes | None] = self._alone(partition, Load(users)) if users else []
        return found

    def due(self, partition: int, start: int, before: int, limit: int) -> list[tuple[int, str]]:
        """The first `limit` timers with start <= due < before (ms). Redis orders equal scores by the member's bytes."""
        found: list[tuple[int, str]] = self._alone(partition, Due(start, before, limit))
        return found

    def apply(self, partition: int, token: str, seq: int, commit: Commit) -> Applied:
        """Commit batch number `seq`, or recognise it as committed already."""
        applied: Applied = self._alone(partition, Apply(token, seq, commit))
        return applied

    def together(self, requests: Sequence[tuple[int, Request]]) -> list[Any]:
        """Answer requests of several shards (partition, request), one of each; see `sinks.store.Store`."""
        commands = [self._command(partition, request) for partition, request in requests]
        answered = zip(requests, replies(self.client, commands), strict=True)
        return [reply if isinstance(reply, StoreError) else _answer(request, reply) for (_, request), reply in answered]

    def _alone(self, partition: int, request: Request) -> Any:
        (answer,) = self.together([(partition, request)])
        if isinstance(answer, StoreError):
            raise answer
        return answer

    def _command(self, partition: int, request: Request) -> Command:
        keys = self._keys(partition)
        match request:
            case Apply(token, seq, commit):
                names, args = packed(keys, token, seq, commit)
                return Command(keys.own, self._apply.words(names, args), self._apply)
            case Load(users):
                return Command(keys.own, ["MGET", *[keys.profile + user for user in users]])
            case Due(start, before, limit):
                bounds = [start, f"({before}", "WITHSCORES", "LIMIT", 0, limit]
                return Command(keys.own, ["ZRANGEBYSCORE", keys.timers, *bounds])

    def shard(self, partition: int) -> bytes:
        """A shard's packed state (b"" if never committed)."""
        with store_errors():
            found: Any = self.client.get(self._keys(partition).shard)
        return found or b""

    def frozen(self, partition: int, table: str, version: int) -> tuple[bytes | None, bytes]:
        """A shard's sketch as frozen for a version of a table (None: it has none), and the shard's packed state, read
        together."""
        keys = self._keys(partition)
        with store_errors():
            names = [keys.shard, frozen_key(keys, table, version), *former_keys(keys, table, version)]
            shard, *sketches = cast("list[bytes | None]", self.client.mget(names))
        return next((sketch for sketch in sketches if sketch is not None), None), shard or b""

    def table(self, name: str, version: int) -> bytes | None:
        """A table all shards share, None if it is not there yet."""
        with store_errors():
            found: Any = self.client.get(table_key(self.namespace, name, version))
        return None if found is None else bytes(found)

    def keep_table(self, name: str, version: int, value: bytes) -> bytes:
        """Store a table, unless it is there; answers the one that is there now."""
        with store_errors():
            self.client.set(table_key(self.namespace, name, version), value, nx=True)
        return self.table(name, version) or value

    def _check_partitions(self, partitions: int) -> None:
        """The first claim of a namespace says for all its shards how many there are."""
        name = partitions_key(self.namespace)
        self.client.set(name, partitions, nx=True)
        stored = self.client.get(name)
        if stored is not None and int(stored) != partitions:
            raise _changed(int(stored), partitions)


def _changed(stored: int, partitions: int) -> PartitionsChanged:
    return PartitionsChanged(
        f"Redis holds state of {stored} partitions, the inputs have {partitions}: replay into another namespace"
    )


def _claimed(reply: list[Any]) -> Claim:
    seq, offsets, shard, stats, vocab, outbox, due, sketches = reply
    return Claim(
        seq=int(seq),
        offsets={k.decode(): int(v) for k, v in _pairs(offsets)},
        shard=shard,
        stats={k.decode(): v for k, v in _pairs(stats)},
        vocab={k.decode(): int(v) for k, v in _pairs(vocab)},
        outbox=outbox,
        next_due=_due(due),
        sketches={k.decode(): v for k, v in _pairs(sketches)},
    )


def _answer(request: Request, reply: Any) -> Any:
    """What a reply says. Scores come as text by one protocol, as pairs with floats by the other."""
    match request:
        case Apply():
            status, due = reply
            return Applied(status.decode(), _due(due))
        case Due():
            pairs = reply if reply and isinstance(reply[0], list) else _pairs(reply)
            return [(int(float(due)), user.decode()) for user, due in pairs]
    return list(reply)


def _pairs(flat: list[bytes]) -> zip[tuple[bytes, bytes]]:
    return zip(flat[::2], flat[1::2], strict=True)


def _due(score: bytes) -> int | None:
    return int(float(score)) if score else None
