"""Messages of the demo on their way to a receiver inside it: what `kairos act` does, without Kafka.

Its clock begins at the shop's time when the first message comes, and goes on as fast as ours: so it tells how long
messages take, and none of the shop's expires before its time.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from redis import Redis

from kairos.act.reporting import Reporting
from kairos.demo.receiver import HOST, Receiver
from models.kernel.outputs import DEAD_LETTERS, USER_TAGS
from sinks.keys import endpoints_key
from sinks.reports import RedisReports
from sinks.webhooks.condition import Condition
from sinks.webhooks.courier import Courier
from sinks.webhooks.endpoints import Endpoint
from sinks.webhooks.message import Entry, Place, Record, opened
from sinks.webhooks.policy import Answer
from sinks.webhooks.queue import Queue
from sinks.webhooks.redis_deliveries import RedisDeliveryStore
from sinks.webhooks.retracted import Retracted
from sinks.webhooks.sender import HttpSender

NAME = "demo-receiver"
KINDS = ("triggered", "raised", "cancelled", "cleared")
LOOK = 0.05
"""Seconds between two looks for messages."""
PATIENCE = 3.0
"""Seconds in which the last messages may arrive."""


class Delivered(Struct):
    """How many messages came to the receiver, and how many of them were signed right."""

    messages: int = 0
    verified: int = 0


class Log:
    """Implements `sinks.webhooks.courier.Source`: the messages of topics, by their partition."""

    def __init__(self, shards: int, topics: Sequence[str]) -> None:
        self.places = [Place(topic, shard) for topic in topics for shard in range(shards)]
        self._records: dict[Place, list[Record]] = {place: [] for place in self.places}

    def append(self, role: str, shard: int, key: bytes | None, value: bytes) -> Record | None:
        """One more message; None if its topic is not among ours."""
        place = Place(role, shard)
        records = self._records.get(place)
        if records is None:
            return None
        records.append(Record(place, len(records), key, value))
        return records[-1]

    async def read(self, positions: Mapping[Place, int], room: int) -> Sequence[Record]:
        """The next records, at most `room`; waits a moment for some."""
        for _ in range(10):
            found = [record for place, at in positions.items() for record in self._records[place][at:]]
            if found:
                return found[:room]
            await asyncio.sleep(LOOK)
        return []

    @property
    def positions(self) -> dict[Place, int]:
        """Where each partition ends."""
        return {place: len(records) for place, records in self._records.items()}


class Deliveries:
    """The receiver, and the courier that brings it messages; `start` and `stop` in the running loop.

    Parameters
    ----------
    client, namespace
        The demo's Redis, where the page finds what became of messages.
    shards
        Partitions of each topic.
    roles
        Topics of the demo.
    clock
        The shop's time (ms).
    told
        Called with each message that the receiver took, and whether its signature is right.
    """

    def __init__(
        self,
        client: Redis,
        namespace: str,
        shards: int,
        roles: Sequence[str],
        clock: Callable[[], int],
        told: Callable[[dict[str, Any], bool], None],
    ) -> None:
        self.delivered = Delivered()
        self._secret = f"whsec_{b64encode(secrets.token_bytes(24)).decode()}"
        self._topics = tuple(role for role in roles if role not in (DEAD_LETTERS, USER_TAGS))
        self._log, self._retracted = Log(shards, self._topics), Retracted()
        self._receiver = Receiver(self._secret, self._took)
        self._client, self._namespace, self._shops, self._told = client, namespace, clock, told
        self._ahead: int | None = None
        self._running: asyncio.Task[None] | None = None
        self._courier: Courier
        self._sender: HttpSender
        self._reporting: Reporting

    def publish(self, role: str, shard: int, key: bytes | None, value: bytes) -> None:
        """A message was published."""
        if self._ahead is None:
            self._ahead = self._shops() - _wall()
        record = self._log.append(role, shard, key, value)
        if record is None or (entry := opened(record, 0)) is None:
            return
        if ids := entry.head.retract:
            self._retracted.add(record.place, ids)
            self._courier.retract(ids)

    async def start(self) -> None:
        """Listen, and begin to send."""
        await self._receiver.start()
        endpoint = Endpoint(
            name=NAME,
            url=self._receiver.url,
            topics=self._topics,
            kinds=KINDS,
            secrets=(self._secret,),
            allow=(HOST,),
        )
        store = RedisDeliveryStore(self._client, self._namespace)
        queue = Queue(endpoint, self._retracted, Condition(), random.Random().uniform)
        self._sender = HttpSender(endpoint)
        await self._sender.start()
        self._courier = Courier(queue, self._log, self._sender, store, _bury, self._clock, _Unnoted())
        for place in self._log.places:
            await self._courier.claim(place, secrets.token_hex(8), 0)
        reports = RedisReports(self._client, endpoints_key(self._namespace))
        self._reporting = Reporting([self._courier], self._log, store, reports, _wall)
        await self._reporting.start()
        self._running = asyncio.create_task(self._courier.run())

    def _clock(self) -> int:
        """What the courier goes by (ms)."""
        return _wall() + (self._ahead or 0)

    async def settle(self) -> None:
        """Wait until all that was published is through, if that is soon."""
        for _ in range(round(PATIENCE / LOOK)):
            if not any(lane.entries for lane in self._courier.queue.lanes.values()):
                return
            await asyncio.sleep(LOOK)

    async def stop(self) -> None:
        """Send no more."""
        if self._running is not None:
            await self._reporting.stop()
            await self._courier.release(self._log.places)
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            await self._sender.stop()
        await self._receiver.stop()

    def _took(self, message: dict[str, Any], verified: bool) -> None:
        self.delivered.messages += 1
        self.delivered.verified += verified
        self._told(message, verified)


class _Unnoted:
    """Implements `sinks.webhooks.courier.Note`: the demo has no metrics."""

    def attempted(self, endpoint: str, answer: Answer, delay: int) -> None:
        """Nothing."""

    def ended(self, endpoint: str, counts: Mapping[str, int]) -> None:
        """Nothing."""


def _wall() -> int:
    """Wall time (ms)."""
    return round(time.time() * 1000)


async def _bury(endpoint: str, entries: Sequence[Entry]) -> None:
    """What the receiver does not take is not kept: there is nobody to re-drive it."""
