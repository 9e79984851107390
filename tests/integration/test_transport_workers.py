"""Worker processes that join, leave, die and crash, on real Kafka: each record once, in order; exit codes that tell."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops.kafka.local import LocalKafka
from tests.integration.kafka_topics import Topics
from tests.integration.kafka_workers import Workers

Start = Callable[..., Workers]


@pytest.fixture
def group(kafka: str, tmp_path: Path) -> Iterator[Callable[[int, int], Workers]]:
    """(inputs, partitions) -> no worker yet, topics of their own."""
    made: list[Workers] = []

    def make(inputs: int, partitions: int) -> Workers:
        made.append(Workers(Topics(kafka, inputs, partitions), tmp_path))
        return made[-1]

    yield make
    for workers in made:
        workers.close()


def test_workers_join_leave_and_die(group: Start) -> None:
    """Three workers over eight partitions: there the round-robin assignor would tear a shard's partitions apart."""
    chance = random.Random(3)
    workers = group(3, 8)
    topics, ledger = workers.topics, workers.ledger
    first = workers.start()
    topics.produce(300)
    ledger.until(topics.total // 2, alive=first.running)
    second, third = workers.start(), workers.start()
    for worker in (second, third):
        worker.until("claimed shards")
    topics.produce(300)
    second.signal(signal.SIGKILL)
    for leaving in chance.sample([first, third], 1):
        assert leaving.stop() == 0
    topics.produce(300)
    ledger.until(topics.total, within=40)
    assert [worker.stop() for worker in (first, third) if worker.process.poll() is None] == [0]

    assert ledger.applied() == {place: list(range(900)) for place in topics.counts}
    assert topics.committed() == dict.fromkeys(topics.counts, 900)
    expected = {(p, f"{topic}:{offset}".encode(), b"%d" % p) for topic, p in topics.counts for offset in range(900)}
    assert set(topics.read(topics.output)) == expected


def test_three_workers_share_evenly(group: Start) -> None:
    """With the range assignor each of three workers has two whole shards; with Faust's own a standby would idle."""
    workers = group(3, 6)
    for _ in range(3):
        workers.start()
    workers.topics.produce(10)
    workers.ledger.until(workers.topics.total)
    workers.share({0, 1}, {2, 3}, {4, 5})


@pytest.mark.slow
def test_a_broker_that_goes_away_and_comes_back(own_kafka: LocalKafka, tmp_path: Path) -> None:
    workers = Workers(Topics(own_kafka.bootstrap, 2, 4), tmp_path)
    topics, ledger = workers.topics, workers.ledger
    try:
        worker = workers.start()
        topics.produce(200)
        ledger.until(topics.total // 2, alive=worker.running)
        own_kafka.stop()
        own_kafka.start()
        topics.produce(200)
        ledger.until(topics.total, within=60, alive=worker.running)
        assert worker.stop() == 0
    finally:
        workers.close()
    assert ledger.applied() == {place: list(range(400)) for place in topics.counts}


@pytest.mark.slow
def test_a_stop_while_the_broker_is_away(own_kafka: LocalKafka, tmp_path: Path) -> None:
    workers = Workers(Topics(own_kafka.bootstrap, 2, 4), tmp_path)
    try:
        worker = workers.start()
        workers.topics.produce(200)
        workers.ledger.until(workers.topics.total, alive=worker.running)
        outputs = workers.topics.output
        while sum(1 for _ in workers.topics.read(outputs)) < workers.topics.total:  # the last batch's are on their way
            worker.running()
        own_kafka.stop()
        assert worker.stop() == 0
        assert "stopped: everything committed" in worker.said.splitlines()[-1]
        assert "Traceback" not in worker.said
    finally:
        workers.close()


def test_a_broken_shard_ends_the_worker_and_says_why(group: Start) -> None:
    workers = group(1, 2)
    worker = workers.start(break_after=3)
    workers.topics.produce(2000)
    assert worker.ended() == 1
    assert "failed: ValueError: this shard is broken" in worker.said
    assert "Traceback" in worker.said
    assert "stopped" not in worker.said.lower().splitlines()[-1]


def test_a_worker_that_cannot_start_says_why(group: Start) -> None:
    workers = group(2, 3)
    topics = workers.topics
    topics.create({f"narrow-{topics.tag}": 2})
    missing, unequal, silent = (
        workers.start(topics=[*topics.inputs, "no-such-topic"]),
        workers.start(topics=[*topics.inputs, f"narrow-{topics.tag}"]),
        workers.start(outputs="no-such-output"),
    )
    assert [worker.ended() for worker in (missing, unequal, silent)] == [1, 1, 1]
    assert "no such topic: no-such-topic. Create the topics first: kairos topics create" in missing.said
    assert "must have the same number of partitions, but in0" in unequal.said
    assert "no such output topic: no-such-output" in silent.said
    for worker in (missing, unequal, silent):
        assert worker.said.count("[CRITICAL]") == 1
        assert "[ERROR]" not in worker.said
        assert "Traceback" not in worker.said
