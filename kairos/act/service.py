"""The process that sends: its parts, and who starts and ends with it."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from hashlib import blake2b

import msgspec
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError

from kairos.act.health import ActHealth
from kairos.act.metrics import ActMetrics
from kairos.act.places import Places
from kairos.act.reporting import Reporting
from kairos.act.source import KafkaSource, client
from kairos.act.watch import Watch
from kairos.config.settings import Settings
from kairos.errors import TopicError, no_kafka
from kairos.monitoring.http_server import HttpServer
from models.kernel.outputs import DEAD_LETTERS
from sinks.kafka_outputs import KafkaOutputs
from sinks.outputs import Message
from sinks.reports import Reports
from sinks.webhooks.condition import Condition
from sinks.webhooks.courier import Courier
from sinks.webhooks.delivery_store import DeliveryStore
from sinks.webhooks.endpoints import Endpoint
from sinks.webhooks.letters import letter
from sinks.webhooks.message import Entry
from sinks.webhooks.queue import Queue
from sinks.webhooks.retracted import Retracted
from sinks.webhooks.sender import HttpSender

logger = logging.getLogger(__name__)


def now() -> int:
    """Wall time in ms."""
    return round(time.time() * 1000)


def mark(endpoint: Endpoint) -> str:
    """What stands for an endpoint's description in the file, without its secrets: with another one it is on again."""
    said = (
        endpoint.url,
        endpoint.topics,
        endpoint.kinds,
        endpoint.tags,
        endpoint.template,
        sorted(endpoint.options.items()),
    )
    return blake2b(msgspec.json.encode(said), digest_size=8).hexdigest()


class Service:
    """All parts of one process. Use as an async context manager, then `run`.

    Parameters
    ----------
    settings
        Where Kafka is and what topics are called, and where it answers on its state.
    endpoints
        Whom to send to.
    store, reports
        Where is kept how far each has come, and where it reports.
    """

    def __init__(
        self, settings: Settings, endpoints: Sequence[Endpoint], store: DeliveryStore, reports: Reports
    ) -> None:
        self._settings, self._places = settings, Places(settings.outputs)
        self._store, self._retracted = store, Retracted()
        self._letters = KafkaOutputs(
            settings.brokers, [settings.outputs[DEAD_LETTERS]], security=settings.security.client()
        )
        self.metrics = ActMetrics(lambda: list(self.reporting.reports()))
        self._parts: list[tuple[HttpSender, KafkaSource]] = []
        self.couriers = [self._courier(endpoint) for endpoint in endpoints]
        group = client(
            settings,
            group_id=settings.act_group,
            auto_offset_reset="latest",
            partition_assignment_strategy=(RangePartitionAssignor,),
        )
        self.watch = Watch(group, self._places, self.couriers, store, self._retracted, now)
        self.reporting = Reporting(self.couriers, self.watch, store, reports, now)
        self._stack = AsyncExitStack()

    def _courier(self, endpoint: Endpoint) -> Courier:
        lost = partial(self.metrics.lost, endpoint.name)
        sender, source = HttpSender(endpoint), KafkaSource(self._settings, self._places, endpoint.name, lost)
        self._parts.append((sender, source))
        queue = Queue(endpoint, self._retracted, Condition(mark(endpoint)), random.SystemRandom().uniform)
        return Courier(queue, source, sender, self._store, self._bury, now, self.metrics)

    async def _bury(self, endpoint: str, entries: Sequence[Entry]) -> None:
        topic = self._settings.outputs[DEAD_LETTERS]
        for entry in entries:
            made = letter(entry, endpoint, self._places.topic(entry.place.topic))
            key = None if entry.head.user_id is None else entry.head.user_id.encode()
            await self._letters.publish(entry.place.partition, [Message(topic, key, msgspec.json.encode(made))])

    async def __aenter__(self) -> Service:
        """Connect everything.

        Raises
        ------
        TopicError
            Kafka does not answer.
        SettingsError
            The port for metrics is not to be had.
        """
        if self._settings.metrics.port:
            health = ActHealth(self.watch, self.reporting, self._settings.metrics.stuck_after / 1000)
            await self._start(HttpServer(self._settings.metrics, self.metrics.registry, health))
        try:
            await self._start(self._letters)
            for sender, source in self._parts:
                await self._start(sender)
                await self._start(source)
            await self.reporting.heed()
            await self._start(self.reporting)
            await self._start(self.watch)
        except KafkaError as error:
            await self._stack.aclose()
            raise TopicError(no_kafka(self._settings.brokers, error)) from None
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def _start(self, part: HttpServer | KafkaOutputs | HttpSender | KafkaSource | Reporting | Watch) -> None:
        await part.start()
        self._stack.push_async_callback(part.stop)

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; then partitions are given up with all that is known written down. A bug in any part
        ends it with that."""
        tasks: list[asyncio.Task[object]] = [
            asyncio.create_task(courier.run(), name=str(courier)) for courier in self.couriers
        ]
        tasks += [asyncio.create_task(self.watch.run(), name="watch"), asyncio.create_task(stop.wait(), name="stop")]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            tasks[-2].cancel()
            await self.watch.release()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
