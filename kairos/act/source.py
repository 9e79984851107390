"""Messages of output topics from Kafka, for one endpoint: by a consumer of its own, without a group."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from kairos.act.places import Places
from kairos.config.settings import Settings
from sinks.webhooks.courier import SourceError
from sinks.webhooks.letters import ONLY
from sinks.webhooks.message import Place, Record

logger = logging.getLogger(__name__)

WAIT_MS = 500
FETCH = 256 * 1024
"""Bytes fetched of a partition at once."""


def client(settings: Settings, **options: Any) -> AIOKafkaConsumer:
    """A consumer that commits nothing by itself."""
    return AIOKafkaConsumer(
        bootstrap_servers=list(settings.brokers),
        enable_auto_commit=False,
        max_partition_fetch_bytes=FETCH,
        fetch_max_wait_ms=WAIT_MS,
        **settings.security.client(),
        **options,
    )


def record(places: Places, found: Any) -> Record:
    """A record as the queue takes it."""
    only = next((value for name, value in found.headers if name == ONLY), b"")
    place = Place(places.role(found.topic), found.partition)
    return Record(place, found.offset, found.key, found.value, only.decode(errors="replace"))


class KafkaSource:
    """Implements `sinks.webhooks.courier.Source`; `start` before, `stop` after.

    Parameters
    ----------
    settings
        Where Kafka is.
    places
        What topics are called there.
    endpoint
        Whose, by name.
    lost
        Told how many messages Kafka had deleted before they were read.
    """

    def __init__(self, settings: Settings, places: Places, endpoint: str, lost: Callable[[int], None]) -> None:
        self._places, self._endpoint, self._lost = places, endpoint, lost
        self._consumer = client(settings, group_id=None, auto_offset_reset="none")
        self._at: dict[Place, int] = {}
        self._oldest: dict[Place, int] = {}  # where messages were lost: the first that was left

    async def start(self) -> None:
        """Connect. KafkaError if no broker answers."""
        await self._consumer.start()

    async def stop(self) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def read(self, positions: Mapping[Place, int], room: int) -> Sequence[Record]:
        """The next records; see `sinks.webhooks.courier.Source`. Where retention deleted some, from the oldest that is
        there, with a warning; where a topic ends before what was read of it, `SourceError`."""
        try:
            self._go_to(positions)
            try:
                fetched = await self._consumer.getmany(timeout_ms=WAIT_MS, max_records=room)
            except OffsetOutOfRangeError as error:
                await self._pass_over_lost(error.args[0])
                return []
        except KafkaError as error:
            raise SourceError(str(error) or type(error).__name__) from error
        found = [record(self._places, each) for records in fetched.values() for each in records]
        for each in found:
            self._at[each.place] = each.offset + 1
        return found

    def _go_to(self, positions: Mapping[Place, int]) -> None:
        if positions.keys() != self._at.keys():
            self._consumer.assign([self._places.partition(place) for place in positions])
            self._at = {}
        for place, wanted in positions.items():
            offset = max(wanted, self._oldest.get(place, 0))
            if self._at.get(place) != offset:
                self._consumer.seek(self._places.partition(place), offset)
                self._at[place] = offset

    async def _pass_over_lost(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Go on with the oldest record there is. May raise `SourceError`."""
        starts = await self._consumer.beginning_offsets(list(offsets))
        ends = await self._consumer.end_offsets(list(offsets))
        for partition, offset in offsets.items():
            (place,) = self._places.places([partition])
            if offset > ends[partition]:
                raise SourceError(
                    f"{place} was read up to offset {offset}, but Kafka's log ends at {ends[partition]}. Was the topic "
                    "made anew? Then give the endpoint another name in the file: it begins with what is new"
                )
            lost = starts[partition] - max(offset, self._oldest.get(place, 0))
            self._oldest[place] = starts[partition]
            if lost <= 0:  # told before: the answer to an older question
                continue
            self._lost(lost)
            logger.warning(
                "endpoint %s: Kafka deleted %d messages of %s before they were read; going on without them. Retention "
                "is shorter than the endpoint was away",
                self._endpoint,
                lost,
                place,
            )
