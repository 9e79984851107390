"""Rejections: which bad input gets which code, and what is left of an order."""

from __future__ import annotations

import json
from typing import Any

import pytest

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
    track("Product Added", category="?").replace(b"?", b"\xc3\x28"),
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
    message(userId=5),
    message(userId=["u"]),
    message(anonymousId=5),
    message(messageId=5),
    message(event=5),
    message(event=None, type=["page"]),
    message(event=None, type=ABSENT),
    message(event="", type=""),
    message("Product Viewed", properties=5),
    message("Product Viewed", properties=[]),
    message(None, type="page", properties="x"),
    track("Product Viewed", category=5),
    *(track("Product Added", quantity=q) for q in (-1, 2.5, "2", True, [], -0.5)),
    *(track("Product Removed", price=p) for p in (-0.01, "1", True, {})),
    track("Product Added", price=5).replace(b"5}", b"1e999}"),
    track("Product Added", price=5).replace(b"5}", b"1" * 5000 + b"}"),
    track("Product Added", quantity=5).replace(b"5}", b"1e999}"),
    track("Product Added", price=1e14),
    track("Product Added", cart_id=5),
    track("Product Added", product_id=5),
    track("Product Added", currency=5, price=1),
    track("Cart Updated", products=5),
    track("Cart Updated", products=[None]),
    track("Cart Updated", products=[LINE, LINE | {"quantity": "1"}]),
    track("Cart Updated"),
    track("Products Searched", results_count="3"),
    track("Product Reviewed", rating="5"),
    track("Order Refunded", refund_id="r", total="5"),
    track("Order Refunded", refund_id="r", order_id=5),
    track("Order Cancelled", order_id=5),
    track("Order Completed", order_id=5),
]


@pytest.mark.parametrize("value", WRONG_TYPE)
def test_wrong_type(value: bytes) -> None:
    record = read(value)
    assert (code(record), record.event, record.e) == ("wrong_type", None, E)


OTHERS = {
    "missing_id": [
        message(userId=ABSENT, anonymousId=ABSENT),
        message(userId="", anonymousId=None),
        *(
            track(name, order_id=none)
            for name in ("Order Completed", "Order Updated", "Order Cancelled")
            for none in ("", None)
        ),
        track("Order Refunded", order_id="o"),
        message("Order Completed", properties=None),
        message("Order Completed", properties=5),
        message("Wheel Spun", userId=None, anonymousId=""),
    ],
    "too_large": [
        *(message(**{name: LONG}) for name in ("userId", "anonymousId", "messageId")),
        message("Wheel Spun", userId=LONG),
        track("Product Added", cart_id=LONG),
        track("Checkout Started", cart_id=LONG),
        track("Order Completed", order_id=LONG),
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
        track("Product Added", price=1, currency="EUR"),
        track("Cart Updated", products=[LINE], currency="EUR"),
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
        order(revenue="9"),
        order(revenue=-1),
        order(total=True),
        order(revenue=1, products=[LINE | {"quantity": 2.5}]),
        order(products=[5]),
        order(currency=5),
        order(revenue=1e300),
        order(cart_id=5),
    ],
    "absurd_quantity": [order(revenue=1, products=[LINE | {"quantity": 10**16}])],
    "unknown_currency": [order(revenue=1, currency="EUR"), order(currency="EUR")],
    "too_large": [order(products=[LINE] * 201), order(products=[5] * 201, revenue="x"), order(cart_id=LONG)],
}


@pytest.mark.parametrize(
    ("expected", "value"), [(name, value) for name, values in SALVAGED.items() for value in values]
)
@pytest.mark.parametrize("name", ["Order Completed", "Order Updated"])
def test_an_order_whose_money_is_wrong_still_happened(name: str, expected: str, value: bytes) -> None:
    record = read(value.replace(b"Order Completed", name.encode()))
    event: Any = record.event
    if name == "Order Updated" and b'"properties": {"order_id": "o", "currency": "EUR"}' in value:
        assert record.rejected is None  # it says nothing about money
        return
    assert code(record) == expected
    assert type(event).__name__ == {"Order Completed": "Ordered", "Order Updated": "Amended"}[name]
    assert (event.order, event.amount, event.stated, event.cart) == ("o", None, False, "")
    assert (record.e, record.shopper, record.role, record.identified) == (E, "u42", 2, True)


def test_a_salvaged_order_keeps_its_cart() -> None:
    event: Any = read(order(revenue="9", cart_id="c7")).event
    assert event.cart == "c7"


def test_the_last_of_duplicate_keys_counts() -> None:
    twice = message("Order Cancelled").replace(b'"properties": {}', b'"properties": {"order_id": "a", "order_id": "b"}')
    assert json.loads(twice)["properties"] == {"order_id": "b"}
    event: Any = read(twice).event
    assert event.order == "b"
    assert AT.encode() in twice
