"""Shoppers with more orders and carts than a profile lists: what `replay --local` says of them in the end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.acting import AT_ONCE
from tests.conftest import Run

MARCH = "2026-03-{:02}T{:02}:00:00Z"


def call(event: str, user: str, timestamp: str, message: str, **properties: Any) -> dict[str, Any]:
    named = {"messageId": message, "type": "track", "event": event, "userId": user, "timestamp": timestamp}
    return named | {"properties": properties}


@pytest.fixture
def replayed(run: Run, tmp_path: Path) -> Any:
    """Replays calls until long after; returns the report, profiles by shopper, and outputs."""

    def replay(calls: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
        file, dumped = tmp_path / "calls.jsonl", tmp_path / "dump.jsonl"
        file.write_text("".join(json.dumps(one) + "\n" for one in calls))
        until = ("--until", "2026-12-01T00:00Z")
        report = json.loads(
            run("replay", "--local", str(file), "--json", "--dump", str(dumped), *until, **AT_ONCE).stdout
        )
        lines = [json.loads(line) for line in dumped.read_text().splitlines()]
        profiles = {line["user"]: line["profile"] for line in lines if "profile" in line}
        return report, profiles, [line["message"] for line in lines if "message" in line]

    return replay


def orders(user: str, count: int) -> list[dict[str, Any]]:
    """One a day."""
    return [
        call("Order Completed", user, MARCH.format(n + 1, 10), f"{user}-o{n}", order_id=f"{user}-{n}", revenue=100)
        for n in range(count)
    ]


def test_refunds_and_cancellations_of_old_orders_lower_the_totals(replayed: Any) -> None:
    calls = [one for user, count in (("few", 16), ("many", 20), ("cancels", 20)) for one in orders(user, count)]
    for user in ("few", "many", "cancels"):
        for n in range(4):
            message, when, order = f"{user}-r{n}", MARCH.format(22, 11), f"{user}-{n}"
            if user == "cancels":
                calls.append(call("Order Cancelled", user, when, message, order_id=order))
            else:
                calls.append(
                    call("Order Refunded", user, when, message, refund_id=message, order_id=order, revenue=100)
                )
    _, profiles, _ = replayed(sorted(calls, key=lambda one: one["timestamp"]))
    found = {user: (p["buyer"]["orders"], p["buyer"]["valid"], p["buyer"]["net"]) for user, p in profiles.items()}
    assert found == {"few": (16, 12, 120_000), "many": (20, 16, 160_000), "cancels": (20, 16, 160_000)}


def test_refunds_of_old_orders_push_no_newer_one_out(replayed: Any) -> None:
    calls = orders("u1", 24)
    for n in range(16):
        message = f"r{n}"
        calls.append(
            call("Order Refunded", "u1", MARCH.format(25, n), message, refund_id=message, order_id=f"u1-{n}", revenue=1)
        )
    again = call("Order Completed", "u1", MARCH.format(26, 0), "again", order_id="u1-22", revenue=100)
    report, profiles, _ = replayed([*calls, again])
    assert (report["orders"], report["duplicates"]) == (24, 1)
    assert profiles["u1"]["buyer"]["net"] == 24 * 10_000 - 16 * 100


def test_a_cart_too_many_ends_with_a_message(replayed: Any) -> None:
    calls = [
        call("Product Added", "u1", MARCH.format(1, n + 1), f"a{n}", cart_id=f"c{n}", product_id="p1", price=10)
        for n in range(9)
    ]
    order = call("Order Completed", "u1", MARCH.format(1, 12), "o", order_id="o", revenue=10)
    _, _, said = replayed([*calls, order])
    ends = {m["cart_id"]: m["kind"] for m in said if m.get("kind") in ("recovered", "cancelled", "expired")}
    assert {m["cart_id"] for m in said if m["kind"] == "triggered"} == ends.keys() == {f"c{n}" for n in range(9)}
    assert ends == {"c0": "expired"} | {f"c{n}": "cancelled" for n in range(1, 8)} | {"c8": "recovered"}
    assert [m["reason"] for m in said if m["kind"] == "expired"] == ["given up: too many carts are open"]


@pytest.mark.parametrize("count", [1, 80, 100, 200])
def test_a_large_cart_keeps_its_count_and_value(replayed: Any, count: int) -> None:
    lines = [{"product_id": f"gid://shopify/ProductVariant/40603326873{n:03}", "price": 10} for n in range(count)]
    _, _, said = replayed([call("Cart Updated", "u1", MARCH.format(1, 10), "s", products=lines)])
    [trigger] = [m for m in said if m["kind"] == "triggered"]
    assert trigger["value"] == count * 1_000
    assert trigger["reason"] == f"{count} item{'s' * (count > 1)} left for 30 min without an order"
    assert len(trigger["products"]) + trigger.get("products_cut", 0) == count
    assert ("products_cut" in trigger) == (count > 99)
