"""events.json against the reader: what the schema accepts is no dead letter, but for what the contract lists. (What it
refuses may be read all the same: tests/models/decoding/test_tolerant.py.)"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from hypothesis import event, given, settings
from msgspec.structs import replace

from kairos.simulate.settings import BUSY, CALIBRATED
from kairos.simulate.shop import Shop
from models.decoding.decoder import Decoder
from models.features import ShopSettings
from tests.kairos.contract.judges import judge
from tests.models.decoding.test_rejections import WRONG_TYPE
from tests.models.messages import ABSENT, LONG, E, code, message, order, read, track
from tests.models.spoiled import calls

EVENTS = judge("events.json")
BEYOND = {"too_large", "absurd_quantity", "unknown_currency", "bad_timestamp", "not_json"}
"""Codes of messages that no schema refuses: by bounds and rates that are settings, by the calendar, by Unicode."""
MUCH = 10**9
"""From here on, in whole units of whichever currency, money may be too much to be an amount."""

FINE = [
    message(),
    message(None, type="page"),
    message("Wheel Spun", type="page"),
    message("Wheel Spun", properties=5),
    message(None, type="identify"),
    message(None, type="kairos.tick", userId=ABSENT, anonymousId=5, messageId=[]),
    message(type=5, context=5),
    message(userId="", anonymousId="a"),
    message(properties=None),
    message(timestamp="2026-11-21 10:15:00"),
    message(timestamp="2026-11-21T10:15:00.123456789+0800"),
    track("Product Added", quantity=2.0, price=0, product_id=None),
    track("Cart Updated", products=[]),
    order(products=None, revenue=1e10),
    track("Order Refunded", order_id="o"),
    track("Order Refunded", refund_id="r"),
    message(receivedAt="2026-11-21T10:15:00.000Z", sentAt=None),
]
NOT_FINE = [
    *(value for value in WRONG_TYPE if len(value) < 1000),  # not those with more digits than Python's own reader takes
    *(
        order(**fault)
        for fault in ({"revenue": "nine"}, {"total": -1}, {"products": [5]}, {"revenue": 5, "currency": {}})
    ),
    message(userId=ABSENT, anonymousId=""),
    message(timestamp=ABSENT),
    message(timestamp="2026-11-21"),
    message(timestamp="1989-12-31T23:59:59Z"),
    message(timestamp="2026-11-21T10:15:00+08"),
    order(order_id=""),
    track("Order Refunded", revenue=5),
    message("Order Cancelled", properties=None),
    message("User Erased"),
]


def told(value: bytes) -> bool:
    """Whether the schema accepts it."""
    return EVENTS.is_valid(json.loads(value))


def numbers(part: Any) -> Iterator[float]:
    """Every number in it."""
    if isinstance(part, (dict, list)):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from numbers(inner)
    elif isinstance(part, (int, float)):
        yield part


def much(part: Any) -> bool:
    """Whether an amount in it may be too large, stated or summed up."""
    found = sorted(map(abs, numbers(part)))
    return any(number >= MUCH for number in found) or len(found) * math.prod(found[-2:]) >= MUCH


@pytest.mark.parametrize("value", FINE)
def test_fine(value: bytes) -> None:
    assert told(value)
    assert code(read(value)) is None


@pytest.mark.parametrize("value", NOT_FINE)
def test_not_fine(value: bytes) -> None:
    assert code(read(value)) is not None
    assert much(json.loads(value)) or not told(value)


@given(calls())
@settings(max_examples=4 * settings().max_examples)
def test_what_the_schema_accepts_is_read(value: bytes) -> None:
    if b"NaN" in value:  # no JSON
        return
    found, seen = code(read(value)), json.loads(value)
    event(str(found))
    if EVENTS.is_valid(seen):
        assert found is None or found in (BEYOND | {"wrong_type"} if much(seen) else BEYOND)


BEYOND_SCHEMAS = {
    "too_large": [message(userId=LONG), track("Cart Updated", products=[{}] * 201), message(context="x" * 256 * 1024)],
    "absurd_quantity": [track("Product Added", quantity=10**16)],
    "unknown_currency": [order(revenue=1, currency="XXX")],
    "bad_timestamp": [message(timestamp="2026-02-30T10:15:00Z"), message(timestamp="1990-01-01T00:00:00+08:00")],
    "not_json": [message(userId="\ud800"), message(x=1).replace(b": 1", b": " + b"[" * 300 + b"]" * 300)],
    "wrong_type": [order(**money) for money in ({"revenue": 1e14}, {"products": [{"price": 1e9, "quantity": 10**5}]})],
}


@pytest.mark.parametrize(
    ("refused", "value"), [(name, value) for name, values in BEYOND_SCHEMAS.items() for value in values]
)
def test_what_no_schema_says(refused: str, value: bytes) -> None:
    """The list in docs/contract.md, under Schemas."""
    assert told(value)
    assert code(read(value)) == refused


@pytest.mark.parametrize("preset", [CALIBRATED, BUSY])
def test_every_event_of_the_simulator_is_fine(preset: Any) -> None:
    values = [value for _, _, _, value in islice(Shop(preset), 0, 10_000, 20)]
    assert [error.message for value in values for error in EVENTS.iter_errors(json.loads(value))] == []
    assert {json.loads(value).get("event") for value in values} >= {"Product Added", "Order Completed", None}


def test_of_its_bad_events_the_schema_sees_what_it_can() -> None:
    reader = Decoder(ShopSettings())
    rows = [row for row in islice(Shop(replace(BUSY, bad=0.3)), 150) if row[3].endswith(b"}")]
    codes = [code(reader.read(value, E)) for _, _, _, value in rows]
    seen = {found for found, row in zip(codes, rows, strict=True) if not told(row[3])}
    unseen = {found for found, row in zip(codes, rows, strict=True) if told(row[3])}
    assert seen == {"bad_timestamp", "wrong_type", "missing_id"}
    assert unseen == {None, "absurd_quantity", "unknown_currency"}
