"""Faust over a broker inside the process: the same agent, the same shards, no Kafka."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from faust.transport import base
from faust.types import TP
from yarl import URL

from streams.records import Record
from streams.transport.broker import MemoryBroker
from streams.transport.consumer import ChunkConsumer
from streams.transport.delivery import NoProducer
from streams.transport.fetched import Fetched
from streams.transport.positions import OnGap


class Consumer(ChunkConsumer, base.Consumer):  # type: ignore[misc]
    """The group's only member; `rebalance` plays the coordinator."""

    CHUNK = 1000  # records a fetch may bring of one partition

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.broker: MemoryBroker = self.transport.broker
        self._topics: list[str] = []
        self._assigned: set[TP] = set()
        self._positions: dict[TP, int] = {}
        self._polled: int | None = None

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Be assigned every partition, in the background: Faust's conductor waits here, and the assignment for it."""
        self._topics = list(topics)
        if await self._fitting():
            self.add_future(self.rebalance(set(range(max(map(self._count, self._topics))))))

    def _count(self, topic: str) -> int:
        return len(self.broker.logs.get(topic, ()))

    async def rebalance(self, partitions: set[int]) -> None:
        """Assign these partition numbers of every input that has them, taking all away before, as Kafka's eager
        protocol does."""
        self.app.on_rebalance_start()
        await self.on_partitions_revoked(set(self._assigned))
        self._assigned = {TP(topic, p) for topic in self._topics for p in partitions if p < self._count(topic)}
        self._positions.clear()
        self._polled = None
        self.app.consumer_generation_id = (self.app.consumer_generation_id or 0) + 1
        await self.on_partitions_assigned(set(self._assigned), self.app.consumer_generation_id)

    async def _read(self, wanted: set[TP], within: float) -> Fetched:
        fetched = self._available(wanted)
        if not fetched.records:
            await self.broker.arrival(within)
            fetched = self._available(wanted)
        return fetched

    def _available(self, wanted: set[TP]) -> Fetched:
        records: dict[TP, Sequence[Record]] = {}
        for tp in wanted & set(self._positions):
            log, position = self.broker.log(*tp), self._positions[tp]
            if position < log.start:
                self._shards[tp.topic].interrupt(tp.partition, f"offset {position} is no longer in {tp.topic}")
            elif chunk := log.read(position, self.CHUNK):
                records[tp] = chunk
                self._positions[tp] = chunk[-1].offset + 1
        self._polled = int(time.time() * 1000)
        return Fetched(records, {tp: self._positions[tp] for tp in records})

    def _log_end(self, tp: TP) -> tuple[int | None, int | None]:
        return self.broker.log(*tp).end, self._polled

    async def _bounds(self, tps: Iterable[TP]) -> Mapping[TP, tuple[int, int]]:
        return {tp: (log.start, log.end) for tp in tps for log in [self.broker.log(*tp)]}

    async def _partition_counts(self, topics: Iterable[str]) -> dict[str, int | None]:
        return {topic: self._count(topic) or None for topic in topics}

    async def is_member(self) -> bool:
        """Always: there is nobody else."""
        return True

    async def missing(self) -> str:
        """Nothing: it is in this process."""
        return ""

    def done(self, topic: str, partition: int, offset: int) -> None:
        """Committed at once."""
        super().done(topic, partition, offset)
        self.broker.log(topic, partition).committed = offset

    # The rest of what Faust asks of a consumer.

    def assignment(self) -> set[TP]:
        return set(self._assigned)

    async def seek_wait(self, positions: Mapping[TP, int]) -> None:
        self._positions.update(positions)

    async def _seek(self, partition: TP, offset: int) -> None:
        self._positions[partition] = offset

    async def position(self, tp: TP) -> int | None:
        return self._positions.get(tp)

    def highwater(self, tp: TP) -> int:
        return self.broker.log(*tp).end

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        return True

    def _unused(self, *args: Any, **kwargs: Any) -> Any:
        """Abstract in Faust, and never called where records are read by chunks and positioned by the store."""
        raise NotImplementedError

    _getmany = _to_message = _new_topicpartition = seek_to_committed = key_partition = _unused
    create_topic = topic_partitions = earliest_offsets = highwaters = _unused


class Transport(base.Transport):  # type: ignore[misc]
    """Faust's transport over a `MemoryBroker`."""

    Consumer = Consumer
    Producer = NoProducer
    driver_version = "memory"
    default_port = 0
    on_gap: OnGap = "stop"
    gather = 0.0
    broker: MemoryBroker


class Memory:
    """Where the inputs are: a broker in this process."""

    credentials = None
    urls = (URL("memory://"),)

    def __init__(self, broker: MemoryBroker) -> None:
        self.broker = broker

    def transport(self, app: Any) -> Transport:
        """For a Faust app."""
        transport = Transport(list(self.urls), app)
        transport.broker = self.broker
        return transport
