"""What Kairos really says, judged by the contract's documents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from kairos.config.settings import load
from kairos.contract.outputs import TOPICS
from kairos.replay import ticks
from kairos.replay.local import Local
from kairos.replay.row import Row, Rows
from kairos.replay.segment import Segment
from kairos.simulate.settings import BUSY
from kairos.simulate.shop import Shop
from kairos.terminal.times import stamp
from models.kernel.events import CART, ORDER
from models.kernel.settings import DAY
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from tests.kairos.contract.judges import asyncapi_judge, judge, text

EVENTS = Path(__file__).parents[3] / "docs" / "events.jsonl"
SHOP = replace(BUSY, end=BUSY.start + 40 * DAY, shoppers=400, duplicates=0.1, late=0.05, out_of_order=0.1, bad=0.05)

Said = dict[str, list[dict[str, Any]]]


def said(batches: Iterable[Rows]) -> Said:
    """Messages by topic, after 100 more days."""
    outputs = MemoryOutputs()
    batches = list(batches)
    end = max(row[0] for rows in batches for row in rows if row[0] is not None) + 100 * DAY
    Local(load({}), 3, MemoryStore(), outputs).run(ticks.spans(batches, until=end))
    found: Said = {topic: [] for topic in TOPICS}
    for _, message in outputs.messages:
        found[message.topic].append(json.loads(message.value))
    return found


def splurge() -> list[Row]:
    """A shopper whose last order is not like those before."""
    amounts = enumerate([50, 52, 48, 51, 49, 50, 53, 950])
    return [order("splurger", BUSY.start + (number + 1) * DAY, amount) for number, amount in amounts]


def regulars() -> list[Row]:
    """Sixty shoppers who order every week; two of three stay away sooner than the others."""
    return [
        order(f"regular-{number}", BUSY.start + (7 * week + number % 7) * DAY, 20 + number)
        for number in range(60)
        for week in range(3 if number % 3 else 6)
    ]


def order(user: str, at: int, amount: float) -> Row:
    """An order."""
    said = {"order_id": f"{user}-{at}", "revenue": amount}
    call = {"event": "Order Completed", "userId": user, "timestamp": stamp(at), "properties": said}
    return at, ORDER, user.encode(), json.dumps(call).encode()


def hoard() -> Row:
    """A cart too large to be kept product by product."""
    at = BUSY.start + DAY
    products = [{"product_id": f"{number:060}", "price": 1} for number in range(150)]
    call = {"event": "Cart Updated", "userId": "hoarder", "timestamp": stamp(at), "properties": {"products": products}}
    return at, CART, b"hoarder", json.dumps(call).encode()


@pytest.fixture(scope="module")
def shop() -> Said:
    same = (None, 0, None, b"no JSON, twice")
    return said([[*sorted([*Shop(SHOP), *splurge(), *regulars(), hoard()], key=lambda row: row[0] or 0), same, same]])


@pytest.fixture(scope="module")
def example() -> Said:
    return said(Segment([str(EVENTS)], load({}).shop))


@pytest.mark.parametrize("topic", TOPICS)
def test_every_output_of_a_simulated_shop_is_as_told(topic: str, shop: Said) -> None:
    assert shop[topic]
    assert faults(topic, shop[topic]) == []


@pytest.mark.parametrize("topic", TOPICS)
def test_every_output_of_the_example_is_as_told(topic: str, example: Said) -> None:
    assert faults(topic, example[topic]) == []


@pytest.mark.parametrize("topic", TOPICS)
def test_every_kind_and_every_field_occurred(topic: str, shop: Said, example: Said) -> None:
    """So that the two tests above have seen what the schema tells."""
    schema = json.loads(text(f"{topic}.json"))
    messages = shop[topic] + example[topic]
    kind = schema["properties"]["kind"]
    assert {message["kind"] for message in messages} == set(kind.get("enum", [kind.get("const")]))
    delivery = {"endpoint", "attempts", "status"} if topic == "dead-letters" else set()  # `kairos act` writes those
    assert {name for message in messages for name in message} == schema["properties"].keys() - delivery


def faults(topic: str, messages: list[dict[str, Any]]) -> list[str]:
    """What the file says of them, and what AsyncAPI says: both must see the same."""
    strict, older = judge(f"{topic}.json", closed=True), asyncapi_judge(TOPICS[topic].__name__)
    assert all(older.is_valid(message) for message in messages)
    return [f"{error.json_path}: {error.message}" for message in messages for error in strict.iter_errors(message)]


@pytest.mark.parametrize(
    ("topic", "field", "value"),
    [
        ("user-tags", "kind", "left"),
        ("user-tags", "id", "48198011"),
        ("user-tags", "since", "2026-01-01"),
        ("churn-alerts", "overdue_ratio", None),
        ("churn-alerts", "currency", ""),
        ("cart-abandonments", "value", -1),
        ("cart-abandonments", "products", [{"product_id": 5, "quantity": 1}]),
        ("dead-letters", "code", "unheard_of"),
    ],
)
def test_what_is_not_as_told_is_seen(topic: str, field: str, value: Any, example: Said) -> None:
    message = example[topic][0] | {field: value}
    assert faults_of_one(topic, message)
    assert not asyncapi_judge(TOPICS[topic].__name__).is_valid(message)


def faults_of_one(topic: str, message: dict[str, Any]) -> list[str]:
    return [error.message for error in judge(f"{topic}.json").iter_errors(message)]


def test_what_a_kind_always_has_is_required(example: Said) -> None:
    (trigger, *_) = (message for message in example["cart-abandonments"] if message["kind"] == "triggered")
    del trigger["expires_at"]
    assert faults_of_one("cart-abandonments", trigger) == ["'expires_at' is a required property"]
