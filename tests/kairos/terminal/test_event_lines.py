"""A record of an input as `kairos tail` shows it: when, what, who, the main fact; whatever bytes it is made of."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from kairos.terminal.event_lines import EventLines
from models.decoding.segment import NAMES
from models.features import ShopSettings
from tests.kairos.terminal.hostile import ALL, harmless, spelt

AT = "2026-11-21T10:15:00.250Z"
RECORDED = 1_795_256_100_250


def line(value: bytes | None, settings: ShopSettings | None = None) -> str:
    out = io.StringIO()
    EventLines(settings or ShopSettings()).show(Console(file=out, width=60), value, RECORDED)
    return out.getvalue()


def call(event: str, **properties: Any) -> bytes:
    known = {"type": "track", "event": event, "userId": "u42", "messageId": "m1", "timestamp": AT}
    return json.dumps(known | {"properties": properties}).encode()


@pytest.mark.parametrize(
    ("value", "kind", "fact"),
    [
        (call("Product Viewed", product_id="p1", category="shoes"), "Product Viewed", "p1 in shoes"),
        (call("Products Searched", category="shoes"), "Products Searched", "shoes"),
        (call("Product Reviewed", product_id="p1", rating=4, review_body="good"), "Product Reviewed", "p1, rating 4"),
        (call("Product Reviewed", category="shoes"), "Product Reviewed", "shoes"),
        (call("Promotion Viewed"), "Promotion Viewed", ""),
        (
            call("Product Added", product_id="p1", cart_id="c7", price=59.9, quantity=2),
            "Product Added",
            "2 x p1 at USD 59.90, cart c7",
        ),
        (call("Product Removed", sku="s1"), "Product Removed", "1 x s1, cart default"),
        (
            call("Cart Updated", cart_id="c7", products=[{"product_id": "p1"}, {"quantity": 0}]),
            "Cart Updated",
            "1 x p1, 0 x unnamed product, cart c7",
        ),
        (call("Cart Updated", cart_id="c7", products=[]), "Cart Updated", "nothing, cart c7"),
        (call("Checkout Started", cart_id="c7"), "Checkout Started", "cart c7"),
        (
            call("Order Completed", order_id="o1", total=1234.5, cart_id="c7"),
            "Order Completed",
            "order o1, USD 1,234.50, cart c7",
        ),
        (call("order_completed", order_id=7, revenue="5.00"), "order_completed", "order 7, USD 5.00"),
        (call("purchase", transaction_id="T1", value=5), "purchase", "order T1, USD 5.00"),
        (call("Order Refunded", order_id="o1"), "Order Refunded", "refund, the rest of order o1"),
        (call("Page Viewed").replace(b'"event"', b'"Event"'), "track", ""),
        (call("Order Updated", order_id="o1", status="sent"), "Order Updated", "order o1, amount unchanged"),
        (
            call("Order Refunded", order_id="o1", refund_id="r1", total=5),
            "Order Refunded",
            "refund r1, USD 5.00 of order o1",
        ),
        (call("Order Refunded", refund_id="r1"), "Order Refunded", "refund r1, the rest of no order named"),
        (call("Order Cancelled", order_id="o1"), "Order Cancelled", "order o1"),
        (call("Signed In"), "Signed In", "not in the contract"),
    ],
)
def test_what_happened(value: bytes, kind: str, fact: str) -> None:
    assert line(value) == f"2026-11-21T10:15:00Z  {kind:<34} {'u42':<16} {fact}\n"


def test_every_event_of_the_contract_is_called_by_its_name() -> None:
    properties = {"order_id": "o1", "refund_id": "r1", "products": []}
    shown = {event: line(call(event, **properties))[22:57].strip() for event in NAMES}
    assert shown.pop("User Erased") == "refused not_supported"
    assert shown == {event: event for event in shown}


def test_pages_and_ticks_have_no_name() -> None:
    page = json.dumps({"type": "page", "anonymousId": "a9", "timestamp": AT}).encode()
    assert line(page).split() == ["2026-11-21T10:15:00Z", "page", "a9"]
    tick = json.dumps({"type": "kairos.tick", "timestamp": AT}).encode()
    assert line(tick).split()[:3] == ["2026-11-21T10:15:00Z", "tick", "-"]


def test_amounts_are_of_the_shops_currency() -> None:
    assert "order o1, JPY 1,234\n" in line(
        call("Order Completed", order_id="o1", total=1234), ShopSettings(currency="jpy")
    )


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (None, "not_json", "the record has no value: \n"),
        (b"", "not_json", ": \n"),
        (b"\xff\x1b[2J", "not_json", ": \\xff\\x1b[2J\n"),
        (b"[1]", "not_json", "the message is not a JSON object: [1]\n"),
        (call("Product Added", quantity=10**7), "absurd_quantity", "a quantity is over 100000: 10000000: {"),
        (call("Order Completed", order_id="o1", total=-1), "wrong_type", ""),
        (call("Page Viewed").replace(b"u42", b""), "missing_id", "neither userId nor anonymousId: {"),
    ],
)
def test_what_cannot_be_used_says_why_and_how_it_begins(value: bytes | None, kind: str, shown: str) -> None:
    text = line(value)
    assert text[22:57].strip() == f"refused {kind}"
    assert shown in text
    assert text.count("\n") == 1
    assert len(text) < 250
    assert harmless(text)


@pytest.mark.parametrize("text", ALL.values(), ids=ALL)
def test_strangers_strings_do_nothing(text: str) -> None:
    named = json.dumps({"type": "track", "event": text, "userId": text, "timestamp": AT}).encode()
    placed = call("Product Added", product_id=text, cart_id=text, category=text).replace(b"u42", b"[red]u")
    for value in (named, placed, named[:-1]):
        assert harmless(line(value))
        assert line(value).count("\n") == 1
    assert line(placed).count(spelt(text)) == 2 or text not in placed.decode()


@given(st.binary(max_size=300))
def test_any_bytes_are_one_line(value: bytes) -> None:
    assert line(value).count("\n") == 1
    assert harmless(line(value))
