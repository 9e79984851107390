"""The read model: what people read of the store, decoded and over all shards. Profiles, counters, event time, tables in
force, and the newest outputs; for the command line, the demo and any page. It never writes.

What stands behind it is a `ReadModel` of `sinks.store`, whose values are packed and a shard's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from models.kernel.partition import partitioner
from models.kernel.settings import SharedSettings
from models.profile import codec
from models.profile.describe import describe
from sinks.commits import FEED_LENGTH
from sinks.shard_state import ShardState
from sinks.store import ReadModel
from sinks.summary import Summary, merge


def profile(reader: ReadModel, user: str, settings: SharedSettings) -> dict[str, Any] | None:
    """A shopper's profile, decoded, with their id and shard; None if there is none.

    Parameters
    ----------
    user
        The shopper's id, which is the Kafka key.
    settings
        Their partitioner says which shard the shopper belongs to.
    """
    shards = reader.partitions()
    if not shards:
        return None
    try:
        shard = partitioner(settings.partitioner)(user.encode(), shards)
    except UnicodeEncodeError:  # no id that was ever stored
        return None
    packed = reader.profile(shard, user)
    if packed is None:
        return None
    return {"user": user, "shard": shard} | describe(codec.decode(packed), reader.vocab(shard), settings)


def profiles(reader: ReadModel, settings: SharedSettings) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every shopper's id and profile, decoded, shard by shard."""
    for partition in range(reader.partitions()):
        vocabulary = reader.vocab(partition)
        for user, packed in reader.profiles(partition):
            yield user, describe(codec.decode(packed), vocabulary, settings)


def summary(reader: ReadModel) -> Summary:
    """All shards' counters."""
    return merge(reader.stats(partition) for partition in range(reader.partitions()))


def watermarks(reader: ReadModel, partitions: int | None = None) -> list[int]:
    """Each shard's event time in ms, 0 where nothing was committed.

    Parameters
    ----------
    partitions
        How many shards there are to be; by default as many as were ever claimed.
    """
    return [state.watermark for state in _states(reader, partitions)]


def promised(reader: ReadModel) -> int:
    """The latest event time (ms) that any shard under ``clock=event`` was promised, 0 if none was. What is sent now and
    is older than that waits for a later tick: an input of a lower rank may still bring as much."""
    return max([0, *(at for state in _states(reader) if not state.born for at in state.promises.values())])


def pinned(reader: ReadModel, table: str) -> Counter[int]:
    """How many shards judge by each version of a table; 0 is the fixed one."""
    return Counter(state.pins.get(table, 0) for state in _states(reader))


def _states(reader: ReadModel, partitions: int | None = None) -> list[ShardState]:
    count = reader.partitions() if partitions is None else partitions
    return [ShardState.decode(reader.shard(partition)) for partition in range(count)]


class FeedEntry(Struct, frozen=True):
    """One output in a shard's feed: the role of its topic, and the message as JSON."""

    topic: str
    message: msgspec.Raw


class _When(Struct, frozen=True):
    as_of: int = 0


_decode = msgspec.json.Decoder(FeedEntry).decode
_as_of = msgspec.json.Decoder(_When).decode


class Feed:
    """The outputs that all shards committed lately, each once. A shard keeps the newest 1,000: who asks too seldom
    misses the others."""

    def __init__(self, reader: ReadModel) -> None:
        self._reader = reader
        self._seen = dict.fromkeys(range(reader.partitions()), (0, -1))

    def fresh(self) -> list[FeedEntry]:
        """What came since the last call, at the first call all that is kept; by the event time of its messages."""
        found = [entry for partition in self._seen for entry in self._fresh(partition)]
        return sorted(found, key=lambda entry: _as_of(entry.message).as_of)

    def _fresh(self, partition: int) -> list[FeedEntry]:
        feed = self._reader.feed(partition, FEED_LENGTH)
        found = [(tuple(map(int, ident.split("-"))), value) for ident, value in feed]
        fresh = [_decode(value) for ident, value in found if ident > self._seen[partition]]
        if found:
            self._seen[partition] = (found[-1][0][0], found[-1][0][1])
        return fresh
