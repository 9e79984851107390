"""What each name of the contract means, as typed events."""

from __future__ import annotations

from typing import Any

import pytest

from models.decoding.segment import NAMES
from models.kernel.events import (
    CART,
    CLICKSTREAM,
    ORDER,
    Added,
    Amended,
    Browsed,
    Cancelled,
    CartViewed,
    Event,
    Line,
    Ordered,
    Refunded,
    Removed,
    Replaced,
    Reviewed,
    Tick,
    Unrecognised,
)
from tests.models.messages import ABSENT, E, message, read, track

SHOES: dict[str, Any] = {"category": "shoes"}
BROWSED = {
    "Page Viewed": 1,
    "Product Viewed": 2,
    "Product List Viewed": 1,
    "Product Clicked": 2,
    "Products Searched": 1,
    "Product Added to Wishlist": 3,
    "Product Shared": 3,
    "Promotion Viewed": 1,
    "Promotion Clicked": 1,
}
P1: dict[str, Any] = {"product_id": "p1", "sku": "s1", "name": "n1", "price": 59.9, "quantity": 2}
LINES: dict[str, Any] = {"products": [P1, {"sku": "s2", "price": 1.005}, {"name": "n3", "quantity": 7}, {}]}
NAMED = (Line("p1", 2, None, "", "s1"), Line("s2", 1, None, "", "s2"), Line("n3", 7))
"""The products of an order with `LINES`: of the last nothing is said."""
STRANGE: dict[str, Any] = {
    "products": [
        {"product_id": 71, "variant": "red"},
        {"product_id": [], "sku": {"a": 1}, "name": "n", "variant": {}},
        {"product_id": True, "variant": "blue"},
        {"sku": None, "name": []},
    ]
}
READ = (Line("71", 1, None, "red"), Line("n", 1), Line("", 1, None, "blue"))

CASES: list[tuple[str, dict[str, Any], Event]] = [
    *((name, SHOES, Browsed("shoes", weight)) for name, weight in BROWSED.items()),
    *((name, {"category": none}, Browsed()) for name in BROWSED for none in ("", None)),
    ("Product Viewed", SHOES | {"product_id": "p1"}, Browsed("shoes", 2, "p1")),
    ("Product Clicked", {"product_id": "p1"}, Browsed("", 0, "p1")),
    ("Product Clicked", {"product_id": "", "sku": "s"}, Browsed()),
    ("Product List Viewed", {"product_id": 5}, Browsed()),
    ("Products Searched", {"query": "x", "results_count": 0}, Browsed()),
    ("Product Reviewed", {"rating": 4.5, "lang": "de", **SHOES}, Reviewed("shoes", "", 4.5, "de")),
    ("Product Reviewed", {"review_body": "很好" * 200, "product_id": "p1"}, Reviewed("", "p1", text="很好" * 200)),
    ("Product Reviewed", {"review_body": ["no text"], "product_id": 5}, Reviewed()),
    ("Product Reviewed", {"category": None}, Reviewed()),
    ("Product Added", P1 | SHOES | {"cart_id": "c7"}, Added("c7", (Line("p1", 2, 5990, "", "s1"),), "shoes")),
    ("Product Added", {}, Added("default", (Line("", 1, None),))),
    ("Product Added", {"sku": "s", "price": 1, "currency": "USD"}, Added("default", (Line("s", 1, 725, "", "s"),))),
    ("Product Added", {"product_id": "", "name": "n", "currency": "XXX"}, Added("default", (Line("n", 1, None),))),
    ("Product Added", {"product_id": "p", "variant": "red"}, Added("default", (Line("p", 1, None, "red"),))),
    (
        "Product Removed",
        P1 | {"quantity": 2.0, "cart_id": ""},
        Removed("default", (Line("p1", 2, 5990, "", "s1"),)),
    ),
    ("Product Removed", {"product_id": "p", "quantity": 0}, Removed("default", (Line("p", 0, None),))),
    ("Cart Updated", {"products": []}, Replaced("default", ())),
    (
        "Cart Updated",
        LINES | {"cart_id": "c"},
        Replaced("c", (Line("p1", 2, 5990, "", "s1"), Line("s2", 1, 100, "", "s2"), Line("n3", 7), Line("", 1))),
    ),
    ("Cart Viewed", {"cart_id": "c", "products": 5}, CartViewed("c")),
    ("Checkout Started", {"order_id": "o", "value": "x"}, CartViewed("default", True)),
    ("Order Completed", {"order_id": "o", "revenue": 9.99, "total": 12}, Ordered("o", 999, True)),
    ("Order Completed", {"order_id": "o", "revenue": None, "total": 12}, Ordered("o", 1200, True)),
    ("Order Completed", {"order_id": "o", "revenue": 0, "cart_id": "c"}, Ordered("o", 0, True, "c")),
    ("Order Completed", LINES | {"order_id": "o"}, Ordered("o", 12080, lines=NAMED)),  # 119.80 + 1.005: half to even
    (
        "Order Completed",
        LINES | {"order_id": "o", "currency": "JPY"},
        Ordered("o", 559, lines=NAMED),
    ),  # 120.805 × .0463
    ("Order Completed", STRANGE | {"order_id": "o", "revenue": 1}, Ordered("o", 100, True, lines=READ)),
    ("Order Completed", {"order_id": "o"}, Ordered("o", 0)),
    ("Order Completed", {"order_id": "o", "revenue": 5, "coupon": "XMAS"}, Ordered("o", 500, True, "", True)),
    ("Order Completed", {"order_id": "o", "revenue": 5, "discount": 0.01}, Ordered("o", 500, True, "", True)),
    ("Order Completed", {"order_id": "o", "revenue": 5, "coupon": "", "discount": 0}, Ordered("o", 500, True)),
    (
        "Order Completed",
        {"order_id": "o", "products": [{}, {"price": 5, "coupon": "X"}]},
        Ordered("o", 500, False, "", True),
    ),
    ("Order Updated", {"order_id": "o", "coupon": "X"}, Amended("o", None, False, "", True)),
    ("Order Refunded", {"refund_id": "r", "coupon": 5, "discount": "x"}, Refunded("r")),
    ("Order Updated", {"order_id": "o", "total": 5, "currency": "usd"}, Amended("o", 3625, True)),
    ("Order Refunded", {"refund_id": "r", "order_id": "o", "total": 5}, Refunded("r", "o", 500)),
    ("Order Refunded", {"refund_id": "r", "products": [P1]}, Refunded("r", "", 11980)),
    (
        "Order Refunded",
        {"refund_id": "r", "order_id": "o", "products": [], "currency": "XXX"},
        Refunded("r", "o", None),
    ),
    ("Order Cancelled", {"order_id": "o", "revenue": "x"}, Cancelled("o")),
    ("Consent Updated", {"channel": "email", "granted": False, **SHOES}, Browsed()),
    ("Unsubscribed", SHOES, Browsed()),
    ("Subscribed", {"products": 5}, Browsed()),
]


@pytest.mark.parametrize(("name", "properties", "event"), CASES)
def test_meaning(name: str, properties: dict[str, Any], event: Event) -> None:
    record = read(track(name, **properties))
    assert (record.event, record.rejected, record.e, record.cut) == (event, None, E, 0)


def test_every_name_is_tried() -> None:
    assert {name for name, _, _ in CASES} | {"User Erased"} == set(NAMES)


def test_roles_go_by_name() -> None:
    assert all(read(track(name, **properties)).role == NAMES[name].role for name, properties, _ in CASES)
    by_role = {role: {name for name, call in NAMES.items() if call.role == role} for role in (CLICKSTREAM, CART, ORDER)}
    assert by_role[CLICKSTREAM] == {
        *(*BROWSED, "Product Reviewed"),
        *("Consent Updated", "Unsubscribed", "Subscribed", "User Erased"),
    }
    assert by_role[ORDER] == {"Order Completed", "Order Updated", "Order Refunded", "Order Cancelled"}
    assert len(by_role[CART]) == 5


@pytest.mark.parametrize(
    ("top", "event"),
    [
        ({"event": None, "type": "page", "properties": SHOES}, Browsed("shoes", 1)),
        ({"event": ABSENT, "type": "page", "properties": SHOES}, Browsed("shoes", 1)),
        ({"event": "", "type": "page", "properties": None}, Browsed()),
        ({"event": "Viewed Home", "type": "page", "properties": ABSENT}, Browsed()),
        ({"event": ABSENT, "type": "page", "properties": {"event": "Product Added"}}, Browsed()),
        ({"event": "Product Viewed", "type": "page", "properties": SHOES}, Browsed("shoes", 2)),
        ({"event": "Product Viewed", "type": 5, "properties": ABSENT}, Browsed()),
        ({"event": "product viewed"}, Browsed()),
        ({"event": "product viewed", "type": "page", "properties": SHOES}, Browsed("shoes", 2)),
        ({"event": ABSENT, "type": "screen", "properties": SHOES}, Browsed("shoes", 1)),
        ({"event": "Wheel Spun", "properties": "whatever"}, Unrecognised("Wheel Spun")),
        ({"event": None, "type": "identify"}, Browsed()),
        ({"event": ABSENT, "type": "Identify", "traits": 5, "properties": SHOES}, Browsed()),
        ({"event": "Wheel Spun", "type": "identify", "traits": {"plan": "x"}}, Browsed()),
        ({"event": None, "type": "survey"}, Unrecognised("survey")),
        ({"event": ABSENT, "type": "kairos.tick", "userId": 5, "properties": 5}, Tick()),
        ({"event": "", "type": "kairos.tick"}, Tick()),
    ],
)
def test_the_name_decides_then_the_type(top: dict[str, Any], event: Event) -> None:
    record = read(message(**top))
    assert (record.event, record.rejected, record.role) == (event, None, CLICKSTREAM)
    assert record.shopper == ("" if event == Tick() else "u42")


def test_an_escaped_key_is_the_same_key() -> None:
    escaped = message("Order Cancelled", type="page", properties={"order_id": "o"}).replace(
        b'"event"', b'"\\u0065vent"'
    )
    assert read(escaped).event == Cancelled("o")


@pytest.mark.parametrize("name", sorted(NAMES))
def test_null_is_absent_and_the_unknown_is_ignored(name: str) -> None:
    plain = {"order_id": "o", "refund_id": "r", "products": []} if name != "Product Added" else {}
    nulls = dict.fromkeys(
        (
            "cart_id",
            "price",
            "quantity",
            "currency",
            "category",
            "revenue",
            "total",
            "results_count",
            "rating",
            "lang",
            "sku",
        )
    )
    strange = {"brand": 5, "affiliation": [[{}]], "x": None, "": {}}
    bare = read(track(name, **plain))
    rich = read(
        message(name, properties={**plain, **nulls, **strange}, integrations=[1], version=5, originalTimestamp={})
    )
    assert rich == bare


def test_an_update_that_says_nothing_about_money_leaves_the_amount() -> None:
    call = b'{"messageId":"m","event":"Order Updated","userId":"u","timestamp":"2026-01-01T00:00:00Z","properties":%b}'
    assert read(call % b'{"order_id":"o1"}').event == Amended("o1", None)
    assert read(call % b'{"order_id":"o1","products":[]}').event == Amended("o1", None)
    assert read(call % b'{"order_id":"o1","products":[{"price":2}]}').event == Amended("o1", 200)
    assert read(call % b'{"order_id":"o1","revenue":0}').event == Amended("o1", 0, stated=True)
