"""Replay into Kafka: whole batches to known partitions, each acknowledged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from kairos.config.settings import Settings
from kairos.errors import ReplayError, no_kafka
from kairos.replay import ticks
from kairos.replay.route import Route
from kairos.replay.row import Span
from kairos.terminal.times import now

IN_FLIGHT = 64
"""Batches sent and not yet acknowledged, at most."""
LINGER = 0.5
"""Seconds after which batches go out half full, since the next line of a pipe may take its time."""
LOG_APPEND_TIME = 1
"""How an acknowledgement says that the broker has put its own time on the records."""
BATCH = 256 * 1024
"""Bytes of a batch before compression, which is none."""

Lane = tuple[str, int]
Placed = tuple[int, int, bytes | None, bytes | None]
"""A record with its place: rank of its role, partition, key, value."""


class KafkaTarget:
    """Writes spans to the input topics. Use as an async context manager.

    Each (topic, partition) has one open batch, so order within it is the order of the rows. Records carry the
    producer's clock, not the event's: a broker drops records by age, and these may be history. Where a span says
    when its rows were recorded (`Span.at`), they carry that, in one batch with others: brokers go by a batch's latest.

    Attributes
    ----------
    events, ticks
        Records written.
    ends
        By topic and partition, the offset after the last record acknowledged.

    Raises
    ------
    ReplayError
        No broker, a topic is missing, partition counts differ, or a batch was not acknowledged.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.events = 0
        self.ticks = 0
        self.ends: dict[Lane, int] = {}
        self._open: dict[Lane, Any] = {}
        self._dated: dict[Lane, int] = {}  # how many records of the open batch do not carry the producer's clock
        self._flight: set[asyncio.Future[Any]] = set()
        self._flushed = time.monotonic()

    async def __aenter__(self) -> KafkaTarget:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=list(self.settings.brokers),
            enable_idempotence=True,
            max_batch_size=BATCH,
            max_request_size=4 << 20,
            **self.settings.security.client(),
        )
        try:
            await self._producer.start()
            self.route = Route(self.settings, await self._partitions())
        except (KafkaError, ReplayError) as error:
            await self._producer.stop()
            raise _explained(error, self.settings) from None
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    async def _partitions(self) -> int:
        """The number of partitions, which all input topics must share."""
        cluster = await self._producer.client.fetch_all_metadata()
        counts = {topic.topic: len(cluster.partitions_for_topic(topic.topic) or ()) for topic in self.settings.inputs}
        missing = [topic for topic, partitions in counts.items() if not partitions]
        if missing:
            raise ReplayError(f"no topic {', '.join(missing)}: `kairos topics create` makes them")
        if len(set(counts.values())) > 1:
            shown = ", ".join(f"{topic} {partitions}" for topic, partitions in counts.items())
            raise ReplayError(f"the input topics differ in partitions ({shown}); they need the same number")
        return next(iter(counts.values()))

    async def run(self, spans: Iterable[Span], progress: Callable[[Span], None]) -> None:
        """Write everything; return when all is acknowledged."""
        try:
            for span in spans:
                await self._rows(span)
                if span.tick is not None:
                    await self._tick(span.tick)
                progress(span)
                if time.monotonic() - self._flushed > LINGER:
                    await self._flush(self._mixed())
            await self.flush()
        except KafkaError as error:
            raise _explained(error, self.settings) from None

    async def place(self, records: Iterable[Placed], progress: Callable[[], None]) -> None:
        """Write records where they are said to go; return when all is acknowledged."""
        at = now()
        try:
            for role, partition, key, value in records:
                await self._append((self.route.topics[role], partition), at, key, value)
                self.events += 1
                progress()
            await self.flush()
        except KafkaError as error:
            raise _explained(error, self.settings) from None

    async def flush(self) -> None:
        """Send every open batch and wait for all acknowledgements."""
        await self._flush(list(self._open))

    async def _flush(self, lanes: Iterable[Lane]) -> None:
        for lane in lanes:
            await self._send(lane)
        flight, self._flight = self._flight, set()
        await asyncio.gather(*flight)
        self._flushed = time.monotonic()

    def _mixed(self) -> list[Lane]:
        """Whose open batch has a record that carries the producer's clock. Another may be all there is in a broker's
        segment, which would go by its age: it waits for the next row or tick."""
        return [lane for lane, batch in self._open.items() if batch.record_count() > self._dated.get(lane, 0)]

    async def _rows(self, span: Span) -> None:
        topics, partition = self.route.topics, self.route.partition
        at = now() if span.at is None else span.at
        for _, role, key, value in span.rows:
            lane = topics[role], partition(key)
            batch = self._open.get(lane)
            if batch is None or batch.append(timestamp=at, key=key, value=value) is None:
                await self._append(lane, at, key, value)
            if span.at is not None:
                self._dated[lane] = self._dated.get(lane, 0) + 1
        self.events += len(span.rows)

    async def _tick(self, at: int) -> None:
        value = ticks.value(at)
        timestamp = max(at, now())  # a tick ahead of its record's time would be clamped
        for topic in self.route.inputs:
            for partition in range(self.route.partitions):
                await self._append((topic, partition), timestamp, None, value)
        self.ticks += len(self.route.inputs) * self.route.partitions

    async def _append(self, lane: Lane, at: int, key: bytes | None, value: bytes | None) -> None:
        """Append; a full batch goes out first, and the record opens the next."""
        batch = self._open.get(lane)
        if batch is not None and batch.append(timestamp=at, key=key, value=value) is not None:
            return
        if batch is not None:
            await self._send(lane)
        batch = self._open[lane] = self._producer.create_batch()
        if batch.append(timestamp=at, key=key, value=value) is None:
            raise ReplayError(f"a record of {len(value or b'')} bytes is larger than a batch may be")

    async def _send(self, lane: Lane) -> None:
        while len(self._flight) >= IN_FLIGHT:
            done, self._flight = await asyncio.wait(self._flight, return_when=asyncio.FIRST_COMPLETED)
            for future in done:
                future.result()
        batch, dated = self._open.pop(lane), self._dated.pop(lane, 0)
        sent: Awaitable[Any] = await self._producer.send_batch(batch, lane[0], partition=lane[1])
        self._flight.add(asyncio.ensure_future(self._acknowledged(lane, batch.record_count(), dated, sent)))

    async def _acknowledged(self, lane: Lane, count: int, dated: int, sent: Awaitable[Any]) -> None:
        told = await sent
        self.ends[lane] = max(self.ends.get(lane, 0), told.offset + count)
        if dated and told.timestamp_type == LOG_APPEND_TIME:
            raise ReplayError(
                f"topic {lane[0]} has message.timestamp.type=LogAppendTime: {dated:,} events dated far ahead of the "
                "others cannot be clamped. Set CreateTime, or take them out of the file, and replay into new topics"
            )


def _explained(error: Exception, settings: Settings) -> ReplayError:
    if isinstance(error, ReplayError):
        return error
    return ReplayError(no_kafka(settings.brokers, error))
