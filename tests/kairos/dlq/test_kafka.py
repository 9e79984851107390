"""Dead letters on a real broker: a worker writes them, an operator looks at them and sends them again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.partitioner.default import murmur2

from kairos import wiring
from kairos.config.settings import load
from sinks.read_model import summary
from tests.conftest import Run
from tests.integration.fleet import Fleet, own_state, own_topics

PARTITIONS = 3
LONG = 70_000


@pytest.fixture
def variables(kafka: str, redis_url: str, run: Run) -> dict[str, str]:
    """A shop of its own, with topics."""
    found = own_topics() | own_state() | {"KAFKA_URL": kafka, "REDIS_URL": redis_url, "KAIROS_CLOCK": "wall"}
    found |= {"KAIROS_MISROUTED": "reject"}
    assert run("topics", "create", "--partitions", str(PARTITIONS), **found).exit_code == 0
    return found


@pytest.fixture
def worker(variables: dict[str, str], tmp_path: Path) -> Iterator[Fleet]:
    with Fleet(variables, PARTITIONS, tmp_path / "logs") as fleet:
        fleet.start()
        yield fleet
        fleet.stop()


def call(event: str, user: str, **properties: Any) -> bytes:
    top = {"messageId": f"m-{event}-{user}", "type": "track", "event": event, "userId": user}
    return json.dumps(top | {"timestamp": "2026-01-05T10:00:00Z", "properties": properties}).encode()


def partition(user: str) -> int:
    """Where kafka-python's own partitioner leads."""
    return (murmur2(user.encode()) & 0x7FFFFFFF) % PARTITIONS


def send(variables: dict[str, str], *records: tuple[str, int, bytes | None, bytes]) -> None:
    producer = KafkaProducer(bootstrap_servers=variables["KAFKA_URL"])
    for role, place, key, value in records:
        producer.send(variables[f"KAIROS_TOPICS_{role}"], key=key, value=value, partition=place)
    producer.flush()
    producer.close()


def gross(run: Run, variables: dict[str, str], user: str) -> int | None:
    """What a shopper's orders are worth, in minor units; None if there is no such buyer."""
    found = run("profile", "--json", user, **variables)
    profile = json.loads(found.stdout) if found.exit_code == 0 else {}
    return profile["buyer"]["gross"] if "buyer" in profile else None


def test_from_letter_to_profile(run: Run, variables: dict[str, str], worker: Fleet, tmp_path: Path) -> None:
    def dead_letters(*options: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in run("dlq", "list", "--json", *options, **variables).stdout.splitlines()]

    bad = call("Order Completed", "u1", order_id="o1", revenue="40,00")
    send(
        variables,
        ("ORDERS", partition("u1"), b"u1", bad),
        ("ORDERS", (partition("u2") + 1) % PARTITIONS, b"u2", call("Order Completed", "u2", order_id="o2", revenue=7)),
        ("CLICKSTREAM", 0, None, b"garbage"),
        ("CLICKSTREAM", 1, None, b"garbage"),
        ("CART", partition("u3"), b"u3", call("Product Added", "u3", quantity="x", padding="x" * LONG)),
    )
    worker.until(lambda: len(dead_letters()) == 5)
    assert {letter["code"] for letter in dead_letters("--shopper", "u3")} == {"wrong_type"}
    total = run("dlq", "list", **variables).stdout.splitlines()[-1]
    assert sorted(total.partition(": ")[2].split(", ")) == ["misrouted 1", "not_json 2", "wrong_type 2"]
    twins = dead_letters("--code", "not_json")
    assert len({twin["id"] for twin in twins}) == 1
    assert sorted(twin["partition"] for twin in twins) == [0, 1]
    assert run("dlq", "show", twins[0]["id"], **variables).stdout.count("garbage\n") == 2

    done = run("dlq", "redrive", "--code", "misrouted", "--yes", **variables)
    assert done.stdout == "re-driven 1: orders 1\n"
    worker.until(lambda: gross(run, variables, "u2") == 700)

    cut = run("dlq", "redrive", "--role", "cart", "--yes", **variables)
    assert (cut.exit_code, "only the beginning of the record is there: 1" in cut.stderr) == (1, True)

    [order] = dead_letters("--shopper", "u1")
    assert gross(run, variables, "u1") == 0
    (tmp_path / "fixed.json").write_bytes(bad.replace(b'"40,00"', b"40.00"))
    for duplicates in (0, 1):
        done = run("dlq", "redrive", order["id"], "--replace", "fixed.json", "--yes", **variables)
        assert done.exit_code == 0
        worker.until(lambda: gross(run, variables, "u1") == 4000)
        worker.until(lambda duplicates=duplicates: counts(variables)["duplicates"] == duplicates)  # type: ignore[misc]
    assert counts(variables)["order_conflict"] == 0
    assert len(dead_letters()) == 5
    assert dead_letters("--until", "2026-01-05T10:00Z", "--role", "orders") == []


def counts(variables: dict[str, str]) -> Any:
    return summary(wiring.reader(load(variables))).as_json()
