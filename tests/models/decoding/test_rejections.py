"""Rejections: which bad input gets which code, and what is left of an order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from models.kernel.events import Ordered
from tests.models.messages import ABSENT, AT, LINE, LONG, E, code, message, order, read, track

NOT_JSON: list[bytes | None] = [
    None,
    b"",
    b" ",
    b"hello",
    b"\x00",
    message()[:-1],
    message() + b"x",
    b"\xef\xbb\xbf" + message(),
    message().decode().encode("utf-16"),
    message(userId="\ud800"),
    message(context={"x": "\udc00"}),
    message().replace(b"u42", b"\xff"),
    message().replace(b"u42", b"a\x00b"),
    track("Product Added", price=float("nan")),
    track("Product Added", price=float("inf")),
    track("Product Added", cart_id="?").replace(b"?", b"\xc3\x28"),
    b"null",
    b"5",
    b'"x"',
    b"[]",
    b"[1,",
    message(x=1).replace(b": 1", b": " + b"[" * 300 + b"]" * 300),
    b"[" * 100_000,
    b'{"a":' * 40_000,
]


@pytest.mark.parametrize("value", NOT_JSON)
def test_not_json(value: bytes | None) -> None:
    record = read(value)
    assert code(record) == "not_json"
    assert record.event is None


WRONG_TYPE = [
    *(message(userId=wrong) for wrong in (["u"], {}, True, 2.5)),
    message(userId=None, anonymousId={}),
    message(event=5),
    message(event=None, type=["page"]),
    message(event=None, type=ABSENT),
    message(event="", type=""),
    *(track("Product Added", quantity=q) for q in (-1, -0.5, True, {}, "many", "1e3")),
    track("Product Added", quantity=5).replace(b"5}", b"1e999}"),
    track("Product Added", quantity=5).replace(b"5}", b"1" * 5000 + b"}"),
    *(track(name, cart_id={}) for name in ("Product Added", "Checkout Started", "Cart Viewed")),
    *(message("Product Added", properties=wrong) for wrong in (5, "x", [5])),
    track("Cart Updated", products=5),
    track("Cart Updated", products=[None]),
    track("Cart Updated", products=["p"]),
    track("Cart Updated", products=[LINE, LINE | {"quantity": "one"}]),
    track("Cart Updated"),
    *(track("Order Refunded", refund_id="r", total=wrong) for wrong in ("five", -5, {}, True)),
    track("Order Refunded", refund_id="r", order_id={}),
    track("Order Refunded", refund_id="r", products=[LINE | {"price": -1}]),
    track("Order Cancelled", order_id={}),
    track("Order Updated", order_id={}, revenue=5),
]


@pytest.mark.parametrize("value", WRONG_TYPE)
def test_wrong_type(value: bytes) -> None:
    record = read(value)
    assert (code(record), record.event, record.e) == ("wrong_type", None, E)


OTHERS = {
    "missing_id": [
        message(userId=ABSENT, anonymousId=ABSENT),
        message(userId="", anonymousId=None),
        message(userId="undefined", anonymousId="NULL"),
        *(
            track(name, order_id=none)
            for name in ("Order Updated", "Order Cancelled")
            for none in ("", None, [], " ", "undefined", 0)
        ),
        track("Order Refunded", total=5),
        message("Order Cancelled", properties=None),
        message("Wheel Spun", userId=None, anonymousId=""),
    ],
    "too_large": [
        message(userId=LONG),
        message(userId=None, anonymousId=LONG),
        message("Wheel Spun", userId=LONG),
        track("Product Added", cart_id=LONG),
        track("Checkout Started", cart_id=LONG),
        track("Order Refunded", refund_id=LONG),
        track("Order Refunded", refund_id="r", order_id=LONG),
        track("Cart Updated", products=[LINE] * 201),
        message(context="x" * 256 * 1024),
        b"[" * (256 * 1024 + 1),
    ],
    "absurd_quantity": [
        track("Product Added", quantity=100_001),
        track("Product Removed", quantity=1e16),
        track("Product Added", quantity=10**30),
        track("Product Added", quantity=10**500),
        track("Product Added", quantity=1e300),
        track("Cart Updated", products=[LINE, LINE | {"quantity": 10**16}]),
        track("Order Refunded", refund_id="r", products=[LINE | {"quantity": 10**16}]),
    ],
    "unknown_currency": [
        track("Order Refunded", refund_id="r", total=1, currency="EUR"),
    ],
    "not_supported": [track("User Erased")],
}


@pytest.mark.parametrize(("expected", "value"), [(name, value) for name, values in OTHERS.items() for value in values])
def test_other_codes(expected: str, value: bytes) -> None:
    record = read(value)
    assert (code(record), record.event) == (expected, None)


SALVAGED = {
    "wrong_type": [
        order(revenue="nine"),
        order(revenue=-1),
        order(total=True),
        order(products=[LINE | {"price": -5}]),
        order(products=[5]),
        order(revenue=5, currency={}),
        order(revenue=1e300),
    ],
    "absurd_quantity": [order(products=[LINE | {"quantity": 10**16}])],
    "unknown_currency": [order(revenue=1, currency="EUR"), order(products=[LINE], currency="EUR")],
    "too_large": [order(products=[LINE] * 201), order(products=[5] * 201, revenue="x")],
}


@pytest.mark.parametrize(
    ("expected", "value"), [(name, value) for name, values in SALVAGED.items() for value in values]
)
@pytest.mark.parametrize("name", ["Order Completed", "Order Updated"])
def test_an_order_whose_money_is_wrong_still_happened(name: str, expected: str, value: bytes) -> None:
    record = read(value.replace(b"Order Completed", name.encode()))
    event: Any = record.event
    assert code(record) == expected
    assert type(event).__name__ == {"Order Completed": "Ordered", "Order Updated": "Amended"}[name]
    assert (event.order, event.amount, event.stated, event.cart) == ("o", None, False, "")
    assert (record.e, record.shopper, record.role, record.identified) == (E, "u42", 2, True)


def test_a_salvaged_order_keeps_its_cart() -> None:
    event: Any = read(order(revenue="nine", cart_id="c7")).event
    assert event.cart == "c7"


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        *(("missing_id", order(order_id=none)) for none in ("", None, [], "undefined", 0)),
        ("missing_id", message("Order Completed", properties=None)),
        ("missing_id", message("Order Completed", properties=[])),
        ("missing_id", message("Order Completed", properties=5)),
        ("wrong_type", order(order_id={}, revenue=5)),
        ("too_large", order(order_id=LONG)),
    ],
)
def test_an_order_without_a_readable_id_still_closes_carts(expected: str, value: bytes) -> None:
    record = read(value)
    assert code(record) == expected
    assert record.event == Ordered("", None)
    assert (record.e, record.shopper, record.identified) == (E, "u42", True)


def test_the_last_of_duplicate_keys_counts() -> None:
    twice = message("Order Cancelled").replace(b'"properties": {}', b'"properties": {"order_id": "a", "order_id": "b"}')
    assert json.loads(twice)["properties"] == {"order_id": "b"}
    event: Any = read(twice).event
    assert event.order == "b"
    assert AT.encode() in twice
