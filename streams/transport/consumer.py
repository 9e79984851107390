"""What both transports share: Faust's consumer, read by chunks, positioned by the store, drained by the shards.

    assigned ─▶ perform_seek ─▶ shards.assign ─▶ check against the log ─▶ seek ─▶ shards.begin ─▶ fetch, chunk by chunk
                                  (for the shards of each flow)
    revoked, SIGTERM ─▶ wait_empty ─▶ shards.release ─▶ commit what the shards reported

Mixed in before a Faust consumer, which brings the protocol with its broker. The names without an own docstring are
Faust's hooks: who calls them is said where it matters.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

from faust.exceptions import ConsumerNotStarted
from faust.types import TP

from streams.errors import Leaving, NotCopartitioned, Unassigned
from streams.records import Chunk, End
from streams.transport.delivery import Delivery, carried
from streams.transport.fetched import Cursor, Fetched
from streams.transport.positions import OnGap, copartitioned, numbers, resume
from streams.transport.waiting import Waiting


class ChunkConsumer(ABC):
    """Mixin. The driver brings `_read`, `_log_end`, `_bounds`, `_partition_counts` and `is_member`."""

    POLL = 0.25  # seconds one fetch may wait: the longest a seek waits for it
    SLICE = 0.02  # the same while a full shard sits one out
    COMMIT_WITHIN = 5.0  # seconds
    TAKE_WITHIN = 2.0  # seconds a `take` whose shards are released may need to notice

    app: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on_gap: OnGap = self.transport.on_gap  # type: ignore[attr-defined]
        self.gather: float = self.transport.gather  # type: ignore[attr-defined]  # seconds from fetch to fetch, at least
        self._flows = {shards.name: shards for shards in self.app.flows}
        self._shards = {topic: shards for shards in self.app.flows for topic in shards.topics}
        self._cursors: dict[TP, Cursor] = {}
        self._waiting = Waiting(self.app.outages)
        self._done: dict[TP, int] = {}
        self._begun: dict[TP, int] = {}  # where what the store counts began, as far as this process knows
        self._counted: set[TP] = set()  # of which the store held a record
        self._fetching = asyncio.Lock()  # around each fetch, and around each seek: none answers from an old position
        self._taking: asyncio.Future[None] | None = None
        self._in_place = False  # whether the shards of the assignment in force have begun
        self._resumed = False  # whether Faust has let the flow go on since they were last claimed
        self.committed = True  # whether the group's offsets were taken when they were last told
        for shards in self.app.flows:
            shards.source = self

    # Delivery.

    async def _drain_messages(self, fetcher: Any) -> None:
        """Faust's fetch loop: runs until the fetcher or the consumer stops. What is cut off by a rebalance is lost
        here, and read again by whoever claims the shard."""
        consumer: Any = self
        try:
            while not (consumer._stopped.is_set() or fetcher._stopped.is_set()):
                if not consumer.flow_active:
                    await consumer.wait(consumer.can_resume_flow)
                    continue
                fetched = await self._fetch()
                if not fetched:
                    self.answered()
                for deliveries in fetched:
                    if consumer.flow_active:
                        message = carried(deliveries, self.app.consumer_generation_id)
                        await consumer.wait_first(consumer.callback(message), consumer.suspend_flow.wait())
        except consumer.consumer_stopped_errors:
            if not self.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.app.should_stop:  # else Faust takes a stop in the middle of a rebalance for a crash
                raise

    async def _fetch(self) -> list[list[Delivery]]:
        """What one fetch brings, by flow: Faust hands each message to one agent."""
        assigned = self._get_active_partitions()  # type: ignore[attr-defined]
        active = {tp for tp in assigned if not self._waiting.rests(tp)} if self._waiting.any else set(assigned)
        wanted = active
        if any(shards.crowded for shards in self._flows.values()):
            wanted = {tp for tp in active if self._shards[tp.topic].wants(tp.topic, tp.partition)}
        if not wanted:
            await asyncio.sleep(self.SLICE)
            return []
        async with self._fetching:
            fetched = await self._read(wanted, self.POLL if len(wanted) == len(active) else self.SLICE)
            return self._deliveries(fetched)

    def _deliveries(self, fetched: Fetched) -> list[list[Delivery]]:
        deliveries: dict[str, list[Delivery]] = {}
        for tp, records in fetched.records.items():
            if cursor := self._cursors.get(tp):
                shards = self._shards[tp.topic]
                chunk = Chunk(tp.topic, tp.partition, cursor.next, records)
                deliveries.setdefault(shards.name, []).append(Delivery(chunk, shards.epoch(tp.partition)))
                cursor.next = cursor.counted = records[-1].offset + 1
                self._waiting.read(tp)
        for tp, position in fetched.positions.items():
            if cursor := self._cursors.get(tp):
                cursor.position = position
        for tp, found in fetched.undecodable.items():
            if tp in self._cursors:
                self._waiting.met(tp, found)
                self._shards[tp.topic].doubt(tp.partition)
        return list(deliveries.values())

    @property
    def curious(self) -> bool:
        """Whether some shard waits for the answer of a fetch. Any thread may ask."""
        return any(shards.curious for shards in self._flows.values())

    def answered(self) -> None:
        """A fetch brought nothing. (Of one that brought something the agent tells.)"""
        for shards in self._flows.values():
            shards.answered()

    def ends(self, partition: int) -> Mapping[str, End]:
        """By topic, the log's end as the shard would count it, and when the broker said so (ms)."""
        found = ((TP(topic, partition), self._cursors.get(TP(topic, partition))) for topic in self._shards)
        return {tp.topic: self._end(tp, cursor) for tp, cursor in found if cursor}

    def _end(self, tp: TP, cursor: Cursor) -> End:
        highwater, polled = self._log_end(tp)
        if highwater is not None and cursor.position >= highwater:
            highwater = cursor.counted  # nothing is left that would reach a shard
        return End(highwater, polled)

    # Positions: the store's, not the group's.

    async def perform_seek(self) -> None:
        """Called by Faust's Recovery on every assignment, before the flow opens and outside the join, so heartbeats go
        on however long it takes. Recovery waits for it a limited time; the claim itself goes on until `release`."""
        self.stop_flow()  # type: ignore[attr-defined]  # Faust does, where something was assigned before
        self._in_place = self._resumed = False
        self._taking = asyncio.ensure_future(self._take_assigned())
        await asyncio.wait({self._taking})

    def resume_flow(self) -> None:
        """Called by Faust's Recovery when it has emptied the agents' queues; also by one that a new assignment has
        overtaken. A chunk that was in a queue then would be missed only when its partition's next record comes, so
        nothing flows before the shards have begun and the queues of this assignment are emptied."""
        self._resumed = True
        self._open()

    def _open(self) -> None:
        if self._in_place and self._resumed:
            super().resume_flow()  # type: ignore[misc]

    async def _take_assigned(self) -> None:
        try:
            for shards in self._flows.values():
                await shards.renew()
            self._done.clear()
            self._cursors.clear()
            self._waiting.clear()
            self._committed_offset.clear()  # type: ignore[attr-defined]
            for name in self._flows:
                await self.take(name)
        except Leaving:
            pass
        except Exception as failure:
            await self.fail(failure)
        else:
            self._in_place = True
            self._open()

    async def _fitting(self) -> bool:
        """Whether the topics of each flow fit together. If not, the worker ends."""
        try:
            for shards in self._flows.values():
                copartitioned(await self._partition_counts(shards.topics))
        except NotCopartitioned as refusal:
            await self.fail(refusal)
            return False
        return True

    async def take(self, flow: str, partitions: set[int] | None = None) -> None:
        """Claim these shards of a flow (None: all that are assigned), seek their partitions, and nobody else's, to
        where the store is, begin."""
        shards = self._flows[flow]
        assignment = shards.assignment
        try:
            topics = shards.topics
            count = copartitioned(await self._partition_counts(topics))  # first: unequal inputs are assigned unequally
            if partitions is None:
                assigned: set[TP] = self.assignment()  # type: ignore[attr-defined]
                partitions = numbers((tp for tp in assigned if tp.topic in topics), topics)
            stored = await shards.assign(assignment, partitions, count)
            flat = {TP(topic, p): offset for p, offsets in stored.items() for topic, offset in offsets.items()}
            await self._position(flat)
            starts = {p: {topic: self._cursors[TP(topic, p)].next for topic in topics} for p in partitions}
            shards.begin(assignment, starts)
        except Unassigned:
            raise Leaving from None

    async def _position(self, stored: Mapping[TP, int | None]) -> None:
        missing = set(stored) - set(self.assignment())  # type: ignore[attr-defined]
        if missing:
            raise Unassigned(missing)
        bounds = await self._bounds(stored)
        positions = {
            tp: resume(f"{tp.topic}[{tp.partition}]", offset, *bounds[tp], self.on_gap, self._forgotten(tp))
            for tp, offset in stored.items()
        }
        async with self._fetching:
            await self.seek_wait(positions)  # type: ignore[attr-defined]
            for tp, position in positions.items():
                # Where records are gone and on_gap=skip, `next` stays what the shard expects: to it a gap like others.
                expected = stored[tp]
                cursor = Cursor(position if expected is None else expected, position, expected or 0)
                self._cursors[tp] = cursor
                self._waiting.sought(tp, position)
                if expected is None:
                    self._begun[tp] = position
                    self._counted.discard(tp)

    def _forgotten(self, tp: TP) -> int | None:
        """Where the store began to count a partition, if it held records of it while this process owned the shard."""
        return self._begun.get(tp, 0) if tp in self._counted else None

    async def fail(self, reason: BaseException) -> None:
        """End the process: there is no going on without it."""
        await self.app.crash(reason)

    # The group's offsets: for lag tools, and for nothing else.

    def done(self, topic: str, partition: int, offset: int) -> None:
        """A shard reports: everything before `offset` is applied and published."""
        tp = TP(topic, partition)
        self._done[tp] = offset
        self._counted.add(tp)

    def ack(self, message: Any) -> bool:
        """A stream is through with a chunk, or skipped it: that says nothing about offsets (see `done`)."""
        message.acked = True
        self._unacked_messages.discard(message)  # type: ignore[attr-defined]
        return True

    def _filter_tps_with_pending_acks(self, topics: Iterable[Any] | None = None) -> list[TP]:
        chosen = None if topics is None else set(topics)
        return [tp for tp in self._done if chosen is None or tp in chosen or tp.topic in chosen]

    def _new_offset(self, tp: TP) -> int | None:
        return self._done.get(tp)

    async def wait_empty(self) -> None:
        """Called with the flow stopped: on revoke, on SIGTERM, and once more when the consumer stops. A crashed
        consumer's thread is gone: a commit would wait for it for ever."""
        self._in_place = False
        await self.app.release()
        self._waiting.clear()
        if self._taking:  # it stops by itself, unless the store or the broker does not answer
            await asyncio.wait({self._taking}, timeout=self.TAKE_WITHIN)
            self._taking.cancel()
        if not self.crashed:  # type: ignore[attr-defined]
            try:
                async with asyncio.timeout(self.COMMIT_WITHIN):
                    await self.commit()  # type: ignore[attr-defined]
            except TimeoutError:
                self.committed = False
            except ConsumerNotStarted:
                pass

    def verify_event_path(self, now: float, tp: TP) -> None:  # noqa: B027
        """Faust's guess at stuck streams, by acks we do not make. A waiting shard says itself what it waits for."""

    # What a driver brings.

    @abstractmethod
    async def _read(self, wanted: set[TP], within: float) -> Fetched:
        """Records of these partitions, after `within` seconds at most; and the client's positions then."""

    @abstractmethod
    def _log_end(self, tp: TP) -> tuple[int | None, int | None]:
        """(offset its next record will get, wall ms of the answer that said so), None while unknown."""

    @abstractmethod
    async def _bounds(self, tps: Iterable[TP]) -> Mapping[TP, tuple[int, int]]:
        """(first offset, offset the next record will get), asked of the broker."""

    @abstractmethod
    async def _partition_counts(self, topics: Iterable[str]) -> dict[str, int | None]:
        """Number of partitions by topic, None for a topic that is not there."""

    @abstractmethod
    async def is_member(self) -> bool:
        """Whether the group's coordinator still counts this worker in."""

    @abstractmethod
    async def missing(self) -> str:
        """What the broker owes: "" if it has answered anything since the last call, or owes nothing."""
