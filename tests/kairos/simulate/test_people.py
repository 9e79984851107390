"""What single shoppers do: they log in, have habits, want their money back."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kairos.simulate.places import PLACES
from kairos.simulate.settings import BUSY, START
from kairos.simulate.shop import Shop
from models.kernel.settings import DAY, HOUR

OFFSETS = {place.zone: place.offset for place in PLACES}


@pytest.fixture(scope="module")
def calls() -> list[tuple[int, str, dict[str, Any]]]:
    """Event time, key and call of 90 days of the busy shop, half of its people not known at first."""
    rows = Shop(replace(BUSY, known=0.5, end=START + 90 * DAY))
    return [(at or 0, (key or b"").decode(), msgspec.json.decode(value)) for at, _, key, value in rows]


def test_the_key_is_the_user_once_logged_in_and_the_device_before(calls: list[tuple[int, str, dict[str, Any]]]) -> None:
    owner: dict[str, set[str]] = defaultdict(set)
    for _, key, call in calls:
        assert key == call.get("userId", call["anonymousId"])
        if "userId" in call:
            owner[call["anonymousId"]].add(call["userId"])
    anonymous = {key for _, key, call in calls if "userId" not in call}
    assert {len(users) for users in owner.values()} == {1}
    assert len(anonymous & owner.keys()) > 100  # first by their device alone, later by both


def test_nobody_orders_without_logging_in(calls: list[tuple[int, str, dict[str, Any]]]) -> None:
    assert all("userId" in call for _, _, call in calls if call.get("event", "").startswith("Order"))


def test_everything_a_shop_reports_is_there(calls: list[tuple[int, str, dict[str, Any]]]) -> None:
    found = Counter(call.get("event", call["type"]) for _, _, call in calls)
    wanted = {
        "page", "Product List Viewed", "Products Searched", "Product Clicked", "Product Viewed", "Product Added",
        "Product Added to Wishlist", "Product Removed", "Cart Viewed", "Checkout Started", "Order Completed",
        "Order Updated", "Order Cancelled", "Order Refunded", "Product Reviewed", "Signed In",
    }  # fmt: skip
    assert wanted <= found.keys()


def test_an_order_holds_what_was_put_into_its_cart(calls: list[tuple[int, str, dict[str, Any]]]) -> None:
    carts: dict[str, Counter[str]] = defaultdict(Counter)
    checked = 0
    for _, _, call in calls:
        name, data = call.get("event"), call.get("properties", {})
        if name in {"Product Added", "Product Removed"}:
            sign = 1 if name == "Product Added" else -1
            carts[data["cart_id"]][data["product_id"]] += sign * data["quantity"]
        elif name == "Order Completed":
            ordered: Counter[str] = Counter()
            for line in data["products"]:
                ordered[line["product_id"]] += line["quantity"]
            assert ordered == +carts[data["cart_id"]]
            total = sum(line["price"] * line["quantity"] for line in data["products"])
            assert round(data["revenue"] + data.get("discount", 0), 2) == round(total, 2)
            assert ("discount" in data) == ("coupon" in data)
            checked += 1
    assert checked > 500


def test_nights_are_quiet_where_people_live(calls: list[tuple[int, str, dict[str, Any]]]) -> None:
    hours = Counter((at + OFFSETS[call["context"]["timezone"]]) % DAY // HOUR for at, _, call in calls)
    assert len({call["context"]["timezone"] for _, _, call in calls}) == len(PLACES)
    assert 5 * sum(hours[hour] for hour in range(2, 5)) < sum(hours[hour] for hour in range(18, 21))


def test_people_keep_to_a_channel_and_a_few_categories(calls: list[tuple[int, str, dict[str, Any]]]) -> None:
    visits: dict[str, list[tuple[str, str]]] = defaultdict(list)
    last: dict[str, int] = {}
    for at, key, call in calls:
        if call.get("event") == "Product Viewed":
            if at - last.get(key, 0) > HOUR:
                medium = call["context"]["campaign"]["medium"]
                visits[key].append((medium, call["properties"]["category"]))
            last[key] = at
    often = [found for found in visits.values() if len(found) >= 5]
    for habit in range(2):
        share = sum(Counter(visit[habit] for visit in found).most_common(1)[0][1] for found in often)
        assert share / sum(map(len, often)) > 0.5


def test_some_love_discounts_and_some_send_things_back(calls: list[tuple[int, str, dict[str, Any]]]) -> None:
    bought: dict[str, dict[str, bool]] = defaultdict(dict)
    refunded: Counter[str] = Counter()
    for _, key, call in calls:
        if call.get("event") == "Order Completed":
            bought[key][call["properties"]["order_id"]] = "coupon" in call["properties"]
        elif call.get("event") == "Order Refunded":
            refunded[key] += 1
    regulars = {key: orders for key, orders in bought.items() if len(orders) >= 4}
    coupons = [sum(orders.values()) / len(orders) for orders in regulars.values()]
    assert 0.05 < sum(share >= 0.75 for share in coupons) / len(coupons) < 0.3
    assert any(refunded[key] >= 3 for key in regulars)
    assert sum(refunded[key] == 0 for key in regulars) > len(regulars) / 2
