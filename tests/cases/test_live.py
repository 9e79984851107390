"""Live inputs through real Kafka: records without keys, and Kafka timestamps that are none."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from kairos import wiring
from kairos.config.settings import load
from kairos.kafka import topics
from models.features import ShopSettings
from models.kernel.partition import java_partition
from models.kernel.settings import MINUTE
from sinks.memory_store import MemoryStore
from sinks.read_model import summary
from sinks.redis_reader import RedisReader
from streams.records import Chunk, Input
from streams.shard import Shard
from tests.acting import AT_ONCE
from tests.cases.conftest import INPUTS
from tests.integration.fleet import Fleet, own_state, own_topics
from tests.integration.published import published
from tests.reference.facts import Facts, facts_of_engine
from tests.reference.logs import iso
from tests.streams.logs import Rec, tick

PARTITIONS = 4
SHOP = ShopSettings()
THREE = 1_795_748_400_000
"""2026-11-27T03:00:00Z in ms."""
FACTS = ("events", "orders", "valid", "gross", "net", "cleared", "contents", "occasions", "first", "last")

Sent = tuple[str, bytes, int | None]
"""Role, value, Kafka timestamp (ms; None: the producer's now)."""


class Live:
    """`kairos worker` over topics of its own."""

    def __init__(self, kafka: str, redis_url: str, directory: Path, **more: str) -> None:
        found = more | own_topics() | own_state() | {"KAFKA_URL": kafka, "REDIS_URL": redis_url}
        self.variables = found | {"KAIROS_CLOCK": "wall", "KAIROS_BATCH_RECORDS": "40"}
        self.settings = load(self.variables)
        options = {"num_partitions": PARTITIONS, "replication_factor": 1, "configs": {"retention.ms": "-1"}}
        admin = KafkaAdminClient(bootstrap_servers=kafka)
        admin.create_topics({source.topic: options for source in self.settings.inputs}, wait_for_metadata=True)
        admin.close()
        topics.create(self.settings, topics.TopicPlan(partitions=PARTITIONS), lambda text: None)
        self.reader: RedisReader = wiring.reader(self.settings)
        self.fleet = Fleet(self.variables, PARTITIONS, directory)

    def send(self, records: Iterable[Sent], *, key: bool) -> None:
        """By role to its topic: with the shopper as the key, or without any, one partition after the other."""
        producer = KafkaProducer(bootstrap_servers=list(self.settings.brokers))
        for number, (role, value, at) in enumerate(records):
            shopper = msgspec.json.decode(value)["userId"].encode() if key else None
            partition = java_partition(shopper, PARTITIONS) if shopper else number % PARTITIONS
            topic = self.variables[f"KAIROS_TOPICS_{role.upper()}"]
            producer.send(topic, key=shopper, value=value, partition=partition, timestamp_ms=at)
        producer.flush()
        producer.close()

    def counts(self) -> dict[str, int]:
        return summary(self.reader).counts

    def until_folded(self, events: int) -> None:
        """Wait until so many events are folded where they belong, and what was forwarded has come."""
        self.fleet.until(lambda: self.counts()["events"] >= events)
        self.fleet.until(lambda: self.counts()["forwarded"] == self.counts()["forward_taken"])

    def facts(self) -> dict[str, Facts]:
        """Of every shopper, each in the shard that the id leads to."""
        found: dict[str, Facts] = {}
        for partition in range(PARTITIONS):
            here = facts_of_engine(self.reader, partition, SHOP)  # type: ignore[arg-type]
            assert {java_partition(user.encode(), PARTITIONS) for user in here} <= {partition}
            found |= here
        return found


@pytest.fixture
def live(kafka: str, redis_url: str, tmp_path: Path) -> Iterator[Live]:
    made = Live(kafka, redis_url, tmp_path / "logs")
    with made.fleet:
        yield made


def role(value: bytes) -> str:
    event = msgspec.json.decode(value)["event"]
    return "orders" if event.startswith("Order") else "cart" if event == "Product Added" else "clickstream"


def case(name: str, at: Any = lambda value: None) -> list[Sent]:
    """An input by its name, with the Kafka timestamp that `at` gives each line."""
    return [(role(value), value, at(value)) for value in (INPUTS / name).read_bytes().splitlines()]


def busy(count: int) -> list[Sent]:
    """Many events of one shopper, three seconds apart: more than any ring of message ids holds."""
    call = '{"type":"track","event":"%s","userId":"busy","messageId":"b-%d","timestamp":"2026-11-27T03:%02d:%02d.%03dZ"'
    kinds = [("Product Viewed", '"product_id":"p%d"'), ("Product Added", '"product_id":"p%d","price":1')]
    found = []
    for number in range(count):
        event, properties = kinds[number % 10 == 0]
        head = call % (event, number, number // 20, number % 20 * 3, number)
        found.append((head + ',"properties":{' + properties % (number % 5) + "}}").encode())
    return [(role(value), value, None) for value in found]


def keyed(records: Iterable[Sent]) -> dict[str, Facts]:
    """What the same comes to where every record lies where it belongs: in a shop of one shard, in this process."""
    store = MemoryStore()
    inputs = [Input(name, rank, name) for rank, name in enumerate(("clickstream", "cart", "orders"))]
    shard = Shard(0, 1, inputs, store, SHOP).claim()
    for source in inputs:
        values = [value for role, value, _ in records if role == source.role] + [tick(THREE + 60 * MINUTE)]
        logged = [Rec(offset, THREE + 60 * MINUTE, None, value) for offset, value in enumerate(values)]
        shard.receive(Chunk(source.topic, 0, 0, logged))
    while shard.step():
        shard.published()
    return facts_of_engine(store, 0, SHOP)


def chosen(facts: dict[str, Facts]) -> dict[str, Facts]:
    return {user: {name: found[name] for name in FACTS} for user, found in facts.items()}


def test_a_feed_without_keys_is_folded_where_it_belongs_through_crashes(live: Live) -> None:
    """One worker dies between APPLY and the acknowledgement with nothing sent, the next with everything sent: its
    outbox comes again, whole."""
    records = case("33-live-no-key.jsonl") + busy(400)
    live.send(records, key=False)
    live.fleet.killed(live.fleet.start("after_apply:4:kill"))
    live.fleet.killed(live.fleet.start("before_ack:9:kill"))
    live.fleet.start()
    live.until_folded(len(records))
    live.fleet.stop()
    counts = live.counts()
    assert counts["events"] == counts["applied"] == len(records) == 440
    assert summary(live.reader).dead_letters == {}
    assert counts["forwarded"] > 200
    assert counts["forward_repeats"] > 0
    assert chosen(live.facts()) == chosen(keyed(records))
    assert {facts["gross"] for user, facts in live.facts().items() if user != "busy"} == {1_000}
    said = [msgspec.json.decode(record.value) for record in published(live.settings)]
    assert [m for m in said if m["kind"] in ("triggered", "dead_letter")] == []


def test_a_kafka_timestamp_in_seconds_is_none(live: Live) -> None:
    live.fleet.start()
    live.send(case("32-live-seconds.jsonl", lambda value: THREE // 1_000), key=True)
    live.until_folded(3)
    live.fleet.stop()
    facts = live.facts()
    assert facts["sec1"]["first"] == THREE
    assert chosen(facts) == chosen(keyed(case("32-live-seconds.jsonl")))
    assert (facts["sec2"]["cleared"], facts["sec2"]["last"]) == (THREE, THREE + MINUTE)
    assert (facts["sec2"]["gross"], live.counts()["clamped"]) == (5_500, 0)


UNTIDY: dict[str, dict[str, Any]] = {
    "product_added": {"product_id": 7, "price": "5.00", "quantity": "1"},
    "add_to_cart": {"items": {"item_id": "7", "price": 5, "quantity": 1}, "value": "5"},
    "Product Added": {"product_id": "7", "price": 5, "currency": "XXX", "coupon": []},
}
BOUGHT: list[tuple[str, dict[str, Any]]] = [
    ("order completed", {"order_id": 10, "revenue": "5.00", "discount": -1}),
    ("purchase", {"transaction_id": "T-1", "value": 5, "items": []}),
    ("Completed Order", {"orderId": "o-3", "total": "5", "coupon": {}}),
    ("Order Completed", {"revenue": 5}),
]
"""What buyers send. The last one lacks its id: a dead letter that closes the cart all the same."""


def said_now(event: str, user: str, properties: dict[str, Any]) -> bytes:
    call = {"type": "track", "event": event, "userId": user, "timestamp": iso(int(time.time() * 1000))}
    return msgspec.json.encode(call | {"messageId": f"{event}-{user}", "properties": properties})


def test_three_workers_on_new_topics_remind_who_left_and_no_buyer(kafka: str, redis_url: str, tmp_path: Path) -> None:
    """Untidy calls of now, without keys, on topics that held nothing; one worker dies while orders lie unread."""
    shop = Live(kafka, redis_url, tmp_path / "logs", **AT_ONCE | {"KAIROS_CART_STEPS": "8s"})
    with shop.fleet:
        workers = [shop.fleet.start() for _ in range(3)]
        shop.fleet.until(lambda: all(shop.fleet.tokens(range(PARTITIONS)).values()))
        users = [f"{'buys' if number < 12 else 'leaves'}{number}" for number in range(24)]
        kinds = list(UNTIDY.items())
        added = [said_now(kinds[i % 3][0], user, kinds[i % 3][1]) for i, user in enumerate(users)]
        shop.send([("cart", value, None) for value in added], key=False)
        workers[0].leaving = True
        workers[0].process.kill()
        bought = [said_now(BOUGHT[i % 4][0], user, BOUGHT[i % 4][1]) for i, user in enumerate(users[:12])]
        shop.send([("orders", value, None) for value in bought], key=False)
        left = {user for user in users if user.startswith("leaves")}
        shop.fleet.until(lambda: reminded(shop) >= left)
        shop.until_folded(36)
        shop.fleet.stop()
    assert reminded(shop) == left
    counts, told = shop.counts(), summary(shop.reader)
    assert (counts["events"], counts["applied"], counts["forwarded"] > 0) == (36, 33, True)
    assert (told.dead_letters, told.unknown_names) == ({"missing_id": 3}, {})
    assert (counts["orders"], told.revenue) == (12, {"USD": 9 * 500})


def reminded(shop: Live) -> set[str]:
    """Who was told that a cart was left."""
    said = [msgspec.json.decode(record.value) for record in published(shop.settings)]
    return {m["user_id"] for m in said if m["kind"] == "triggered"}
