"""The reference's shoppers who leave carts or cannot decide, against days counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from models.kernel.settings import DAY, MINUTE
from tests.reference.by_hand import order, told, view
from tests.reference.logs import Logs


def leave(logs: Logs, *days: int) -> None:
    """A buyer, who is remembered for long, leaves carts."""
    order(logs, -1, 0)
    for day in days:
        logs.track("Product Added", "u", day * DAY, product_id="p")


HALF = 30 * MINUTE / DAY


def test_two_carts_left_within_ninety_days() -> None:
    logs = Logs()
    leave(logs, 0, 20)
    assert [(kind, day) for kind, _, day in told(logs, "cart")] == [("entered", 27 + HALF), ("exited", 90 + HALF)]
    logs = Logs()
    leave(logs, 0, 83)  # over at the same instant as the first is forgotten
    assert told(logs, "cart") == []
    logs = Logs()
    leave(logs, 0, 20, 80)
    assert [(kind, day) for kind, _, day in told(logs, "cart")] == [("entered", 27 + HALF), ("exited", 110 + HALF)]


def test_a_cart_that_was_bought_was_not_left() -> None:
    logs = Logs()
    leave(logs, 0, 20, 40)
    order(logs, 21, 1)
    order(logs, 50, 2)  # too late for the third
    assert [(kind, day) for kind, _, day in told(logs, "cart")] == [("entered", 47 + HALF), ("exited", 90 + HALF)]


def test_an_unidentified_shoppers_carts_count_too() -> None:
    logs = Logs()
    for day in (0, 20):
        logs.track("Product Added", "u", day * DAY, product_id="p", anonymous=True)
    logs.tick(28 * DAY)
    assert [kind for kind, *_ in logs.told("cart-abandonments")] == ["suppressed"] * 4  # two steps each
    assert [kind for kind, *_ in told(logs, "cart", 28)] == ["entered"]


def test_three_looks_at_one_product_within_a_week_of_each_other() -> None:
    logs = Logs()
    for day in (0, 7):
        view(logs, day, "p")
    view(logs, 8, "q", "Product Clicked")
    view(logs, 14, "p", "Product Clicked")
    view(logs, 15, "q")
    assert [(kind, day) for kind, _, day in told(logs, "hesitating")] == [("entered", 14), ("exited", 22)]


def test_looks_at_others_crowd_a_product_out() -> None:
    logs = Logs()
    for i, product in enumerate(("p", "p", "q", "r", "s", "t", "p", "p")):
        view(logs, i / 24, product)
    assert told(logs, "hesitating") == []


@pytest.mark.parametrize(
    ("event", "properties", "ends"),
    [
        ("Product Added", {"product_id": "x"}, True),
        ("Product Removed", {"product_id": "p"}, False),
        ("Cart Updated", {"products": []}, False),
        ("Cart Updated", {"products": [{"product_id": "x"}]}, True),
        ("Order Completed", {"order_id": "o1", "revenue": 1}, True),
        ("Order Updated", {"order_id": "o1", "revenue": 1}, True),
        ("Order Completed", {"order_id": "o1", "revenue": "1"}, True),
        ("Order Updated", {"order_id": "o0", "revenue": 1}, False),
        ("Order Refunded", {"order_id": "o2", "refund_id": "r"}, False),
        ("Product List Viewed", {"product_id": "p"}, False),
    ],
)
def test_who_acts_hesitates_no_more(event: str, properties: dict[str, Any], ends: bool) -> None:
    logs = Logs()
    order(logs, 0, 0)
    for day in (1, 2, 3):
        view(logs, day, "p")
    logs.track(event, "u", 4 * DAY, **properties)
    assert [(kind, day) for kind, _, day in told(logs, "hesitating")] == [("entered", 3), ("exited", 4 if ends else 10)]
