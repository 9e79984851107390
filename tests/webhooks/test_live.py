"""`kairos act` as a process, over real Kafka and Redis, with receivers that fail."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from kafka import KafkaProducer
from redis import Redis

from models.churn.alert_message import ChurnAlert
from models.kernel.outputs import Output
from ops.kafka.local import free_port
from sinks.deliveries import EndpointReport
from sinks.read_model import deliveries, endpoints
from sinks.redis_reader import RedisReader
from tests.conftest import Run
from tests.examples.messages import closing, raised, trigger
from tests.integration.kafka_topics import Topics
from tests.integration.kafka_workers import Worker
from tests.webhooks.receiver import Receiver, described, seeded, serving

RUN = "from kairos.commands.cli import main; main()"
PARTITIONS = 3


class Act(Worker):
    """The command as a process; what it says goes to a file."""

    def __init__(self, settings: dict[str, str], log: Path) -> None:
        self.log = log
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("KAIROS_", "KAFKA_", "REDIS_"))
        }
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN, "act"], stdout=out, stderr=subprocess.STDOUT, env=clean | settings
            )


class Shop:
    """Topics of the test's own, what is said in them, and who sends it on."""

    def __init__(self, brokers: str, redis_url: str, folder: Path) -> None:
        self.namespace = f"t{uuid.uuid4().hex[:10]}"
        self.topics = Topics(brokers, 0, PARTITIONS)
        self.names = {
            role: f"{role}-{self.namespace}" for role in ("cart-abandonments", "churn-alerts", "dead-letters")
        }
        self.topics.create(dict.fromkeys(self.names.values(), PARTITIONS))
        self.redis = Redis.from_url(redis_url)
        self.reader = RedisReader(self.redis, self.namespace)
        self.folder, self.file = folder, folder / "endpoints.toml"
        self.settings = {
            "KAFKA_URL": brokers,
            "REDIS_URL": redis_url,
            "KAIROS_NAMESPACE": self.namespace,
            "KAIROS_ENDPOINTS": str(self.file),
            **{f"KAIROS_TOPIC_{role.upper().replace('-', '_')}": name for role, name in self.names.items()},
        }
        self.runs: list[Act] = []

    def act(self, **settings: str) -> Act:
        """Begin to send, and wait until every partition is at hand."""
        run = Act(self.settings | settings, self.folder / f"act-{len(self.runs)}.log")
        self.runs.append(run)
        run.until("partitions assigned")
        return run

    def ready(self, within: float = 30.0) -> None:
        """Wait until the endpoints have all partitions, by what Redis knows of them."""
        deadline = time.monotonic() + within
        names = re.findall(r"endpoints\.(\w+)", self.file.read_text())
        while any(self.redis.hlen(f"{{{self.namespace}:act:{name}}}:off") < 2 * PARTITIONS for name in names):
            assert time.monotonic() < deadline, self.runs[-1].said
            time.sleep(0.05)

    def tell(self, messages: Sequence[Output]) -> None:
        """Append to the topics, by the shopper's id."""
        producer = KafkaProducer(bootstrap_servers=self.topics.brokers)
        for message in messages:
            topic = self.names["churn-alerts" if isinstance(message, ChurnAlert) else "cart-abandonments"]
            producer.send(topic, key=str(message.user_id).encode(), value=msgspec.json.encode(message))
        producer.flush()
        producer.close()

    def report(self, name: str, within: float = 10.0, **wanted: object) -> EndpointReport:
        """Wait until an endpoint is told to be so."""
        deadline = time.monotonic() + within
        while True:
            found = [it for it in endpoints(self.reader) if it.name == name]
            if found and all(getattr(found[0], field) == value for field, value in wanted.items()):
                return found[0]
            assert time.monotonic() < deadline, f"{found}\n{self.runs[-1].said}"
            time.sleep(0.1)

    def close(self) -> None:
        """Nothing outlives the test."""
        for run in self.runs:
            run.process.kill()
            run.process.wait()
        self.redis.close()


@pytest.fixture
def shop(kafka: str, redis_url: str, tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(kafka, redis_url, tmp_path)
    yield shop
    shop.close()


def now() -> int:
    return time.time_ns() // 1_000_000


def test_messages_arrive_signed_and_in_order_and_are_told_of(shop: Shop) -> None:
    crm = Receiver()
    port = free_port()
    with serving(crm):
        shop.file.write_text(described(crm=crm))
        run = shop.act(KAIROS_METRICS_PORT=str(port))
        shop.ready()
        lefts = [trigger(f"u{n}", now()) for n in range(20)]
        ends = [closing(left, "cancelled") for left in lefts[:5]]
        shop.tell(lefts)
        crm.until(20)
        shop.tell([*ends, raised("u1", now())])
        taken = [arrival.message["id"] for arrival in crm.until(26)]
        report = shop.report("crm", counts={"delivered": 26, "attempts": 26})
        assert (report.state, report.waiting, report.retrying, report.problem) == ("up", 0, 0, "")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert 'kairos_endpoint_messages_total{endpoint="crm",fate="delivered"} 26.0' in answer.read().decode()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready") as answer:
            assert answer.status == 200
        assert run.stop() == 0
    for left, end in zip(lefts, ends, strict=False):
        assert taken.index(left.id) < taken.index(end.id)
    assert {it.id for it in deliveries(shop.reader, "crm", 100)} == set(taken)
    assert "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" not in run.said
    assert "secret-path" not in run.said


def test_kills_lose_nothing_and_repeats_carry_the_same_id(shop: Shop) -> None:
    crm = Receiver(seeded(7, 0.4, ("error", "error_taken", "reset", "reset_taken", "slow", "busy")))
    told: list[Output] = []
    with serving(crm):
        shop.file.write_text(described(crm=crm))
        shop.act()
        shop.ready()
        for turn in range(3):
            lefts = [trigger(f"u{n}", now(), f"cart-{turn}") for n in range(15)]
            told += lefts
            shop.tell(lefts)
            crm.until(len(told) - 8, within=90)
            victim = shop.runs[-1]
            victim.leaving = True
            victim.signal(signal.SIGKILL)
            victim.ended()
            told += (more := [closing(left, "recovered") for left in lefts])
            shop.tell(more)
            shop.act()
        crm.until(len(told), within=150)
        shop.report("crm", within=30, waiting=0, retrying=0)
    order = [arrival.message["id"] for arrival in crm.taken()]
    assert sorted(order) == sorted(message.id for message in told)
    by_shopper: dict[str, list[str]] = {}
    for message in told:
        by_shopper.setdefault(str(message.user_id), []).append(message.id)
    for ids in by_shopper.values():
        assert [message for message in order if message in ids] == ids


def test_one_that_hangs_delays_nobody_and_goes_on_from_its_own_offset(shop: Shop) -> None:
    hangs, works = Receiver(lambda message: "hang"), Receiver()
    with serving(hangs, works):
        shop.file.write_text(described(hangs=hangs, works=works).replace("topics", "timeout = 2\ntopics"))
        shop.act()
        shop.ready()
        lefts = [trigger(f"u{n}", now()) for n in range(60)]
        shop.tell(lefts)
        works.until(60, within=5)
        assert len(hangs.arrivals) < 60
        shop.report("hangs", state="failing")
        hangs.fault = lambda message: ""
        hangs.until(60, within=60)
    assert {arrival.message["id"] for arrival in hangs.taken()} == {left.id for left in lefts}


def test_what_it_never_takes_is_a_dead_letter_and_goes_to_it_again_alone(shop: Shop, run: Run) -> None:
    strict, other = Receiver(lambda message: "422"), Receiver()
    with serving(strict, other):
        shop.file.write_text(described(strict=strict, other=other))
        shop.act()
        shop.ready()
        left, taken_back = trigger("u1", now()), trigger("u2", now())
        shop.tell([left, taken_back])
        shop.report("strict", within=90, counts={"attempts": 6, "retries": 4, "undeliverable": 2})
        listed = run("dlq", "list", **shop.settings)
        assert listed.exit_code == 0, listed.output
        assert listed.output.count("undeliverable") == 3
        assert listed.output.count("strict: answered 422; 3 attempts") == 2
        shop.tell([closing(taken_back, "cancelled")])
        other.until(3)
        strict.fault = lambda message: ""
        driven = run("dlq", "redrive", "--code", "undeliverable", "--yes", **shop.settings)
        assert driven.output.strip().endswith("re-driven 2: to endpoint strict 2"), driven.output
        assert [arrival.message["id"] for arrival in strict.until(1)] == [left.id]
        shop.report("strict", retrying=0, waiting=0)
        time.sleep(1)
    assert len(strict.taken()) == 1  # what was taken back is not sent, nor what takes it back
    assert len(other.arrivals) == 3  # nothing twice


def test_gone_is_off_until_it_is_switched_on(shop: Shop, run: Run) -> None:
    crm = Receiver(lambda message: "gone")
    with serving(crm):
        shop.file.write_text(described(crm=crm))
        first = shop.act()
        shop.ready()
        shop.tell([left := trigger("u1", now())])
        report = shop.report("crm", state="off")
        assert report.problem == "answered 410"
        assert first.stop() == 0
        crm.fault = lambda message: ""
        shop.act()
        shop.tell([more := trigger("u2", now())])
        time.sleep(3)
        assert crm.taken() == []
        switched = run("act", "on", "crm", **shop.settings)
        assert switched.exit_code == 0, switched.output
        assert {arrival.message["id"] for arrival in crm.until(2)} == {left.id, more.id}
        assert run("act", "off", "nobody", **shop.settings).exit_code == 2


def test_a_process_that_was_stopped_sends_no_reminder_that_was_taken_back_meanwhile(shop: Shop) -> None:
    crm = Receiver(lambda message: "error")
    with serving(crm):
        shop.file.write_text(described(crm=crm))
        run = shop.act()
        shop.ready()
        shop.tell([left := trigger("u1", now())])
        shop.report("crm", retrying=1)
        run.signal(signal.SIGSTOP)
        shop.tell([end := closing(left, "cancelled")])
        crm.fault = lambda message: ""
        time.sleep(12)  # the next attempt is due after 10 s at the latest
        run.signal(signal.SIGCONT)
        assert [arrival.message["id"] for arrival in crm.until(1)] == [end.id]
        shop.report("crm", within=30, counts={"attempts": 2, "retracted": 1, "delivered": 1})
    assert len(crm.taken()) == 1


def test_what_kafka_deleted_unread_is_told_and_the_rest_arrives(shop: Shop) -> None:
    crm, port = Receiver(), free_port()
    with serving(crm):
        shop.file.write_text(described(crm=crm))
        first = shop.act()
        shop.ready()
        assert first.stop() == 0
        gone = [trigger("u1", now(), f"cart-{n}") for n in range(5)]
        shop.tell(gone)
        topic = shop.names["cart-abandonments"]
        (partition,) = {partition for partition, _, _ in shop.topics.read(topic)}
        shop.topics.delete_before(topic, partition, 5)
        shop.tell([left := trigger("u1", now(), "another")])
        second = shop.act(KAIROS_METRICS_PORT=str(port))
        assert [arrival.message["id"] for arrival in crm.until(1)] == [left.id]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert 'kairos_endpoint_lost_total{endpoint="crm"} 5.0' in answer.read().decode()
        assert f"Kafka deleted 5 messages of cart-abandonments:{partition} before they were read" in second.said
        assert shop.report("crm", state="up").problem == ""


def test_a_topic_that_was_made_anew_is_told_of_and_another_name_begins_with_what_is_new(shop: Shop) -> None:
    crm = Receiver()
    topic = shop.names["cart-abandonments"]
    with serving(crm):
        shop.file.write_text(described(crm=crm))
        first = shop.act()
        shop.ready()
        shop.tell([trigger("u1", now(), f"cart-{n}") for n in range(5)])
        crm.until(5)
        assert first.stop() == 0
        shop.topics.delete(topic)
        shop.topics.create({topic: PARTITIONS})
        shop.tell([trigger("u1", now(), "unread")])
        second = shop.act()
        problem = shop.report("crm", within=20, state="failing").problem
        assert problem.startswith("cannot read: cart-abandonments:")
        assert "was read up to offset 5, but Kafka's log ends at 1. Was the topic made anew?" in problem
        assert second.stop() == 0
        shop.file.write_text(described(anew=crm))
        shop.act()
        shop.ready()
        shop.tell([left := trigger("u1", now(), "new")])
        assert crm.until(6)[-1].message["id"] == left.id


def test_two_share_the_partitions_and_one_goes_on_alone(shop: Shop) -> None:
    crm = Receiver()
    with serving(crm):
        shop.file.write_text(described(crm=crm))
        first = shop.act()
        shop.ready()
        shop.act()
        shop.tell([trigger(f"u{n}", now()) for n in range(30)])
        crm.until(30)
        first.leaving = True
        first.signal(signal.SIGKILL)
        shop.tell([trigger(f"u{n}", now(), "c2") for n in range(30)])
        crm.until(60, within=60)
