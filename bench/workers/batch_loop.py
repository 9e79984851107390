"""What one would write with care: batches, one MGET, the fold, one MSET, outputs acknowledged, offsets committed.

At least once, like the stock agent. It has no fence (a worker taken for dead may still write), takes topics in the
order they come in, and does nothing by itself as time passes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer
from redis import Redis

from bench.workers.common import Fold, Meter, config, key
from models.kernel.record import DecodedRecord
from models.kernel.shopper import Profile
from models.profile import codec
from sinks.kafka_outputs import KafkaOutputs

BATCH = 2_000
"""Records, as many as a batch of Kairos may hold."""


class Loop:
    """One batch after the other."""

    def __init__(self, redis: Redis, fold: Fold, outputs: KafkaOutputs) -> None:
        self.redis = redis
        self.fold = fold
        self.outputs = outputs

    async def batch(self, fetched: Mapping[Any, Sequence[Any]]) -> None:
        """Fold what was fetched, by partition."""
        read = self.fold.read
        readings = {tp: [read(record.value, record.timestamp) for record in found] for tp, found in fetched.items()}
        profiles = self.load(readings)
        said = []
        for tp, found in readings.items():
            for reading in found:
                profiles[reading.shopper] = self.fold.event(profiles[reading.shopper], reading)
            said.append((tp.partition, self.fold.outputs()))
        self.redis.mset({key(user): codec.encode(profile) for user, profile in profiles.items() if profile})
        await asyncio.gather(*(self.outputs.publish(partition, messages) for partition, messages in said if messages))

    def load(self, readings: Mapping[Any, Sequence[DecodedRecord]]) -> dict[str, Profile | None]:
        """The profiles of everybody in the batch."""
        users = list(dict.fromkeys(reading.shopper for found in readings.values() for reading in found))
        stored: Any = self.redis.mget([key(user) for user in users])
        return {user: codec.decode(b) if b else None for user, b in zip(users, stored, strict=True)}


async def main() -> None:
    """Until terminated."""
    settings = config()
    meter, outputs = Meter(settings), KafkaOutputs(settings.brokers, settings.outputs.values())
    fold = Fold(settings.outputs, settings.currency, settings.names)
    loop = Loop(Redis.from_url(settings.redis), fold, outputs)
    consumer = AIOKafkaConsumer(
        *settings.topics,
        bootstrap_servers=settings.brokers,
        group_id=settings.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await outputs.start()
    await consumer.start()
    while True:
        fetched = await consumer.getmany(timeout_ms=200, max_records=BATCH)
        if fetched:
            await loop.batch(fetched)
            await consumer.commit()
            meter.count(sum(map(len, fetched.values())))


if __name__ == "__main__":
    asyncio.run(main())
