"""Kafka or Redis away from a real worker: a log of few lines that says so, and /ready and metrics that know."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

from kairos import wiring
from kairos.config.settings import load
from kairos.kafka import topics
from ops.kafka.local import LocalKafka, free_port
from sinks.read_model import summary
from sinks.redis_reader import RedisReader
from tests.integration.fleet import Member, own_state, own_topics
from tests.integration.servers import RedisServer

pytestmark = pytest.mark.slow
AWAY = 15.0
"""Seconds Kafka is away."""
LINES = 15
"""Lines that an outage may put into the log; before, it was a hundred a second."""


class Watched:
    """A worker over topics of its own, with two shards and its page."""

    def __init__(self, brokers: str, redis: RedisServer, folder: Path) -> None:
        self.port = free_port()
        self.variables = own_topics() | own_state() | {
            "KAFKA_URL": brokers,
            "REDIS_URL": redis.url,
            "KAIROS_CLOCK": "wall",
            "KAIROS_METRICS_PORT": str(self.port),
        }  # fmt: skip
        settings = load(self.variables)
        topics.create(settings, topics.TopicPlan(partitions=2), lambda text: None)
        self.clickstream = settings.inputs[0].topic
        self.brokers = brokers
        self.reader = RedisReader(wiring.client(redis.url), settings.namespace)
        self.sent = 0
        self.member = Member(self.variables, folder / "worker.log")
        self.member.until("claimed shards 0, 1")
        self.until(lambda: self.ready()[0] == 200)

    def send(self, count: int) -> None:
        """Page calls of so many shoppers."""
        producer = KafkaProducer(bootstrap_servers=self.brokers)
        for n in range(self.sent, self.sent + count):
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            call = {"messageId": f"m{n}", "type": "page", "userId": f"u{n}", "timestamp": now}
            producer.send(self.clickstream, key=f"u{n}".encode(), value=json.dumps(call).encode())
        producer.flush()
        producer.close()
        self.sent += count

    def folded(self) -> None:
        """Each event sent so far has counted, once."""
        self.until(lambda: summary(self.reader).counts["applied"] >= self.sent)
        assert summary(self.reader).counts["applied"] == self.sent

    def ready(self) -> tuple[int, list[str]]:
        """Status of /ready, and the problems without how long they have lasted."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=10) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            status, body = refused.code, refused.read()
        return status, [problem.partition(",")[0] for problem in json.loads(body)["problems"]]

    def gauge(self, name: str) -> float:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            found = re.search(rf"^{name} (\S+)$", answer.read().decode(), re.M)
        assert found
        return float(found[1])

    def until(self, condition: Callable[[], object], within: float = 30.0) -> None:
        deadline = time.monotonic() + within
        while not condition():
            self.member.running()
            assert time.monotonic() < deadline, self.member.said[-4000:]
            time.sleep(0.1)

    def lines(self) -> list[str]:
        return self.member.said.splitlines()

    def close(self) -> None:
        self.member.process.kill()
        self.member.process.wait()


@contextmanager
def watched(brokers: str, folder: Path, **redis: str) -> Iterator[tuple[Watched, RedisServer]]:
    with RedisServer(**redis) as server:
        worker = Watched(brokers, server, folder)
        try:
            yield worker, server
        finally:
            worker.close()


def told(lines: list[str]) -> list[str]:
    """What ours say of outages, up to what differs from run to run."""
    return [re.split(r" \(|, after", line.partition("streams.outages: ")[2])[0] for line in lines if "outages" in line]


def test_kafka_away(own_kafka: LocalKafka, tmp_path: Path) -> None:
    with watched(own_kafka.bootstrap, tmp_path) as (worker, _):
        assert worker.gauge("kairos_kafka_up") == 1
        before = len(worker.lines())
        own_kafka.stop()
        gone = time.monotonic()
        worker.until(lambda: worker.ready() == (503, ["Kafka does not answer"]), within=10)  # no shard has work
        assert worker.gauge("kairos_kafka_up") == 0
        assert worker.gauge("kairos_redis_up") == 1
        time.sleep(max(0.0, gone + AWAY - time.monotonic()))
        own_kafka.start()
        worker.until(lambda: worker.ready() == (200, []))
        assert worker.gauge("kairos_kafka_up") == 1
        worker.send(20)
        worker.folded()
        lines = worker.lines()[before:]
        assert told(lines) == ["Kafka does not answer", "Kafka answers again"]
        [after] = [int(seconds) for seconds in re.findall(r"answers again, after (\d+) s", "\n".join(lines))]
        assert AWAY <= after <= AWAY + 20
        assert len(lines) < LINES, "\n".join(lines)
        assert worker.member.stop() == 0


def test_redis_away(kafka: str, tmp_path: Path) -> None:
    """Both shards have work, and each of them meets it."""
    with watched(kafka, tmp_path, appendonly="yes", appendfsync="always") as (worker, server):
        worker.send(20)
        worker.folded()
        before = len(worker.lines())
        server.kill()
        worker.send(20)
        worker.until(lambda: worker.ready() == (503, ["Redis does not answer"]))
        assert worker.gauge("kairos_redis_up") == 0
        time.sleep(3)
        server.start()
        worker.until(lambda: worker.ready() == (200, []))
        worker.folded()
        lines = worker.lines()[before:]
        assert told(lines) == ["Redis does not answer", "Redis answers again"]
        assert len(lines) == 2, "\n".join(lines)
        assert worker.member.stop() == 0


def test_redis_comes_back_empty(kafka: str, tmp_path: Path) -> None:
    """First all is read again; then the log does not hold all that was counted."""
    with watched(kafka, tmp_path) as (worker, server):
        worker.send(20)
        worker.folded()
        server.kill()
        server.start()
        worker.send(20)
        worker.folded()
        said = worker.member.said
        assert "the store no longer knows shard 0 (APPLY " in said
        assert "another worker" not in said
        server.kill()
        delete_before(worker, 3)
        server.start()
        worker.send(20)
        assert worker.member.ended(30) != 0
        lost = f"{worker.clickstream}[0]: the store came back without its data, and 3 records that it had counted were"
        other = lost.replace("[0]", "[1]")
        assert lost in worker.member.said or other in worker.member.said


def delete_before(worker: Watched, offset: int) -> None:
    """What retention does, now, in both partitions."""
    admin = KafkaAdminClient(bootstrap_servers=worker.brokers)
    admin.delete_records({TopicPartition(worker.clickstream, partition): offset for partition in range(2)})
    admin.close()
