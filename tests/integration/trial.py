"""A random shop through real Kafka and Redis, folded by `kairos worker` processes that are killed one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from operator import attrgetter
from pathlib import Path
from random import Random

from aiokafka import AIOKafkaProducer
from kafka.admin import KafkaAdminClient

from kairos import wiring
from kairos.config.settings import load
from kairos.config.values import text
from kairos.config.variables import SHOP
from kairos.kafka import topics
from tests.integration.fleet import Fleet, own_state, own_topics
from tests.integration.histories import done, folded, shop
from tests.integration.outcome import Outcome, outcome
from tests.integration.published import published
from tests.reference.histories import Shape
from tests.reference.logs import Logs

SHAPE = Shape(records=400, partitions=4)
POINTS = ("before_ack", "after_fold", "mid_outbox", "after_apply")
LATE = 253_402_214_400_000
"""9999-12-31 in ms."""
ANY_TIME = str(2**63 - 1)
"""Kafka refuses records of the future, and forgets those of the past, unless told otherwise (ms)."""


class Trial:
    """One shop. Its first workers work alone, until each is killed; then two others end it."""

    KILLS = 2

    def __init__(self, seed: int, brokers: str, redis_url: str, directory: Path) -> None:
        self.seed = seed
        self.rng = Random(-seed - 1)
        self.logs = stamped(shop(seed, SHAPE))
        variables = own_topics() | own_state() | self._decided()
        variables |= {"KAFKA_URL": brokers, "REDIS_URL": redis_url, "KAIROS_BATCH_RECORDS": "3"}
        self.settings = load(variables)
        assert self.settings.shop == self.logs.settings
        self.truth = folded(self.logs, self.settings.inputs)
        self.reader = wiring.reader(self.settings)
        self.fleet = Fleet(variables, SHAPE.partitions, directory / str(seed))

    def _decided(self) -> Mapping[str, str]:
        """What the shop decided, as variables."""
        shop = self.logs.settings
        decided = {v.name: text(v, attrgetter(v.target.removeprefix("shop."))(shop)) for v in SHOP}
        return {name: written for name, written in decided.items() if written}

    def begin(self) -> None:
        """Write the history, start the first worker."""
        asyncio.run(self._write())
        topics.create(self.settings, topics.TopicPlan(partitions=SHAPE.partitions), lambda text: None)
        self._start(0)

    def killed(self, kill: int) -> None:
        """Wait for the end of this worker, start what comes next."""
        self.fleet.killed(self.fleet.members[kill])
        if kill + 1 < self.KILLS:
            self._start(kill + 1)
        else:
            self.fleet.start()
            self.fleet.start()

    def _start(self, kill: int) -> None:
        """The points of all trials' kills come in turn."""
        point = POINTS[(self.seed * self.KILLS + kill) % len(POINTS)]
        self.fleet.start(f"{point}:{self.rng.randint(2, 12)}:kill")

    def came_to(self) -> Outcome:
        """Wait until all is folded, end the workers."""
        self.fleet.until(lambda: done(self.logs, self.settings.inputs, self.reader))
        self.fleet.stop()
        return outcome(self.reader, self.settings.shop, published(self.settings))

    def close(self) -> None:
        """Leave no process behind."""
        self.fleet.close()

    async def _write(self) -> None:
        names = [source.topic for source in self.settings.inputs]
        configs = {"retention.ms": "-1", "message.timestamp.after.max.ms": ANY_TIME}
        options = {"num_partitions": SHAPE.partitions, "replication_factor": 1, "configs": configs}
        admin = KafkaAdminClient(bootstrap_servers=list(self.settings.brokers))
        admin.create_topics(dict.fromkeys(names, options), wait_for_metadata=True)
        admin.close()
        producer = AIOKafkaProducer(bootstrap_servers=list(self.settings.brokers), max_batch_size=1 << 20)
        await producer.start()
        for partition in range(SHAPE.partitions):
            for name, records in zip(names, self.logs.shard(partition).values(), strict=True):
                batch = producer.create_batch()
                for record in records:
                    assert batch.append(timestamp=record.timestamp, key=record.key, value=record.value)
                await (await producer.send_batch(batch, name, partition=partition))
        await producer.stop()


def stamped(logs: Logs) -> Logs:
    """Every record with a timestamp, as Kafka wants it: where there was none, one that clamps nothing."""
    for log in logs.records.values():
        log[:] = [record if record.timestamp >= 0 else record._replace(timestamp=LATE) for record in log]
    return logs
