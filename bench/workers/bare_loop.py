"""The floor for anything in Python on aiokafka: fetch and read, nothing else."""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaConsumer

from bench.workers.common import Fold, Meter, config


async def main() -> None:
    """Until terminated."""
    settings = config()
    meter, read = Meter(settings), Fold(settings.outputs, settings.currency, settings.names).read
    consumer = AIOKafkaConsumer(
        *settings.topics, bootstrap_servers=settings.brokers, group_id=settings.group, auto_offset_reset="earliest"
    )
    await consumer.start()
    while True:
        for records in (await consumer.getmany(timeout_ms=200)).values():
            for record in records:
                read(record.value, record.timestamp)
            meter.count(len(records))


if __name__ == "__main__":
    asyncio.run(main())
