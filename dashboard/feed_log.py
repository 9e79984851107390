"""The newest outputs of all shards, kept in memory for whoever watches: each once, in one order.

Outputs that came with one look are ordered by event time, but never against the order of their shard: so the positions
of all shards after an output say exactly what was told before it, and its cursor resumes there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from dashboard import cursor
from dashboard.answers.feed import Item
from sinks.look import BEGINNING, FeedPart, Known, onward, place

KEPT = 2_000
"""Outputs that are kept at least, where there were so many."""
BYTES = 32 * 1024 * 1024
"""Most bytes they may have as JSON: a dead letter may have 64 KB."""


class _Entry(Struct, frozen=True):
    topic: str
    message: dict[str, Any]


_decode = msgspec.json.Decoder(_Entry).decode


class Told(NamedTuple):
    """An output, whose it is in the feed of which shard, and its size as JSON."""

    item: Item
    partition: int
    position: str
    size: int


class FeedLog:
    """What was told, newest last.

    Attributes
    ----------
    arrived
        How many outputs ever came; a reader who knows that number reads on from there (`since`).
    positions
        Of each shard, the newest output that came.
    floors
        Of each shard, the position after which everything is still here.
    gap
        How many outputs had come when some were missed last: the store had dropped them before they were read. -1: none
        ever were.
    """

    def __init__(self) -> None:
        self._told: deque[Told] = deque()
        self._bytes = 0
        self.arrived = 0
        self.gap = -1
        self.positions: dict[int, str] = {}
        self.floors: dict[int, str] = {}

    @property
    def items(self) -> list[Item]:
        """All that is kept, oldest first."""
        return [told.item for told in self._told]

    @property
    def cursor(self) -> str:
        """Where one is who has seen everything."""
        return cursor.write(self.positions)

    def restart(self, partitions: int) -> None:
        """Begin anew with so many shards: the store is another one, or came back empty."""
        self._told.clear()
        self._bytes = 0
        self.positions = dict.fromkeys(range(partitions), BEGINNING)
        self.floors = dict(self.positions)

    def forget(self, partition: int, seq: int) -> None:
        """Drop a shard's outputs of batches after `seq`, which the store went back behind."""
        self._told = deque(told for told in self._told if told.partition != partition or place(told.position)[0] <= seq)
        self._bytes = sum(told.size for told in self._told)
        self.positions[partition] = onward(Known(seq + 1, self.positions[partition]), seq)

    def add(self, parts: Mapping[int, FeedPart]) -> None:
        """Take what came from some shards."""
        fresh = {partition: self._unseen(partition, part) for partition, part in parts.items()}
        for partition, part in fresh.items():
            if not part.complete:
                self._raise_floor(partition, _before(part.entries[0][0]))
                self.gap = self.arrived
        count = len(self._told)
        for told in merged(fresh, self.positions):
            self._told.append(told)
            self._bytes += told.size
        count = len(self._told) - count
        self.arrived += count
        while len(self._told) > max(KEPT, count) or self._bytes > BYTES:
            gone = self._told.popleft()
            self._bytes -= gone.size
            self._raise_floor(gone.partition, gone.position)

    def _raise_floor(self, partition: int, position: str) -> None:
        """What lies before a gap may leave memory after the gap was found: the floor stays where it is then."""
        self.floors[partition] = max(self.floors[partition], position, key=place)

    def _unseen(self, partition: int, part: FeedPart) -> FeedPart:
        seen = place(self.positions[partition])
        entries = [entry for entry in part.entries if place(entry[0]) > seen]
        return FeedPart(entries, part.complete or not entries)

    def since(self, arrived: int) -> list[Told] | None:
        """What came after that many outputs had; None if some of it is no longer here."""
        count = self.arrived - arrived
        if count > len(self._told):
            return None
        return list(islice(self._told, len(self._told) - count, None))

    def elsewhere(self, positions: Mapping[int, str]) -> dict[int, str]:
        """Of these positions those after which not everything is here, or that are beyond what came so far."""
        return {
            partition: at
            for partition, at in positions.items()
            if not place(self.floors[partition]) <= place(at) <= place(self.positions[partition])
        }

    def after(self, positions: dict[int, str], older: Mapping[int, FeedPart]) -> list[Told]:
        """What came after the positions, which are moved along, so that the cursors are those of one who reads on from
        there.

        Parameters
        ----------
        positions
            Where one is, of every shard.
        older
            What the store has of shards of which not everything is here (`elsewhere`).
        """
        known = {partition: place(at) for partition, at in positions.items()}
        own: dict[int, list[Told]] = {partition: [] for partition in self.positions if partition not in older}
        for told in self._told:
            if told.partition in own and place(told.position) > known[told.partition]:
                own[told.partition].append(told)
        until = {partition: place(at) for partition, at in self.positions.items()}
        parts = {
            partition: FeedPart([entry for entry in part.entries if place(entry[0]) <= until[partition]])
            for partition, part in older.items()
        }
        return list(merged(parts, positions, own))


def merged(
    parts: Mapping[int, FeedPart], positions: dict[int, str], own: Mapping[int, Sequence[Told]] | None = None
) -> Iterator[Told]:
    """Outputs of several shards in one order, which moves `positions` along: each shard's in its own order, and among
    shards by event time as far as that allows. `own` has outputs that were read before."""
    streams = [_read(partition, part.entries) for partition, part in parts.items()]
    streams += map(iter, (own or {}).values())
    for told in merge(*streams, key=lambda told: (told.item.as_of, told.partition)):
        positions[told.partition] = told.position
        item = msgspec.structs.replace(told.item, cursor=cursor.write(positions))
        yield told._replace(item=item)


def _read(partition: int, entries: Sequence[tuple[str, bytes]]) -> Iterator[Told]:
    for position, value in entries:
        yield Told(_item(_decode(value)), partition, position, len(value))


def _item(entry: _Entry) -> Item:
    said = entry.message
    return Item(
        cursor="",
        topic=entry.topic,
        id=said["id"],
        kind=said["kind"],
        user_id=said["user_id"],
        as_of=said["as_of"],
        reason=said["reason"],
        message=said,
    )


def _before(position: str) -> str:
    """A position before an output's and after whatever comes before that."""
    seq, index = place(position)
    return f"{seq}-{index - 1}" if index else f"{seq - 1}-{2**64 - 1}"
