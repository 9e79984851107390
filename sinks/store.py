"""The store's contract: one shard's state, owned by one writer at a time, changed by whole batches.

`claim` takes a shard over; `apply` commits one batch or nothing. Every write is absolute, so a batch may be sent
again: the store knows by sequence number and digest that it has it already. Calls are synchronous and may raise

    StoreError
     ├─ Unavailable       nobody knows whether the call took effect: repeat it unchanged
     ├─ Refused           the server refused before the first write (out of memory, read-only, a key of another
     │                    type): repeating it helps only after somebody repaired the server
     ├─ SchemaTooNew      the shard was written by newer code: upgrade this worker
     └─ PartitionsChanged the shard was written with another number of partitions
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from msgspec import Struct

from sinks.look import FeedPart, Known, Look


class StoreError(Exception):
    """The store could not do what was asked."""


class Unavailable(StoreError):
    """The call may or may not have taken effect."""


class Refused(StoreError):
    """The call took no effect, and will not until the server is put right."""


class SchemaTooNew(StoreError):
    """The shard was written by newer code."""


class PartitionsChanged(StoreError):
    """The shard was written with another number of partitions."""


class Claim(Struct, frozen=True):
    """A shard as it was committed, for its new owner."""

    seq: int
    offsets: Mapping[str, int]
    shard: bytes
    stats: Mapping[str, bytes]
    vocab: Mapping[str, int]
    outbox: bytes
    next_due: int | None
    sketches: Mapping[str, bytes] = {}


class Commit(Struct, frozen=True):
    """One batch, whole. All of it is written, or none.

    None deletes. A public hash becomes exactly the mapping given (an empty one: deleted); offsets, timers, stats, vocab
    and sketches change the names given and leave the others. Integers have 64 bits, ids and times (ms) 53.

    `sketches` has what the shard counts for tables, by the name of the table, where that changed; `frozen` what it had
    counted by a boundary, by the name and the version of the table that is computed from it.
    """

    offsets: Mapping[str, int]
    shard: bytes
    profiles: Mapping[str, bytes | None]
    public: Mapping[str, Mapping[str, str | int] | None]
    timers: Mapping[str, int | None]
    stats: Mapping[str, int | str | None]
    vocab: Mapping[str, int]
    feed: Sequence[bytes]
    outbox: bytes
    sketches: Mapping[str, bytes] = {}
    frozen: Mapping[tuple[str, int], bytes | None] = {}


Status = Literal["OK", "FENCED", "LOST", "EMPTY"]
"""Of a batch: committed; refused because another token owns the shard, because batches before it are missing, or
because nobody has claimed the shard: then the store came back without its data."""


class Applied(Struct, frozen=True):
    """The store's answer: `status`, and the earliest timer now in the shard (None: no timer)."""

    status: Status
    next_due: int | None = None


class Load(NamedTuple):
    """Asks for packed profiles, as `Store.load`."""

    users: Sequence[str]


class Due(NamedTuple):
    """Asks for due timers, as `Store.due`."""

    start: int
    before: int
    limit: int


class Apply(NamedTuple):
    """Asks to commit a batch, as `Store.apply`."""

    token: str
    seq: int
    commit: Commit


Request = Load | Due | Apply
"""What a shard at work asks. Requests of several shards travel together (`Store.together`)."""


class Store(Protocol):
    """The store of all shards: their state, and what people read of it."""

    def claim(self, partition: int, token: str, *, schema: int, partitions: int) -> Claim:
        """Own the shard under `token`; whoever owned it before is fenced from now on."""
        ...

    def owned(self, partition: int, token: str) -> bool:
        """Whether the shard is still owned under `token`.

        For a batch that fails: a shard that was taken over reads what its new owner writes, which is no error.
        """

    def load(self, partition: int, users: Sequence[str]) -> list[bytes | None]:
        """Packed profiles, in the order asked, None where there is none."""
        ...

    def due(self, partition: int, start: int, before: int, limit: int) -> list[tuple[int, str]]:
        """The first `limit` timers with start <= due < before, as (due, user), ordered by due, then the user's
        UTF-8 bytes."""
        ...

    def apply(self, partition: int, token: str, seq: int, commit: Commit) -> Applied:
        """Commit batch number `seq` (the last one's + 1), or recognise it as committed already."""
        ...

    def together(self, requests: Sequence[tuple[int, Request]]) -> list[Any]:
        """Answer requests of several shards (partition, request), one of each, in one trip where the store can.

        Returns
        -------
        The answers in the order asked. Where one could not be answered its StoreError stands in its place, and the
        others are answered all the same.
        """
        ...

    def shard(self, partition: int) -> bytes:
        """A shard's packed state (b"" if never committed)."""
        ...

    def frozen(self, partition: int, table: str, version: int) -> tuple[bytes | None, bytes]:
        """A shard's sketch as frozen for a version of a table (None: it has none), and the shard's packed state, read
        together."""
        ...

    def table(self, name: str, version: int) -> bytes | None:
        """A table all shards share, None if it is not there yet."""
        ...

    def keep_table(self, name: str, version: int, value: bytes) -> bytes:
        """Store a table, unless it is there; answers the one that is there now. A table never changes."""
        ...


class Profiles(NamedTuple):
    """Packed profiles of one shard, in the order asked, None where there is none; and the shard's vocabulary."""

    packed: Sequence[bytes | None]
    vocab: Mapping[str, int]


class ReadModel(Protocol):
    """What dashboards, the command line and tests read. Never writes, needs no claim."""

    def partitions(self) -> int:
        """Number of shards, 0 if nothing was ever claimed."""
        ...

    def profile(self, partition: int, user: str) -> bytes | None:
        """One packed profile."""
        ...

    def profiles(self, partition: int) -> Iterator[tuple[str, bytes]]:
        """All packed profiles of a shard: of everybody who has a timer, as every shopper does."""
        ...

    def public(self, partition: int, user: str) -> Mapping[str, str]:
        """The public hash of a shopper ({} if there is none)."""
        ...

    def shard(self, partition: int) -> bytes:
        """The shard's packed state (b"" if never committed)."""
        ...

    def outbox(self, partition: int) -> bytes:
        """The packed outputs of the last batch, which may not be in Kafka yet (b"" if it had none)."""
        ...

    def offsets(self, partition: int) -> Mapping[str, int]:
        """Next offset by topic."""
        ...

    def stats(self, partition: int) -> Mapping[str, str]:
        """The shard's counters."""
        ...

    def vocab(self, partition: int) -> Mapping[str, int]:
        """Names of categories and their ids."""
        ...

    def timers(self, partition: int) -> Mapping[str, int]:
        """Every timer: user -> due."""
        ...

    def table(self, name: str, version: int) -> bytes | None:
        """A table all shards share, None if it is not there."""
        ...

    def tables(self, name: str) -> Mapping[int, bytes]:
        """Every version of a shared table, oldest first."""
        ...

    def workers(self) -> Mapping[str, bytes]:
        """Every worker's last report, by the worker's id (`sinks.workers`)."""
        ...

    def endpoints(self) -> Mapping[str, bytes]:
        """Every last report on an endpoint, by endpoint and process (`sinks.deliveries`)."""
        ...

    def deliveries(self, endpoint: str, count: int) -> list[bytes]:
        """The newest `count` messages of an endpoint that came to their end, the newest first."""
        ...

    def feed(self, partition: int, count: int) -> list[tuple[str, bytes]]:
        """The newest `count` outputs, oldest first, with their stream ids ``seq-i``."""
        ...

    def profiles_of(self, wanted: Mapping[int, Sequence[str]]) -> Mapping[int, Profiles]:
        """Packed profiles of some shoppers by shard, and each shard's vocabulary, in one trip: one MGET a shard."""
        ...

    def look(self, known: Mapping[int, Known]) -> Look:
        """All shards at once: those that moved since they were known, in full.

        Parameters
        ----------
        known
            Every shard as it was seen last; none at all, or another number of shards than there are now, and all
            shards are told from their beginnings.
        """
        ...

    def feeds(self, positions: Mapping[int, str]) -> Mapping[int, FeedPart]:
        """The feeds of some shards, each from a position on, in one trip."""
        ...
