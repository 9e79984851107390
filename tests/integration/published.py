"""What is in the output topics of a real broker."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from kairos.config.settings import Settings


class Published(NamedTuple):
    """One record of an output topic; `role` is the topic's."""

    partition: int
    role: str
    key: bytes | None
    value: bytes


def published(settings: Settings) -> list[Published]:
    """Everything in the output topics now, in the order of each partition."""
    return asyncio.run(_published(settings))


async def _published(settings: Settings) -> list[Published]:
    roles = {topic: role for role, topic in settings.outputs.items()}
    found: list[Published] = []
    consumer = AIOKafkaConsumer(bootstrap_servers=list(settings.brokers), auto_offset_reset="earliest")
    await consumer.start()
    try:
        cluster = await consumer._client.fetch_all_metadata()
        places = [TopicPartition(topic, p) for topic in roles for p in cluster.partitions_for_topic(topic)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for place, records in (await consumer.getmany(timeout_ms=500)).items():
                found += [Published(place.partition, roles[place.topic], r.key, r.value) for r in records]
    finally:
        await consumer.stop()
    return found
