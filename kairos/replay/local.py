"""The engine without Faust and Kafka: the same shards, fed from memory, taking turns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from kairos.config.settings import Settings
from kairos.errors import ReplayError
from kairos.replay import ticks
from kairos.replay.route import Route
from kairos.replay.row import Span
from kairos.terminal.times import now
from sinks.memory_outputs import MemoryOutputs
from sinks.outputs import Header
from sinks.store import Store
from streams.claimed import ClaimedShard
from streams.records import Chunk, Record
from streams.shard import Shard

ENOUGH = 20_000
"""Rows gathered before the shards take a turn: large batches, little memory."""


class Held(Struct, gc=False):
    """A record as a broker would have it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header] = ()


class PartitionLog:
    """One partition of one topic, of which only the end not yet taken is kept."""

    def __init__(self, topic: str, partition: int) -> None:
        self.topic = topic
        self.partition = partition
        self.next = 0
        self.tail: list[Record] = []

    def append(self, timestamp: int, key: bytes | None, value: bytes | None, headers: Sequence[Header] = ()) -> None:
        """Append a record that comes at a time (ms)."""
        self.tail.append(Held(self.next, timestamp, key, value, headers))
        self.next += 1

    def take(self) -> Chunk:
        """Everything not yet taken."""
        tail, self.tail = self.tail, []
        return Chunk(self.topic, self.partition, self.next - len(tail), tail)


class Local:
    """Drives all shards of a replay in this process, under ``clock=event``.

    Parameters
    ----------
    settings
        Topics, engine and shop.
    shards
        How many.
    store, outputs
        Where state and outputs go. A store that has seen a part of the same logs already goes on after it.
    """

    def __init__(self, settings: Settings, shards: int, store: Store, outputs: MemoryOutputs) -> None:
        self.outputs = outputs
        self.route = Route(settings, shards)
        self.logs = {topic: [PartitionLog(topic, p) for p in range(shards)] for topic in self.route.inputs}
        self.shards = [
            Shard(p, shards, settings.inputs, store, settings.shop, clock="event", engine=settings.engine).claim()
            for p in range(shards)
        ]
        self.events = 0
        self.ticks = 0
        self._gathered = 0
        for shard in self.shards:
            self._publish(shard)

    def run(self, spans: Iterable[Span]) -> None:
        """Feed everything and fold it."""
        for span in spans:
            self.feed(span)
        self.finish()

    def finish(self) -> None:
        """Fold what is left. Raises ReplayError, which names it, if a shard does not take it."""
        self.turn()
        left = {
            f"{topic}[{shard.partition}]": records
            for shard in self.shards
            for topic, buffer in shard.buffers.items()
            if (records := len(self.logs[topic][shard.partition].tail) + buffer.waiting)
        }
        if left or any(shard.awaited for shard in self.shards):
            shown = ", ".join(f"{log} {records:,}" for log, records in left.items()) or "timers"
            waiting = "; ".join(filter(None, (shard.waiting() for shard in self.shards))) or "nothing"
            raise ReplayError(f"not everything was folded: left are {shown}; waiting for {waiting}")

    def feed(self, span: Span) -> None:
        """Append to the logs; from time to time the shards take their turn."""
        self._append(span)
        if span.tick is not None:
            self._tick(span.tick)
        if self._gathered >= ENOUGH:
            self.turn()

    def _append(self, span: Span) -> None:
        appends = [[log.append for log in self.logs[topic]] for topic in self.route.topics]
        partition = self.route.partition
        timestamp = now() if span.at is None else span.at
        for _, role, key, value in span.rows:
            appends[role][partition(key)](timestamp, key, value)
        self.events += len(span.rows)
        self._gathered += len(span.rows)

    def _tick(self, at: int) -> None:
        timestamp = max(at, now())  # a tick ahead of its record's time would be clamped
        value = ticks.value(at)
        for logs in self.logs.values():
            for log in logs:
                log.append(timestamp, None, value)
        written = len(self.logs) * len(self.shards)
        self.ticks += written
        self._gathered += written

    def turn(self) -> None:
        """Each shard in turn takes what it wants and commits what it can, until none gets any further."""
        self._gathered = 0
        while sum(self._advance(shard) for shard in self.shards):
            pass

    def _advance(self, shard: ClaimedShard) -> bool:
        """One shard's turn; whether it got any further."""
        advanced = False
        for logs in self.logs.values():
            log = logs[shard.partition]
            if log.tail and shard.wants(log.topic):
                shard.receive(log.take())
                advanced = True
        while shard.step():
            self._publish(shard)
            advanced = True
        return advanced

    def _publish(self, shard: ClaimedShard) -> None:
        outputs = [message for message in shard.outbox if message.partition is None]
        if outputs:
            self.outputs.append(shard.partition, outputs)
        for message in shard.outbox:
            if message.partition is not None:
                self.logs[message.topic][message.partition].append(now(), message.key, message.value, message.headers)
        shard.published()
