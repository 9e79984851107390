"""The driver of a claimed shard: one coroutine steps it in a thread and publishes its outbox, with retries.

chunks ─▶ step (in a thread: Redis may be slow) ─▶ outbox, every message acknowledged ─▶ offsets reported ─▶ again
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from typing import Literal, Protocol, TypeVar

from sinks.outputs import Outputs, PublishError
from sinks.store import Refused, Unavailable
from streams.claimed import ClaimedShard
from streams.errors import Fenced, Gap, Leaving
from streams.faults import Faults
from streams.observer import Observer
from streams.outages import Outages
from streams.records import Chunk, End

logger = logging.getLogger(__name__)

Clock = Literal["wall", "event"]
T = TypeVar("T")

WALL_WAKE = 0.25
"""Under clock=wall an idle shard looks at the time this often (seconds): timers fall due without any record."""
BLOCKED_WAKE = 0.02
"""One that waits to learn whether an input is empty looks this often (seconds): the client tells nobody of a fetch that
brought no records."""
SAY_AFTER = 30.0
"""Under clock=event the log says what a shard waits for after this long (seconds)."""
ACKNOWLEDGED_WITHIN = 15.0
"""Outputs that take longer than this (seconds) are told as an outage."""
LONGEST_PAUSE = 10.0
TABLE_WAKE = 0.025
"""A shard that waits for a table looks for it this often (seconds): other workers' shards tell nothing."""


class Source(Protocol):
    """What a shard may ask of the transport it reads from."""

    def done(self, topic: str, partition: int, offset: int) -> None:
        """Everything before `offset` is applied and published."""

    def ends(self, partition: int) -> Mapping[str, End]:
        """By topic, what is known of the logs' ends, of all topics with this partition."""

    async def is_member(self) -> bool:
        """Whether the group's coordinator still counts this worker in."""

    async def missing(self) -> str:
        """What the broker owes: "" if it has answered anything since the last call, or owes nothing."""

    async def take(self, flow: str, partitions: set[int]) -> None:
        """Claim these shards of a flow, seek their partitions to the answer, begin."""

    async def fail(self, reason: BaseException) -> None:
        """End the process."""


def pauses() -> Iterator[float]:
    """Seconds between attempts: .1, .2, .4, ... 10, 10, ..."""
    pause = 0.1
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)


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
        self._clock = clock
        self._faults = faults
        self._observer = observer
        self._outages = outages
        self._crossed = crossed
        self._queue: list[Chunk] = []
        self._expected: dict[str, int] = {}
        self._news = asyncio.Event()
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
        self._news.set()

    def wants(self, topic: str) -> bool:
        """False while this input has enough to do, or the shard is not at work."""
        if not self.epoch or self._leaving.is_set() or self._interrupt:
            return False
        queued = sum(len(chunk.records) for chunk in self._queue if chunk.topic == topic)
        return self.shard.wants(topic, queued)

    def wake(self) -> None:
        """Another shard crossed a boundary: the table this one waits for may be there."""
        if self.epoch and self.shard.awaited:
            self._news.set()

    def leave(self) -> None:
        """Finish the batch in hand and stop; every other wait ends at once."""
        self._leaving.set()
        self._news.set()

    def interrupt(self, reason: Exception) -> None:
        """Let `run` raise this after the batch in hand."""
        self._interrupt = reason
        self._news.set()

    def doubt(self) -> None:
        """Let `run` find out whether the shard is still ours: where there is nothing to commit, no APPLY tells."""
        self._doubted = True
        self._news.set()

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
            self._news.clear()
            if await self._until_stored(self._step):
                self._since = 0.0
                if self.shard.crossed:
                    self._crossed()
                await self._publish()
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

    def _step(self) -> bool:
        """In a thread. Each chunk leaves the queue first: if the store does not answer, the next attempt is without."""
        if self._doubted and not self.shard.owned():
            raise Fenced("seen while an input could not be read")
        self._doubted = False
        while self._queue:
            self.shard.receive(self._queue.pop(0))
        if self._clock == "event":
            return self.shard.step()
        return self.shard.step(int(time.time() * 1000), self._source.ends(self.partition))

    async def _publish(self) -> None:
        """Publish the outbox whole, again if need be, then report its offsets."""
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
        if messages:
            self._observer.published(self.partition, time.monotonic() - started, messages)
        self._faults.at("before_ack")
        for topic, offset in self.shard.published().items():
            self._source.done(topic, self.partition, offset)

    async def _send(self) -> None:
        messages = self.shard.outbox
        if not messages:
            return
        if self._faults.plan:  # two halves, so that a test can stop between them
            half = (len(messages) + 1) // 2
            await self._outputs.publish(self.partition, messages[:half])
            self._faults.at("mid_outbox")
            messages = messages[half:]
        await self._outputs.publish(self.partition, messages)

    async def _until_stored(self, act: Callable[[], T]) -> T:
        """Call the shard in a thread, again and again while the store cannot do its part."""
        loop = asyncio.get_running_loop()
        attempts = pauses()
        silent, refusing = self._outages.store, self._outages.writes
        self.busy_since = time.monotonic()
        while True:
            try:
                done = await loop.run_in_executor(self._threads, act)
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
            await self.pause(next(attempts))

    async def _for_table(self) -> None:
        """Wait for another shard to come so far: one of this process tells, of others only time does."""
        now = time.monotonic()
        self._since = self._since or now
        if now - self._since > SAY_AFTER:
            self._since = now
            logger.warning("shard %d waits: %s", self.partition, self.shard.waiting(), extra=self._fields)
        with suppress(TimeoutError):
            async with asyncio.timeout(TABLE_WAKE):
                await self._news.wait()

    async def _idle(self) -> None:
        """Wait for a chunk, or under clock=wall for the time to pass."""
        patience = SAY_AFTER
        if self._clock == "wall":
            patience = BLOCKED_WAKE if self.shard.waiting() else WALL_WAKE
        while not self._news.is_set():
            try:
                async with asyncio.timeout(patience):
                    await self._news.wait()
            except TimeoutError:
                if self._clock == "wall":
                    return
                if waiting := self.shard.waiting():
                    logger.warning("shard %d waits: %s", self.partition, waiting, extra=self._fields)
