"""The driver of a claimed shard: one coroutine has it stepped in the worker's cycle and publishes its outbox, with retries.

chunks ─▶ step (in the next turn, with other shards) ─▶ outbox, every message acknowledged ─▶ offsets reported ─▶ again

Nothing wakes where nothing can move: a shard at rest waits for a chunk, for the time of its next timer or table, or,
where it must know which inputs are empty, for the answer of a fetch.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Executor
from typing import Literal, Protocol, TypeVar

from sinks.outputs import Outputs, PublishError
from sinks.store import Refused, Store, Unavailable
from streams.claimed import ClaimedShard
from streams.cycle import Cycle
from streams.errors import Fenced, Gap, Leaving
from streams.faults import Faults
from streams.observer import Observer
from streams.outages import Outages
from streams.records import Chunk, End
from streams.work import Work, together

logger = logging.getLogger(__name__)

Clock = Literal["wall", "event"]
T = TypeVar("T")

UNANSWERED = 0.1
"""One that waits to learn which inputs are empty looks this often (seconds) where no fetch is answered: it does not wait
for ever (see `streams.merge`)."""
IN_VAIN, VAIN_REST = 3, 0.25
"""After so many such steps in a row that found nothing, it looks this often (seconds): what it waits for may last."""
LONGEST_REST = 60.0
"""Under clock=wall a shard at rest looks at the clock this often (seconds), which may have been set."""
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
        self._news = asyncio.Event()
        self._leaving = asyncio.Event()
        self._interrupt: Exception | None = None
        self._doubted = False
        self.curious = False  # whether the answer of a fetch is news, whatever it brings
        self._vain = 0  # steps in a row that found nothing to do
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

    def answered(self) -> None:
        """A fetch was answered: that may say which inputs are empty."""
        if self.curious:
            self.curious = False
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
            if await self._until_stored(self._step, lambda: self._cycle.step(self)):
                self._since, self._vain = 0.0, 0
                if self.shard.crossed:
                    self._crossed()
                await self._publish()
                if self._clock == "wall" and not self.shard.again:
                    await self._rest()
            elif self._clock == "wall":
                self._vain += 1
                await self._rest()
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
        (outcome,) = together(self.store, [(self.partition, self.work())])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

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
        await self._news_within(TABLE_WAKE)

    async def _idle(self) -> None:
        """Under clock=event: wait for a chunk."""
        while not await self._news_within(SAY_AFTER):
            if waiting := self.shard.waiting():
                logger.warning("shard %d waits: %s", self.partition, waiting, extra=self._fields)

    async def _rest(self) -> None:
        """Under clock=wall: wait for a chunk, or for what else may move the shard."""
        now = time.time() * 1000
        due = self.shard.wake(int(now))
        self.curious = self.shard.blocked or (due is not None and due <= now)
        if self.curious and self._vain < IN_VAIN:
            await self._news_within(UNANSWERED)
        elif self.curious:
            self.curious = False
            await self._news_within(VAIN_REST)
        else:
            await self._news_within(LONGEST_REST if due is None else min((due - now) / 1000, LONGEST_REST))
        self.curious = False

    async def _news_within(self, seconds: float) -> bool:
        """Wait for news, at most so long. Whether there is any."""
        if self._news.is_set():
            return True
        loop = asyncio.get_running_loop()
        timer = loop.call_later(seconds, self._news.set)
        try:
            await self._news.wait()
        finally:
            timer.cancel()
        return loop.time() < timer.when()
