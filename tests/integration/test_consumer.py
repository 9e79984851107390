"""examples/consumer.py as it is, over real Kafka and Redis: stopped, started again, told everything again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata
from redis import Redis

from models.churn.alert_message import ChurnAlert
from models.kernel.outputs import Output
from ops.kafka import local
from tests.examples.messages import cleared, closing, raised, suppressed, trigger
from tests.integration.kafka_topics import Topics
from tests.integration.kafka_workers import Worker

SCRIPT = local.HERE.parent.parent / "examples" / "consumer.py"
POLL = 0.1
"""Seconds between two looks at the group's offsets."""


class Consumer(Worker):
    """The example as a process; what it says goes to a file."""

    def __init__(self, topics: Topics, redis_url: str, log: Path, hold: int) -> None:
        self.log = log
        command = [sys.executable, str(SCRIPT), *topics.inputs, "--group", topics.group, "--hold", str(hold)]
        servers = {"KAFKA_URL": topics.brokers, "REDIS_URL": redis_url}
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=os.environ | servers)


class Town:
    """Topics of the test's own, and what their consumer does."""

    def __init__(self, brokers: str, redis_url: str, folder: Path) -> None:
        self.topics, self.redis_url, self.folder = Topics(brokers, 2, 2), redis_url, folder
        self.looker = KafkaConsumer(bootstrap_servers=brokers, group_id=self.topics.group, enable_auto_commit=False)
        self.ends: dict[TopicPartition, int] = {}
        self.runs: list[Consumer] = []

    def tell(self, messages: list[Output]) -> None:
        """Append to the topics, by the shopper's id."""
        producer = KafkaProducer(bootstrap_servers=self.topics.brokers)
        for message in messages:
            topic = self.topics.inputs[isinstance(message, ChurnAlert)]
            sent = producer.send(topic, key=str(message.user_id).encode(), value=msgspec.json.encode(message)).get(30)
            self.ends[TopicPartition(topic, sent.partition)] = sent.offset + 1
        producer.close()

    def consumed(self, hold: int) -> list[list[Any]]:
        """What a run of the consumer says until it has committed everything and is stopped."""
        consumer = Consumer(self.topics, self.redis_url, self.folder / f"run-{len(self.runs)}.log", hold)
        self.runs.append(consumer)
        deadline = time.monotonic() + 60
        while not self._committed():
            consumer.running()
            assert time.monotonic() < deadline, consumer.said
            time.sleep(POLL)
        assert consumer.stop() == 0, consumer.said
        return [line.split(" ", 1) for line in consumer.said.splitlines()]

    def _committed(self) -> bool:
        return all(self.looker.committed(place) == end for place, end in self.ends.items())

    def forget_offsets(self) -> None:
        """What was read is read again, as after a crash before the commit."""
        self.looker.assign(list(self.ends))
        self.looker.commit(dict.fromkeys(self.ends, OffsetAndMetadata(0, "", -1)))

    def waiting(self) -> int:
        """Actions in the queue."""
        with Redis.from_url(self.redis_url) as redis:
            return int(redis.zcard(f"{{{self.topics.group}}}:queue"))


@pytest.fixture
def town(kafka: str, redis_url: str, tmp_path: Path) -> Iterator[Town]:
    town = Town(kafka, redis_url, tmp_path)
    yield town
    town.looker.close(autocommit=False)
    for consumer in town.runs:
        consumer.process.kill()
        consumer.process.wait()


def test_each_action_is_done_once_and_none_that_should_not_be(town: Town) -> None:
    now = time.time_ns() // 1_000_000
    plain, alert = trigger("plain", now), raised("overdue", now)
    bought, wrong, late, back = (
        trigger("bought", now),
        trigger("wrong", now),
        trigger("late", now),
        raised("back", now),
    )
    first: list[Output] = [
        plain, plain, alert,
        trigger("expired", now - 90_000_000),
        suppressed("nobody", now),
        bought, closing(bought, "recovered"),
        wrong, closing(wrong, "cancelled"),
        closing(late, "cancelled"), late,
        back, cleared(back),
    ]  # fmt: skip
    town.tell(first)
    retracted = {wrong.id, late.id, back.id}

    said = town.consumed(hold=3600)
    assert sorted(said) == sorted(["retract", each] for each in retracted)
    assert town.waiting() == 2

    again, more = trigger("again", now), trigger("again", now, cart="c2")
    town.tell([*first, again, more, again])
    said = town.consumed(hold=0)
    done = [json.loads(rest) for verb, rest in said if verb == "act"]
    assert len(done) == len(said)
    assert sorted(done) == sorted([each.kind, each.user_id, each.id] for each in (plain, alert, again, more))
    assert [each for _, user, each in done if user == "again"] == [again.id, more.id]
    assert town.waiting() == 0

    town.forget_offsets()
    assert town.consumed(hold=0) == []
