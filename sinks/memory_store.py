"""The store in plain dicts: for `replay --local`, for tests, and as the model the Redis store is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sinks import memory_look
from sinks.look import FeedPart, Known, Look
from sinks.memory_shard import MemoryShard
from sinks.reports import MemoryReports
from sinks.requests import answer_each
from sinks.store import Applied, Claim, Commit, PartitionsChanged, Profiles, Request, SchemaTooNew


class MemoryStore:
    """Implements `sinks.store.Store` and `sinks.store.ReadModel`. Thread-safe.

    Attributes
    ----------
    worker_reports, endpoint_reports
        Where workers report, and who sends to endpoints.
    ended
        By endpoint, the messages that came to their end, as `sinks.deliveries.Delivery` is encoded, the newest first.
    """

    def __init__(self) -> None:
        self._shards: dict[int, MemoryShard] = {}
        self._partitions = 0
        self._tables: dict[tuple[str, int], bytes] = {}
        self.worker_reports, self.endpoint_reports = MemoryReports(), MemoryReports()
        self.ended: dict[str, list[bytes]] = {}

    def _shard(self, partition: int) -> MemoryShard:
        return self._shards.get(partition) or self._shards.setdefault(partition, MemoryShard())

    def claim(self, partition: int, token: str, *, schema: int, partitions: int) -> Claim:
        """Own the shard under `token`; see `sinks.store.Store`."""
        if self._partitions not in (0, partitions):
            raise PartitionsChanged(f"the store holds {self._partitions} partitions, the inputs have {partitions}")
        self._partitions = partitions
        shard = self._shard(partition)
        with shard.lock:
            if shard.schema > schema:
                raise SchemaTooNew(f"shard {partition} has schema {shard.schema}, this code {schema}")
            return shard.claim(token, schema)

    def owned(self, partition: int, token: str) -> bool:
        """Whether the shard is still owned under `token`."""
        return self._shard(partition).token == token

    def load(self, partition: int, users: Sequence[str]) -> list[bytes | None]:
        """Packed profiles, in the order asked, None where there is none."""
        return list(map(self._shard(partition).profiles.get, users))

    def due(self, partition: int, start: int, before: int, limit: int) -> list[tuple[int, str]]:
        """The first `limit` timers with start <= due < before (ms), by due, then the user's UTF-8 bytes."""
        shard = self._shard(partition)
        with shard.lock:
            return shard.timers.between(start, before, limit)

    def apply(self, partition: int, token: str, seq: int, commit: Commit) -> Applied:
        """Commit batch number `seq`, or recognise it as committed already."""
        shard = self._shard(partition)
        with shard.lock:
            return shard.apply(token, seq, commit)

    def together(self, requests: Sequence[tuple[int, Request]]) -> list[Any]:
        """Answer requests of several shards; a StoreError stands in the place of its own."""
        return answer_each(self, requests)

    def frozen(self, partition: int, table: str, version: int) -> tuple[bytes | None, bytes]:
        """A shard's sketch as frozen for a version of a table (None: it has none), and the shard's packed state, read
        together."""
        shard = self._shard(partition)
        with shard.lock:
            return shard.frozen.get((table, version)), shard.bytes

    def table(self, name: str, version: int) -> bytes | None:
        """A table all shards share, None if it is not there yet."""
        return self._tables.get((name, version))

    def keep_table(self, name: str, version: int, value: bytes) -> bytes:
        """Store a table, unless it is there; answers the one that is there now."""
        return self._tables.setdefault((name, version), value)

    def partitions(self) -> int:
        """Number of shards, 0 if nothing was ever claimed."""
        return self._partitions

    def profile(self, partition: int, user: str) -> bytes | None:
        """One packed profile."""
        return self._shard(partition).profiles.get(user)

    def profiles(self, partition: int) -> Iterator[tuple[str, bytes]]:
        """All packed profiles of a shard: of everybody who has a timer."""
        shard = self._shard(partition)
        return iter([(user, packed) for user, packed in shard.profiles.items() if user in shard.timers.dues])

    def public(self, partition: int, user: str) -> Mapping[str, str]:
        """The public hash of a shopper ({} if there is none)."""
        return dict(self._shard(partition).public.get(user, {}))

    def shard(self, partition: int) -> bytes:
        """The shard's packed state (b"" if never committed)."""
        return self._shard(partition).bytes

    def outbox(self, partition: int) -> bytes:
        """The packed outputs of the last batch (b"" if it had none)."""
        return self._shard(partition).outbox

    def offsets(self, partition: int) -> Mapping[str, int]:
        """Next offset by topic."""
        return dict(self._shard(partition).offsets)

    def stats(self, partition: int) -> Mapping[str, str]:
        """The shard's counters."""
        return dict(self._shard(partition).stats)

    def vocab(self, partition: int) -> Mapping[str, int]:
        """Names of categories and their ids."""
        return dict(self._shard(partition).vocab)

    def timers(self, partition: int) -> Mapping[str, int]:
        """Every timer: user -> due (ms)."""
        return dict(self._shard(partition).timers.dues)

    def tables(self, name: str) -> Mapping[int, bytes]:
        """Every version of a shared table, oldest first."""
        return {version: value for (other, version), value in sorted(self._tables.items()) if other == name}

    def workers(self) -> Mapping[str, bytes]:
        """Every worker's last report, by the worker's id."""
        return self.worker_reports.reports()

    def endpoints(self) -> Mapping[str, bytes]:
        """Every last report on an endpoint, by endpoint and process."""
        return self.endpoint_reports.reports()

    def deliveries(self, endpoint: str, count: int) -> list[bytes]:
        """The newest `count` messages of an endpoint that came to their end, the newest first."""
        return self.ended.get(endpoint, [])[:count]

    def feed(self, partition: int, count: int) -> list[tuple[str, bytes]]:
        """The newest `count` outputs, oldest first, with their ids ``seq-i``."""
        return list(self._shard(partition).feed)[-count:] if count > 0 else []

    def profiles_of(self, wanted: Mapping[int, Sequence[str]]) -> Mapping[int, Profiles]:
        """Packed profiles of some shoppers by shard, and each shard's vocabulary."""
        return {p: Profiles(self.load(p, users), self.vocab(p)) for p, users in wanted.items()}

    def look(self, known: Mapping[int, Known]) -> Look:
        """The shards that moved since they were known; see `sinks.store.ReadModel`."""
        moved = memory_look.moved(self._shards, self._partitions, known)
        return Look(self._partitions, moved, self.workers(), self.endpoints())

    def feeds(self, positions: Mapping[int, str]) -> Mapping[int, FeedPart]:
        """Each shard's feed from a position on; see `sinks.store.ReadModel`."""
        return {partition: memory_look.feed(self._shard(partition), at) for partition, at in positions.items()}
