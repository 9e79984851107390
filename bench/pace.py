"""An open loop: each record is sent when it is due, whatever became of those before.

A closed loop, which waits for answers, sends less just when they come late, and so leaves its worst delays out
("coordinated omission"). Here a record that goes out late counts from when it was due.
"""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from aiokafka import AIOKafkaProducer

from kairos.config.settings import Settings
from kairos.replay.route import Route
from kairos.replay.row import Row

YIELD = 50
"""Records after which one that is behind lets the producer's own task go on."""


async def send(where: Settings, partitions: int, rows: Iterable[Row]) -> None:
    """Send each row at its time `e` (ms since 1970); return when all are acknowledged."""
    route = Route(where, partitions)
    producer = AIOKafkaProducer(bootstrap_servers=list(where.brokers), linger_ms=0, acks="all")
    await producer.start()
    gc.disable()
    try:
        for number, (e, role, key, value) in enumerate(rows):
            assert e is not None
            ahead = e / 1000 - time.time()
            if ahead > 0 or number % YIELD == 0:
                await asyncio.sleep(max(0.0, ahead))
            await producer.send(route.topics[role], value, key=key, partition=route.partition(key))
    finally:
        gc.enable()
        await producer.stop()


class Sent:
    """How many rows of an endless traffic have gone out."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.events = 0
        self.over = threading.Event()
        self._rows = rows

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            if self.over.is_set():
                return
            self.events += 1
            yield row


@contextmanager
def sending(where: Settings, partitions: int, rows: Iterable[Row]) -> Iterator[Sent]:
    """Send rows from a thread for as long as this lasts; in the end all are acknowledged."""
    sent = Sent(rows)
    thread = threading.Thread(target=lambda: asyncio.run(send(where, partitions, sent)))
    thread.start()
    try:
        yield sent
    finally:
        sent.over.set()
        thread.join()
