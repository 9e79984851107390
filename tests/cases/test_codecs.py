"""Batches of every codec that producers compress by, on real Kafka: read by the worker and by the command line."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kafka.codec as codecs
import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaProducer
from kafka.admin import ConfigResource
from kafka.partitioner.default import murmur2

from kairos.config.settings import load
from kairos.errors import TopicError
from kairos.kafka import consume, topics
from tests.cases.conftest import INPUTS
from tests.conftest import Run
from tests.integration.fleet import Fleet, own_state, own_topics

CODECS = ["gzip", "snappy", "lz4", "zstd"]
PARTITIONS = 2


@contextmanager
def shop(kafka: str, redis_url: str, logs: Path, codec: str = "producer") -> Iterator[Fleet]:
    """A shop of its own with a worker, whose topics the broker compresses by `codec`."""
    variables = own_topics() | own_state() | {"KAFKA_URL": kafka, "REDIS_URL": redis_url, "KAIROS_CLOCK": "wall"}
    settings = load(variables)
    topics.create(settings, topics.TopicPlan(PARTITIONS, 1), lambda line: None)
    with topics.admin(settings) as admin:
        admin.alter_configs(
            [ConfigResource("TOPIC", name, {"compression.type": codec}) for name in topics.roles(settings)]
        )
    with Fleet(variables, PARTITIONS, logs) as fleet:
        fleet.start()
        yield fleet
        fleet.stop()


@pytest.fixture(scope="module")
def worker(kafka: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """One for producers of every codec."""
    with shop(kafka, redis_url, tmp_path_factory.mktemp("logs")) as fleet:
        yield fleet


def placed(file: str, variables: dict[str, str], tag: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each call of an input, with the arguments by which a producer puts it where it belongs. `tag` makes its shoppers
    others."""
    for line in (INPUTS / file).read_bytes().splitlines():
        call = json.loads(line)
        call |= {name: f"{tag}-{call[name]}" for name in ("userId", "messageId")}
        topic = variables["KAIROS_TOPICS_ORDERS" if call["event"].startswith("Order") else "KAIROS_TOPICS_CART"]
        key = call["userId"].encode()
        place = (murmur2(key) & 0x7FFFFFFF) % PARTITIONS
        yield (
            topic,
            {
                "key": key,
                "value": json.dumps(call).encode(),
                "partition": place,
                "headers": [("worth packing", b"-" * 999)],
            },
        )


def by_kafka_python(file: str, variables: dict[str, str], codec: str | None, tag: str) -> None:
    producer = KafkaProducer(bootstrap_servers=variables["KAFKA_URL"], compression_type=codec, linger_ms=200)
    for topic, record in placed(file, variables, tag):
        producer.send(topic, **record)
    producer.close()


def by_aiokafka(file: str, variables: dict[str, str], codec: str, tag: str) -> None:
    async def send() -> None:
        servers = variables["KAFKA_URL"]
        producer = AIOKafkaProducer(bootstrap_servers=servers, compression_type=codec, linger_ms=200)
        await producer.start()
        for topic, record in placed(file, variables, tag):
            await producer.send(topic, **record)
        await producer.stop()

    asyncio.run(send())


def orders(run: Run, variables: dict[str, str], user: str) -> tuple[int, int] | None:
    """How many orders of how much; None of whom nothing is known."""
    found = run("profile", "--json", user, **variables)
    buyer = json.loads(found.stdout).get("buyer") if found.exit_code == 0 else None
    return buyer and (buyer["orders"], buyer["gross"])


@pytest.mark.parametrize("codec", CODECS)
def test_compressed_events_are_folded_like_any_others(
    run: Run, worker: Fleet, codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two buyers of plain records, two of compressed ones, by two producers: each has one order of 10, and no cart is
    left."""
    variables = worker.variables
    by_kafka_python("30-live-plain.jsonl", variables, None, codec)
    by_kafka_python("30-live-codec.jsonl", variables, codec, codec)
    by_aiokafka("30-live-codec.jsonl", variables, codec, codec)  # once more: all of them duplicates
    users = [f"{codec}-{user}" for user in ("live1", "live2", "zed1", "zed2")]
    worker.until(lambda: {orders(run, variables, user) for user in users} == {(1, 1000)}, within=60)
    read = list(consume.read(load(variables), variables["KAIROS_TOPICS_ORDERS"]))
    buyers = Counter(json.loads(record.value)["userId"] for record in read)
    assert [buyers[user] for user in users] == [1, 1, 2, 2]
    told = list(consume.read(load(variables), load(variables).outputs["cart-abandonments"]))
    assert not [one for one in told if json.loads(one.value)["kind"] == "triggered"]
    if codec != "gzip":  # which needs no package
        monkeypatch.setattr(codecs, f"has_{codec}", lambda: False)
        with pytest.raises(TopicError, match=f"Libraries for {codec} compression codec not found: install"):
            list(consume.read(load(variables), variables["KAIROS_TOPICS_ORDERS"]))


@pytest.mark.parametrize("codec", CODECS)
def test_topics_that_the_broker_itself_compresses_are_read_by_everything(
    run: Run, kafka: str, redis_url: str, tmp_path: Path, codec: str
) -> None:
    """Inputs and outputs, by the broker's own libraries."""
    few = tmp_path / "few.jsonl"
    few.write_bytes((INPUTS / "30-live-plain.jsonl").read_bytes() + b"{broken\n" * 40)
    with shop(kafka, redis_url, tmp_path / "logs", codec) as fleet:
        variables = fleet.variables
        done = run("replay", "--wait", "--json", "--dump", "out.jsonl", str(few), **variables)
        assert done.exit_code == 0, done.stderr
        report = json.loads(done.stdout)
        assert (report["events"], report["orders"], report["dead_letters"]) == (44, 2, {"not_json": 40})
        letters = run("dlq", "list", "--json", **variables)
        assert len(letters.stdout.splitlines()) == 40
        checks = {check["name"]: check for check in json.loads(run("doctor", "--json", **variables).stdout)["checks"]}
        assert checks["contract"]["said"].startswith("40 of 44 ")
        assert (tmp_path / "out.jsonl").read_bytes().count(b'"code":"not_json"') == 40
