"""The store in plain dicts: for `replay --local`, for tests, and as the model the Redis store is compared with."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

from sinks.commits import FEED_LENGTH, bounded_feed, digest
from sinks.memory_timers import Timers
from sinks.requests import answer_each
from sinks.store import Applied, Claim, Commit, PartitionsChanged, Request, SchemaTooNew


class MemoryShard:
    """What Redis holds under one hash tag. Keeps no object of the caller's that could change."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.token = ""
        self.schema = 0
        self.seq = 0
        self.digest = ""
        self.bytes = b""
        self.outbox = b""
        self.offsets: dict[str, int] = {}
        self.profiles: dict[str, bytes] = {}
        self.public: dict[str, dict[str, str]] = {}
        self.timers = Timers()
        self.stats: dict[str, str] = {}
        self.vocab: dict[str, int] = {}
        self.sketches: dict[str, bytes] = {}
        self.frozen: dict[tuple[str, int], bytes] = {}
        self.feed: deque[tuple[str, bytes]] = deque(maxlen=FEED_LENGTH)

    def claim(self, token: str, schema: int) -> Claim:
        """Give the shard to another claim."""
        self.token, self.schema = token, schema
        stats = {name: value.encode() for name, value in self.stats.items()}
        vocab, due = dict(self.vocab), self.timers.next_due
        return Claim(self.seq, dict(self.offsets), self.bytes, stats, vocab, self.outbox, due, dict(self.sketches))

    def apply(self, token: str, seq: int, commit: Commit) -> Applied:
        """Check, then write; the same checks in the same order as ``lua/apply.lua``."""
        if not self.token:
            return Applied("EMPTY")
        if token != self.token:
            return Applied("FENCED")
        known = digest(commit)
        if (seq, known) != (self.seq, self.digest):
            if seq != self.seq + 1:
                return Applied("LOST")
            self._write(seq, commit)
            self.seq, self.digest = seq, known
        return Applied("OK", self.timers.next_due)

    def _write(self, seq: int, commit: Commit) -> None:
        for user, value in commit.profiles.items():
            if value is None:
                self.profiles.pop(user, None)
            else:
                self.profiles[user] = value
        for user, fields in commit.public.items():
            if fields:
                self.public[user] = {name: str(value) for name, value in fields.items()}
            else:
                self.public.pop(user, None)
        self.sketches.update(commit.sketches)
        for name, packed in commit.frozen.items():
            if packed is None:
                self.frozen.pop(name, None)
            else:
                self.frozen[name] = packed
        self.timers.update(commit.timers)
        self.stats.update((name, str(value)) for name, value in commit.stats.items() if value is not None)
        for field in [name for name, value in commit.stats.items() if value is None]:
            self.stats.pop(field, None)
        self.offsets.update(commit.offsets)
        self.vocab.update(commit.vocab)
        first, feed = bounded_feed(commit)
        self.feed.extend((f"{seq}-{first + i}", value) for i, value in enumerate(feed))
        self.bytes, self.outbox = commit.shard, commit.outbox


class MemoryStore:
    """Implements `sinks.store.Store` and `sinks.store.ReadModel`. Thread-safe."""

    def __init__(self) -> None:
        self._shards: dict[int, MemoryShard] = {}
        self._partitions = 0
        self._tables: dict[tuple[str, int], bytes] = {}

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
        """All packed profiles of a shard."""
        return iter(list(self._shard(partition).profiles.items()))

    def public(self, partition: int, user: str) -> Mapping[str, str]:
        """The public hash of a shopper ({} if there is none)."""
        return dict(self._shard(partition).public.get(user, {}))

    def shard(self, partition: int) -> bytes:
        """The shard's packed state (b"" if never committed)."""
        return self._shard(partition).bytes

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

    def feed(self, partition: int, count: int) -> list[tuple[str, bytes]]:
        """The newest `count` outputs, oldest first, with their ids ``seq-i``."""
        return list(self._shard(partition).feed)[-count:] if count > 0 else []
