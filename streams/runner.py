"""The driver of a claimed shard: one coroutine has it stepped in the worker's cycle and publishes its outbox, again if
need be.

chunks ─▶ step (in the next turn, with other shards) ─▶ outbox, every message acknowledged ─▶ offsets reported ─▶ again
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from typing import Literal, TypeVar

from sinks.outputs import Outputs, PublishError
from sinks.store import Refused, Store, Unavailable
from streams.claimed import ClaimedShard
from streams.cycle import Cycle
from streams.errors import Fenced, Gap, Leaving
from streams.faults import Faults
from streams.observer import Observer
from streams.outages import Outages
from streams.records import Chunk
from streams.rest import Rest
from streams.retries import pauses
from streams.source import Source
from streams.work import Work, alone

logger = logging.getLogger(__name__)

Clock = Literal["wall", "event"]
T = TypeVar("T")

SAY_AFTER = 30.0
"""Under clock=event the log says what a shard waits for after this long (seconds)."""
ACKNOWLEDGED_WITHIN = 15.0
"""Outputs that take longer than this (seconds) are told as an outage."""
TABLE_WAKE = 0.025
"""A shard that waits for a table looks for it this often (seconds): other workers' shards tell nothing."""


class Runner:
    """Drives one claim of one shard, from `acquire` through `run` to `leave`."""

    def __init__(
        self,
        flow: str,
        partition: int,
        claim: Callable[[], ClaimedShard],
        outputs: Outputs,
        source: Source,
        threads: Executor,
        cycle: Cycle,
        *,
        clock: Clock,
        faults: Faults,
        observer: Observer,
        outages: Outages,
        crossed: Callable[[], None] = lambda: None,
    ) -> None:
        self.partition = partition
        self.epoch = 0  # 0: not begun; its partitions are not where they should be
        self.busy_since: float | None = None  # monotonic: since when store or broker have not done what they were asked
        self._claim = claim
        self._claimed: ClaimedShard | None = None
        self._outputs = outputs
        self._source = source
        self._threads = threads
        self._cycle = cycle
        self._clock = clock
        self._faults = faults
        self._observer = observer
        self._outages = outages
        self._crossed = crossed
        self._queue: list[Chunk] = []
        self._expected: dict[str, int] = {}
        self._rest = Rest()
        self._leaving = asyncio.Event()
        self._interrupt: Exception | None = None
        self._doubted = False
        self._fields = {"shard": partition}  # of log records
        self._who = flow, partition  # to outages
        self._since = 0.0  # when it last said (or began) that it waits for a table

    @property
    def shard(self) -> ClaimedShard:
        """The shard, once it is acquired; before, nobody may ask."""
        assert self._claimed is not None, "the shard is not claimed yet"
        return self._claimed

    @property
    def store(self) -> Store:
        """Where its state lives."""
        return self.shard.store

    @property
    def left(self) -> bool:
        """Whether it is to leave, or has."""
        return self._leaving.is_set()

    @property
    def cut_off(self) -> bool:
        """Once it has left: whether that was in the middle of a batch."""
        return self.epoch > 0 and self.busy_since is not None

    # From the loop's side: nothing here waits.

    def begin(self, epoch: int, expected: Mapping[str, int]) -> None:
        """Its partitions are in place: by topic, where the first chunk starts."""
        self.epoch = epoch
        self._expected = dict(expected)

    def enqueue(self, chunk: Chunk) -> None:
        """Queue a chunk for the next step; if one before it is missing, read again from where the store is. (The shard
        checks too, but where nothing was ever stored it takes any start.)"""
        expected = self._expected[chunk.topic]
        if chunk.start != expected:
            self.interrupt(Gap(f"{chunk.topic}: a chunk starts at {chunk.start}, expected {expected}"))
        if self._interrupt:
            return
        self._expected[chunk.topic] = chunk.records[-1].offset + 1
        self._queue.append(chunk)
        self._rest.end()

    @property
    def _at_work(self) -> bool:
        """Whether it takes chunks."""
        return self.epoch > 0 and not self._leaving.is_set() and self._interrupt is None

    @property
    def crowded(self) -> bool:
        """Whether any of its inputs may have enough to do, or the shard is not at work."""
        return not self._at_work or bool(self._queue) or self.shard.again

    def wants(self, topic: str) -> bool:
        """False while this input has enough to do, or the shard is not at work."""
        if not self._at_work:
            return False
        queued = sum(len(chunk.records) for chunk in self._queue if chunk.topic == topic)
        return self.shard.wants(topic, queued)

    def wake(self) -> None:
        """Another shard crossed a boundary: the table this one waits for may be there."""
        if self.epoch and self.shard.awaited:
            self._rest.end()

    @property
    def curious(self) -> bool:
        """Whether the answer of a fetch would be news, whatever it brings."""
        return self._rest.curious

    def answered(self) -> None:
        """A fetch was answered: that may say which inputs are empty."""
        self._rest.answered()

    def leave(self) -> None:
        """Finish the batch in hand and stop; every other wait ends at once."""
        self._leaving.set()
        self._rest.end()

    def interrupt(self, reason: Exception) -> None:
        """Let `run` raise this after the batch in hand."""
        self._interrupt = reason
        self._rest.end()

    def doubt(self) -> None:
        """Let `run` find out whether the shard is still ours: where there is nothing to commit, no APPLY tells."""
        self._doubted = True
        self._rest.end()

    # The shard's one coroutine.

    async def acquire(self) -> Mapping[str, int | None]:
        """Own the shard, publish again what its last owner may have left unpublished; answer where to read on."""
        self._claimed = await self._until_stored(self._claim)
        await self._publish()
        return self._claimed.positions

    async def run(self) -> None:
        """Work until `leave`. Raises what the shard raises: Fenced, Gap, or a failure."""
        while not self._leaving.is_set():
            if self._interrupt:
                raise self._interrupt
            self._rest.begin()
            if await self._until_stored(self._step, lambda: self._cycle.step(self)):
                self._since = 0.0
                if self.shard.crossed:
                    self._crossed()
                await self._publish()
                if self._clock == "wall" and not self.shard.again:
                    await self._rest.until_moved(self.shard, found=True)
            elif self._clock == "wall":
                await self._rest.until_moved(self.shard, found=False)
            elif self.shard.awaited:
                await self._for_table()
            else:
                await self._idle()

    async def pause(self, seconds: float) -> None:
        """Sleep; Leaving if the shard is given up meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self._leaving.wait()
        except TimeoutError:
            return
        self._outages.left(self._who)
        raise Leaving

    def work(self, most: int | None = None) -> Work:
        """One step, in a thread. Each chunk leaves the queue first: if the store does not answer, the next attempt is
        without."""
        if self._doubted and not self.shard.owned():
            raise Fenced("seen while an input could not be read")
        self._doubted = False
        while self._queue:
            self.shard.receive(self._queue.pop(0))
        if self._clock == "event":
            return (yield from self.shard.work(most=most))
        now = int(time.time() * 1000)
        return (yield from self.shard.work(now, self._source.ends(self.partition), most))

    def _step(self) -> bool:
        """One step by itself, in a thread."""
        return alone(self.store, self.partition, self.work())

    async def _publish(self) -> None:
        """Publish the outbox whole, then report its offsets."""
        if self.shard.outbox:
            await self._until_acknowledged()
        self._faults.at("before_ack")
        for topic, offset in self.shard.published().items():
            self._source.done(topic, self.partition, offset)

    async def _until_acknowledged(self) -> None:
        """Send the outbox, again if need be."""
        started = self.busy_since = time.monotonic()
        messages = len(self.shard.outbox)
        outage = self._outages.outputs
        for pause in pauses():
            try:
                with outage.after(ACKNOWLEDGED_WITHIN, self._who):
                    await self._send()
                break
            except PublishError as error:
                outage.failed(self._who, error, started)
                await self.pause(pause)
        outage.answered(self._who)
        self.busy_since = None
        self._observer.published(self.partition, time.monotonic() - started, messages)

    async def _send(self) -> None:
        messages = self.shard.outbox
        if self._faults.plan:  # two halves, so that a test can stop between them
            half = (len(messages) + 1) // 2
            await self._outputs.publish(self.partition, messages[:half])
            self._faults.at("mid_outbox")
            messages = messages[half:]
        await self._outputs.publish(self.partition, messages)

    async def _until_stored(self, act: Callable[[], T], first: Callable[[], Awaitable[T]] | None = None) -> T:
        """Call the shard in a thread, again and again while the store cannot do its part. `first`: the first attempt,
        if it is another one: with other shards, which need not wait for this one's later ones."""
        loop = asyncio.get_running_loop()
        attempts = pauses()
        silent, refusing = self._outages.store, self._outages.writes
        self.busy_since = time.monotonic()
        while True:
            try:
                done = await (first() if first else loop.run_in_executor(self._threads, act))
            except Unavailable as error:
                silent.failed(self._who, error)
            except Refused as error:
                silent.answered(self._who)
                refusing.failed(self._who, error)
            else:
                silent.answered(self._who)
                refusing.answered(self._who)
                self.busy_since = None
                return done
            first = None
            await self.pause(next(attempts))

    async def _for_table(self) -> None:
        """Wait for another shard to come so far: one of this process tells, of others only time does."""
        now = time.monotonic()
        self._since = self._since or now
        if now - self._since > SAY_AFTER:
            self._since = now
            logger.warning("shard %d waits: %s", self.partition, self.shard.waiting(), extra=self._fields)
        await self._rest.within(TABLE_WAKE)

    async def _idle(self) -> None:
        """Under clock=event: wait for a chunk."""
        while not await self._rest.within(SAY_AFTER):
            if waiting := self.shard.waiting():
                logger.warning("shard %d waits: %s", self.partition, waiting, extra=self._fields)
