"""The shards of one flow that this worker owns: claimed and released as the group assigns partitions, driven by one
`Runner` each."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from streams.claimed import ClaimedShard
from streams.cycle import Cycle
from streams.errors import REFUSALS, REFUSED, ClaimLost, Fenced, Gap, Leaving
from streams.faults import Faults
from streams.observer import Observer
from streams.outages import Outages
from streams.runner import Clock, Runner
from streams.shard import Flow
from streams.source import Source
from streams.transport.delivery import Delivery

logger = logging.getLogger(__name__)

OLDER = (
    "shard %d: the store is at batch %d, and was at %d: that was no other worker, an older copy of its data was "
    "restored. What is missing is read again from Kafka"
)
"""Said after a claim that found less than this worker had committed."""


class Shards:
    """Whom the transport asks and tells.

    Parameters
    ----------
    flow
        Whose shards they are.
    threads
        How many may ask the store at the same time: the cycle, and shards that go on by themselves.
    gather
        Seconds from one turn of the cycle to the next, at least.
    patience
        Seconds a release waits for batches in hand. What is cut off is repeated by the next owner.
    regain_after
        Seconds before a lost shard is claimed again.
    """

    def __init__(
        self,
        flow: Flow,
        *,
        clock: Clock = "wall",
        faults: Faults | None = None,
        observer: Observer | None = None,
        outages: Outages | None = None,
        threads: int = 8,
        gather: float = 0.0,
        patience: float = 5.0,
        regain_after: float = 1.0,
    ) -> None:
        self.name = flow.name
        self.topics = tuple(source.topic for source in flow.inputs)
        self.source: Source  # the transport's consumer, which sets itself
        self.outages = outages or Outages()
        self._make = flow.make
        self._outputs = flow.outputs
        self._clock: Clock = clock
        self._faults = faults or Faults()
        self._observer = observer or Observer()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="shard")
        self.cycle = Cycle(self._threads, gather)
        self._patience = patience
        self._regain_after = regain_after
        self._runners: dict[int, Runner] = {}
        self.assignment = 0  # number of the assignment in force
        self._tasks: set[asyncio.Task[None]] = set()
        self._epochs = itertools.count(1)
        self._released = True
        self.cut_off: set[int] = set()  # shards whose last batch was not done when they were released

    @property
    def owned(self) -> Mapping[int, ClaimedShard]:
        """The shards at work here, by partition."""
        return {partition: runner.shard for partition, runner in self._runners.items() if runner.epoch}

    @property
    def runners(self) -> Sequence[Runner] | None:
        """Who drives the shards assigned to this worker, claimed or not yet; None before an assignment."""
        return None if self._released else list(self._runners.values())

    # Asked for each chunk.

    @property
    def crowded(self) -> bool:
        """Whether some partition may have to be left out of the next fetch."""
        return not self._runners or any(runner.crowded for runner in self._runners.values())

    def wants(self, topic: str, partition: int) -> bool:
        """False: leave this partition out of the next fetch."""
        runner = self._runners.get(partition)
        return runner is not None and runner.wants(topic)

    def epoch(self, partition: int) -> int:
        """Stamp of the claim in force; 0 if there is none."""
        runner = self._runners.get(partition)
        return runner.epoch if runner else 0

    def answered(self) -> None:
        """A fetch was answered, whatever it brought."""
        for runner in self._runners.values():
            runner.answered()

    @property
    def curious(self) -> bool:
        """Whether some shard waits for the answer of a fetch."""
        return any(runner.curious for runner in tuple(self._runners.values()))

    def dispatch(self, delivery: Delivery) -> None:
        """Hand a chunk to its shard; one that was fetched before the shard's last seek is dropped."""
        runner = self._runners.get(delivery.chunk.partition)
        if runner and runner.epoch == delivery.epoch != 0:
            runner.enqueue(delivery.chunk)

    # Assign, begin, release.

    async def renew(self) -> None:
        """Own nothing, and be ready for `assign`."""
        await self.release()
        self.cut_off.clear()
        self._released = False
        self.assignment += 1

    async def assign(
        self, assignment: int, partitions: Iterable[int], count: int
    ) -> dict[int, Mapping[str, int | None]]:
        """Own these shards and publish their outboxes again. `assignment`: as it was when somebody set out to do so.

        Returns
        -------
        By partition and topic the offset to read on from, None for the log's start. The shards rest until `begin`.

        Raises
        ------
        Leaving
            Released meanwhile.
        StoreError
            The store holds something this worker must not touch.
        """
        self._check(assignment)
        runners = {partition: self._runner(partition, count) for partition in partitions}
        self._runners.update(runners)
        answers = await asyncio.gather(*(runner.acquire() for runner in runners.values()), return_exceptions=True)
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        for failure in sorted(failures, key=lambda failure: isinstance(failure, Leaving)):
            raise failure  # a real failure before a mere Leaving
        return {p: answer for p, answer in zip(runners, answers, strict=True) if not isinstance(answer, BaseException)}

    def begin(self, assignment: int, starts: Mapping[int, Mapping[str, int]]) -> None:
        """These partitions are where `assign` said: take chunks. `starts`: partition -> topic -> start of the first."""
        self._check(assignment)
        for partition, expected in starts.items():
            runner = self._runners[partition]
            runner.begin(next(self._epochs), expected)
            task = asyncio.create_task(self._drive(runner), name=f"shard-{partition}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        logger.info("claimed shards %s", ", ".join(map(str, sorted(starts))))

    def _check(self, assignment: int) -> None:
        """Leaving, for who set out under an assignment that is over: by now the shards may be somebody else's, or owned
        by runners that are still claiming them."""
        if self._released or assignment != self.assignment:
            raise Leaving

    async def release(self) -> None:
        """Finish the batches in hand, drop what is queued, own nothing. Safe to call twice."""
        self._released = True
        for runner in self._runners.values():
            runner.leave()
        for finish in (lambda task: None, asyncio.Task.cancel):  # first by itself, then by force
            if tasks := set(self._tasks):
                for task in tasks:
                    finish(task)
                await asyncio.wait(tasks, timeout=self._patience)
        for partition in self._runners:
            self.outages.left((self.name, partition))
        self.cut_off |= {partition for partition, runner in self._runners.items() if runner.cut_off}
        self._runners.clear()

    def interrupt(self, partition: int, reason: str) -> None:
        """The transport lost its place in this partition: claim the shard again and seek."""
        if runner := self._runners.get(partition):
            runner.interrupt(Gap(reason))

    def doubt(self, partition: int) -> None:
        """The transport cannot get on in this partition: somebody may have claimed the shard to lead it further."""
        if runner := self._runners.get(partition):
            runner.doubt()

    def close(self) -> None:
        """The process ends: threads too, once their call returns."""
        self._threads.shutdown(wait=False)

    # One task for each shard.

    def _runner(self, partition: int, count: int) -> Runner:
        return Runner(
            self.name,
            partition,
            self._make(partition, count).claim,
            self._outputs,
            self.source,
            self._threads,
            self.cycle,
            clock=self._clock,
            faults=self._faults,
            observer=self._observer,
            outages=self.outages,
            crossed=self._crossed,
        )

    def _crossed(self) -> None:
        """A shard came to a boundary of tables: those that wait for it look again."""
        for runner in self._runners.values():
            runner.wake()

    async def _drive(self, runner: Runner) -> None:
        try:
            try:
                await runner.run()
            except ClaimLost as loss:
                await self._regain(runner, loss)
        except Leaving:
            pass
        except Exception as failure:
            if not isinstance(failure, REFUSALS):
                said, fields = "shard %d failed: %s: %s", {"shard": runner.partition}
                logger.critical(said, runner.partition, type(failure).__name__, failure, extra=fields)
            await self.source.fail(failure)

    async def _regain(self, runner: Runner, loss: ClaimLost) -> None:
        """Claim the shard again, if the group still counts us in: a zombie that claimed would fence the true owner.
        If it does not, a rebalance follows, which releases and claims; asking again covers a coordinator that moved."""
        runner.epoch = 0
        partition, fields = runner.partition, {"shard": runner.partition}
        if isinstance(loss, Fenced):
            self._observer.fenced(partition)
            said = REFUSED[loss.status]
        else:
            said = "shard %d: %s; reading again from the store's offsets"
        logger.warning(said, partition, loss, extra=fields)
        told = False
        while True:
            await runner.pause(self._regain_after)
            if not isinstance(loss, Fenced) or await self.source.is_member():
                break
            if not told:
                logger.warning("shard %d: no longer a member of the group; letting go", partition, extra=fields)
            told = True
        if runner.left:
            raise Leaving
        logger.info("shard %d: claiming it again", partition, extra=fields)
        await self.source.take(self.name, {partition})
        before, stored = runner.shard.seq, self._runners[partition].shard.seq
        if isinstance(loss, Fenced) and loss.status == "FENCED" and stored < before:
            logger.warning(OLDER, partition, stored, before, extra=fields)
