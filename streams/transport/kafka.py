"""Faust over real Kafka by chunks.

What it changes in Faust's aiokafka driver, beside what `ChunkConsumer` does:

1. the range assignor, always: the same partition number of all topics on one worker, and no worker idle;
2. an assigned partition has no position until its claim seeks it, whatever the group has or has not committed;
3. no silent reset where an offset is out of range: the shard's claim finds out what is lost, and stops or skips;
4. a commit that fails does not end the worker: the group's offsets are for lag tools only;
5. records of aborted transactions are not delivered;
6. a batch that cannot be decoded holds up its own partition, and no other;
7. fetches are paced, and an answer without records is told;
8. fetches are written and read without a schema.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from yarl import URL

from streams.errors import Unassigned
from streams.retries import pauses
from streams.transport.consumer import ChunkConsumer
from streams.transport.decoding_guard import DecodingGuard
from streams.transport.delivery import NoProducer
from streams.transport.fetch_codec import FetchCodec
from streams.transport.fetched import Fetched
from streams.transport.pacing import Pacing
from streams.transport.positions import OnGap

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Thread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """The thread in which aiokafka runs; `call_thread` brings a call into it."""

    FETCH_WAIT = 100  # ms a broker may hold an empty fetch: under clock=wall an input counts as empty only after one
    ANSWER_WITHIN = 4.0  # seconds for a commit or a heartbeat
    LOOK_WITHIN = 2.0  # seconds for a look at the brokers

    _guard: DecodingGuard

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust hard-codes these, or takes them from what we do not use. All are read only in AIOKafkaConsumer.start().
        consumer._partition_assignment_strategy = (RangePartitionAssignor,)
        consumer._fetch_max_wait_ms = self.FETCH_WAIT
        consumer._auto_offset_reset = "none"
        consumer._isolation_level = "read_committed"
        return consumer

    async def on_start(self) -> None:
        """Called by Faust before it subscribes, so before there is any partition to position."""
        await super().on_start()
        fetcher = self._ensure_consumer()._fetcher
        fetcher._update_fetch_positions = _until_sought
        self._guard = DecodingGuard(fetcher)
        FetchCodec(fetcher)
        Pacing(fetcher, self.consumer.gather, self._answered)

    async def on_thread_stop(self) -> None:
        """Called by mode at the thread's end. Where no broker answers, aiokafka's close is broken off by a fetch of its
        own that it cancels; left to itself that would end the thread untold, and mode waits a minute for it."""
        try:
            await super().on_thread_stop()
        except asyncio.CancelledError:
            await self._ensure_consumer()._client.close()

    def _stopped_set(self) -> None:
        """Called by mode at a stop. The thread of a crashed worker may have ended by itself, and its loop with it."""
        if self.thread_loop.is_closed():
            self._stopped.set()
        else:
            super()._stopped_set()

    def on_crash(self, msg: str, *fmt: Any, **kwargs: Any) -> None:
        """Called by mode in the thread, which would print it: a log may escape what the error quotes."""
        logger.critical("%s", msg.format(*fmt), exc_info=True)

    def _answered(self) -> None:
        """A fetch brought nothing: news for a shard that must know which of its inputs are empty."""
        if self.consumer.curious:
            self.parent_loop.call_soon_threadsafe(self.consumer.answered)

    async def read(self, wanted: set[TP], within: float) -> Fetched:
        """Fetch, and tell the positions as of the same moment."""
        return await self.call_thread(self._read, wanted, within)  # type: ignore[no-any-return]

    async def _read(self, wanted: set[TP], within: float) -> Fetched:
        consumer = self._ensure_consumer()
        self._guard.resume(wanted)
        records = await self._fetch_records(consumer, wanted, timeout=within)
        states = {tp: self.state(tp) for tp in wanted}
        positions = {tp: state._position for tp, state in states.items() if state and state._position is not None}
        return Fetched(records, positions, self._guard.found())

    def state(self, tp: TP) -> Any:
        """What aiokafka knows of an assigned partition; None if it is not assigned."""
        subscription = self._ensure_consumer()._subscription.subscription
        return subscription and subscription.assignment and subscription.assignment.state_value(tp)

    async def partition_counts(self, topics: Iterable[str]) -> dict[str, int | None]:
        """Asked of the broker, for all topics: asking for a missing one by its name would create it."""
        cluster = await self.call_thread(self._ensure_consumer()._client.fetch_all_metadata)
        return {topic: len(cluster.partitions_for_topic(topic) or ()) or None for topic in topics}

    async def is_member(self) -> bool:
        """One heartbeat, now."""
        return bool(await self.call_thread(self._heartbeat))

    async def _heartbeat(self) -> bool:
        try:
            async with asyncio.timeout(self.ANSWER_WITHIN):
                return bool(await self._ensure_consumer()._coordinator._do_heartbeat())
        except (TimeoutError, KafkaError):
            return False

    def fetched(self) -> tuple[int, bool]:
        """When a fetch of any partition was last answered (wall ms, 0: never), and whether one is under way: of a
        partition without a position, that is paused, or whose records wait to be taken, aiokafka asks for nothing."""
        consumer = self._ensure_consumer()
        waiting = consumer._fetcher._records
        states = {tp: self.state(tp) for tp in consumer.assignment()}
        due = {tp: state for tp, state in states.items() if state and state.has_valid_position and not state.paused}
        asked = bool(due.keys() - set(waiting))
        return max((state.timestamp or 0 for state in states.values() if state), default=0), asked

    async def look(self) -> bool:
        """Whether some broker answers. Not by `call_thread`, which has two calls at a time: this one may last."""
        call = asyncio.run_coroutine_threadsafe(self._look(), self.thread_loop)
        return await asyncio.wrap_future(call)

    async def _look(self) -> bool:
        try:
            async with asyncio.timeout(self.LOOK_WITHIN):
                return bool(await self._ensure_consumer()._client.force_metadata_update())
        except TimeoutError:
            return False

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        assigned = self.assignment()
        ours = {driver.ensure_aiokafka_TP(tp): offset for tp, offset in offsets.items() if tp in assigned}
        try:
            async with asyncio.timeout(self.ANSWER_WITHIN):
                await self._ensure_consumer().commit(ours)
        except (TimeoutError, KafkaError, IllegalStateError) as error:
            logger.info("the group's offsets were not committed (%r); only lag tools will notice", error)
            self.consumer.committed = False
        else:
            self.consumer.committed = True
        return bool(self.consumer.committed)


class Consumer(ChunkConsumer, driver.Consumer):  # type: ignore[misc]
    """Faust's Kafka consumer, by chunks."""

    _thread: Thread
    _fetched = 0  # when a fetch was last answered, at the last look

    def _new_consumer_thread(self) -> Thread:
        return Thread(self, loop=self.loop, beacon=self.beacon)

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Join the group, once the topics are known to fit together: a missing one would only look idle."""
        if await self._fitting():
            await super().subscribe(topics)

    async def _read(self, wanted: set[TP], within: float) -> Fetched:
        try:
            return await self._thread.read(wanted, within)
        except OffsetOutOfRangeError as error:
            lost = {tp: f"offset {offset} is no longer in {tp.topic}" for tp, offset in error.args[0].items()}
        except NoOffsetForPartitionError as error:
            lost = {tp: f"the client has no position in {tp.topic}" for tp in error.args}
        for tp, reason in lost.items():
            self._shards[tp.topic].interrupt(tp.partition, reason)
        return Fetched()

    def _log_end(self, tp: TP) -> tuple[int | None, int | None]:
        if (state := self._thread.state(tp)) is None:
            return None, None
        polled = state.timestamp  # first: aiokafka's thread sets it last
        return state.lso, polled

    async def _bounds(self, tps: Iterable[TP]) -> Mapping[TP, tuple[int, int]]:
        tps = list(tps)
        starts = await self._answered(lambda: self.earliest_offsets(*tps))
        ends = await self._answered(lambda: self.highwaters(*tps))
        return {tp: (starts[tp], ends[tp]) for tp in tps}

    async def seek_wait(self, positions: Mapping[TP, int]) -> None:
        """In aiokafka's thread; drops what it had prefetched."""
        try:
            await super().seek_wait(positions)
        except IllegalStateError as error:
            raise Unassigned(str(error)) from None

    async def _partition_counts(self, topics: Iterable[str]) -> dict[str, int | None]:
        return await self._answered(lambda: self._thread.partition_counts(topics))

    async def is_member(self) -> bool:
        """Ask the coordinator. After a SIGSTOP longer than the session timeout the answer is no."""
        return await self._thread.is_member()

    async def missing(self) -> str:
        """An answered fetch is a sign of life, an empty one too; where none is asked for, the brokers are asked."""
        if self._thread.should_stop or not (self._thread._consumer and self._thread._consumer._fetcher):
            return ""
        before, (self._fetched, asked) = self._fetched, self._thread.fetched()
        if self._fetched != before:
            return ""
        if asked:
            return "no fetch of an input is answered"
        return "" if await self._thread.look() else "no broker tells where the topics are"

    async def _answered(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask the broker, again for about twenty seconds where it is just away: a bounce must not end the worker."""
        outage, who = self.app.outages.kafka, object()
        try:
            for pause in itertools.islice(pauses(), 8):
                try:
                    answer = await ask()
                except KafkaError as error:
                    outage.failed(who, repr(error))
                    await asyncio.sleep(pause)
                else:
                    outage.answered(who)
                    return answer
            return await ask()
        finally:
            outage.left(who)


async def _until_sought(assignment: Any, _node: int, tps: Iterable[TP]) -> bool:
    """In place of aiokafka's look-up of the group's offsets for partitions without a position, which would begin there
    before the claim has said where, or fail where the group has none. Nothing is fetched from the node meanwhile.

    Returns
    -------
    Whether there is news for whoever waits for records: there is none. Cancelled when the partitions are taken away.
    """
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait([assignment.state_value(tp).wait_for_position() for tp in tps])
    return False


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's Kafka transport, by chunks."""

    Consumer = Consumer
    Producer = NoProducer
    on_gap: OnGap = "stop"
    gather = 0.0


class Kafka(NamedTuple):
    """Where the inputs are: `host:port` of some brokers, and Faust's credentials where the broker asks for any."""

    brokers: Sequence[str]
    credentials: Any = None

    @property
    def urls(self) -> list[URL]:
        """As Faust wants them."""
        return [URL(f"kafka://{broker}") for broker in self.brokers]

    def transport(self, app: Any) -> Transport:
        """For a Faust app."""
        return Transport(self.urls, app)
