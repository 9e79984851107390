"""Which partitions are ours, and what was taken back in them: the consumer of the group.

It reads every message of a partition as soon as it is there, however far behind an endpoint is, and looks at nothing
but `retract`. Couriers get a partition once all of it was looked at that there was when it became ours.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from msgspec import Struct

from kairos.act.places import Places
from sinks.store import StoreError
from sinks.webhooks.courier import PAUSE, Courier
from sinks.webhooks.delivery_store import DeliveryStore
from sinks.webhooks.message import Place
from sinks.webhooks.retracted import Retracted

logger = logging.getLogger(__name__)

WAIT_MS = 500
ASK_EVERY = 2_000
"""Between two questions to Kafka where the log ends (ms): only what was read up to there is known to be all."""
COMMIT_EVERY = 5.0
"""Seconds between two notes to Kafka of how far the group has come: for lag tools, and for the next start."""


class _Retracting(Struct, frozen=True):
    retract: tuple[str, ...] = ()


_decode = msgspec.json.Decoder(_Retracting).decode


class Watch(ConsumerRebalanceListener):  # type: ignore[misc]
    """The group's member of this process; `start` before, `stop` after.

    Parameters
    ----------
    consumer
        Of the group, not started.
    places
        What topics are called in Kafka.
    couriers
        Who gets partitions.
    store, retracted
        Where what was taken back is kept, and where couriers look it up.
    clock
        Wall time in ms.

    Attributes
    ----------
    owned
        Partitions that couriers have.
    problem
        Why it does not get on, in words; "" if it does.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        places: Places,
        couriers: Sequence[Courier],
        store: DeliveryStore,
        retracted: Retracted,
        clock: Callable[[], int],
    ) -> None:
        self._consumer, self._places, self._couriers = consumer, places, couriers
        self._store, self._retracted, self._clock = store, retracted, clock
        self.owned: set[Place] = set()
        self.problem = "no partitions assigned yet"
        self.positions: dict[Place, int] = {}
        self._fresh: set[Place] = set()
        self._ends: dict[Place, int] = {}
        self._asked, self._goal = 0, dict[Place, int]()
        self._noted = time.monotonic()
        for courier in couriers:
            courier.looked = 0

    async def start(self) -> None:
        """Join the group. KafkaError if no broker answers."""
        topics = {topic for courier in self._couriers for topic in courier.endpoint.topics}
        self._consumer.subscribe([self._places.topic(role) for role in sorted(topics)], listener=self)
        await self._consumer.start()

    async def stop(self) -> None:
        """Give the partitions up, and leave the group."""
        await self.release()
        await self._consumer.stop()

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Called by the consumer before the group shares its partitions anew."""
        await self.release()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Called by the consumer when it was told its partitions."""
        self._fresh = set(self._places.places(assigned))
        self.problem = ""
        logger.info("partitions assigned: %s", ", ".join(map(str, sorted(self._fresh))) or "none")

    async def release(self) -> None:
        going, self.owned = self.owned, set()
        self._fresh, self._ends, self.positions = set(), {}, {}
        await asyncio.gather(*(courier.release(going) for courier in self._couriers))
        for place in going:
            self._retracted.forget(place)

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                await self._look()
                self.problem = self.problem if not self._consumer.assignment() else ""
            except (StoreError, KafkaError, IllegalStateError) as error:
                self.problem = str(error) or type(error).__name__
                logger.warning("not all messages were looked at (%s); beginning again", self.problem)
                self._fresh |= self._ends.keys()  # what was fetched and not looked at is fetched again
                await asyncio.sleep(PAUSE)

    async def _look(self) -> None:
        while self._fresh:
            await self._prepare(set(self._fresh))
        await self._ask()
        fetched = await self._consumer.getmany(timeout_ms=WAIT_MS)
        await self._take_back(fetched)
        for place in list(self._ends):
            self.positions[place] = await self._consumer.position(self._places.partition(place))
        if all(self.positions.get(place, end) >= end for place, end in self._goal.items()):
            for courier in self._couriers:
                courier.looked = self._asked
        for place, end in list(self._ends.items()):
            if place not in self.owned and self.positions.get(place, -1) >= end:
                await self._hand_over(place, end)
        await self._reclaim()
        await self._note()

    async def _ask(self) -> None:
        """Find out again and again where the log ends: that nothing is fetched may also mean that Kafka is away, or
        that this process was stopped for a while. What was asked for is waited for, before more is."""
        now = self._clock()
        if now - self._asked < ASK_EVERY or any(self.positions.get(at, end) < end for at, end in self._goal.items()):
            return
        asked = {place: self._places.partition(place) for place in self._ends}
        ends = await self._consumer.end_offsets(list(asked.values())) if asked else {}
        self._goal = {place: ends[partition] for place, partition in asked.items()}
        self._asked = now

    async def _prepare(self, fresh: set[Place]) -> None:
        """Begin where everybody concerned has not read on yet; at the end where nobody ever did."""
        partitions = {place: self._places.partition(place) for place in fresh}
        oldest = await self._consumer.beginning_offsets(list(partitions.values()))
        ends = await self._consumer.end_offsets(list(partitions.values()))
        for place, partition in partitions.items():
            known = [await self._consumer.committed(partition)]
            known += await asyncio.to_thread(self._offsets, place)
            start = min([ends[partition], *(at for at in known if at is not None)])
            self._retracted.add(place, await asyncio.to_thread(self._store.retracted, place))
            if place not in self._fresh:  # it was given up meanwhile
                continue
            self._consumer.seek(partition, max(start, oldest[partition]))
            self._ends[place] = ends[partition]
            self._fresh.discard(place)

    def _offsets(self, place: Place) -> list[int | None]:
        return [self._store.offset(courier.endpoint.name, place) for courier in self._concerned(place)]

    def _concerned(self, place: Place) -> list[Courier]:
        return [courier for courier in self._couriers if place.topic in courier.endpoint.topics]

    async def _take_back(self, fetched: Mapping[TopicPartition, Sequence[Any]]) -> None:
        for partition, records in fetched.items():
            ids = [message for record in records for message in _retracted(record.value)]
            if not ids:
                continue
            (place,) = self._places.places([partition])
            self._retracted.add(place, ids)
            for courier in self._couriers:
                courier.retract(ids)
            await asyncio.to_thread(self._store.retract, place, ids, self._clock())

    async def _hand_over(self, place: Place, end: int) -> None:
        self.owned.add(place)
        for courier in self._concerned(place):
            await courier.claim(place, secrets.token_hex(8), end)

    async def _reclaim(self) -> None:
        """What a courier lost although it is ours, as where Redis came back without its last second, it gets again."""
        for courier in self._couriers:
            for place in list(courier.fenced & self.owned):
                await courier.claim(place, secrets.token_hex(8), self._ends[place])

    async def _note(self) -> None:
        if time.monotonic() - self._noted < COMMIT_EVERY or not self.positions:
            return
        self._noted = time.monotonic()
        with suppress(CommitFailedError, IllegalStateError):  # the group shares its partitions anew
            await self._consumer.commit({self._places.partition(place): at for place, at in self.positions.items()})


def _retracted(value: bytes | None) -> Sequence[str]:
    if value is None or b'"retract"' not in value:
        return ()
    try:
        return _decode(value).retract
    except msgspec.MsgspecError:
        return ()
