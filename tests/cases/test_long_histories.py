"""Histories longer than what a profile lists: totals and endings stay right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cases.conftest import Replay

END = "2027-12-01T00:00:00Z"


def test_refunds_of_orders_older_than_the_listed_ones_lower_net(replay: Replay) -> None:
    """Twenty orders of 100 each: the four oldest are refunded, or cancelled."""
    done = replay("refund_beyond_ring.jsonl", until=END)
    assert {user: done.profiles[user]["buyer"]["net"] for user in ("many", "dup", "cancels")} == {
        "many": 160_000,
        "dup": 160_000,
        "cancels": 160_000,
    }


def test_what_waits_for_its_order_pushes_no_order_out(replay: Replay) -> None:
    """Forty orders; one of the newest is reported again after refunds of orders that never came."""
    done = replay("ring_pollution.jsonl", until=END)
    assert (done.report["orders"], done.report["revenue"]) == (40, {"USD": 400_000})


def test_every_reminder_of_nine_carts_has_one_ending(replay: Replay) -> None:
    done = replay("nine_carts.jsonl", until=END)
    reminded = {m["cart_id"] for m in done.said("cart-abandonments", kind="triggered")}
    ended = [m for m in done.said("cart-abandonments") if m["kind"] in ("recovered", "cancelled", "expired")]
    assert sorted(m["cart_id"] for m in ended) == sorted(reminded) == [f"c{n}" for n in range(9)]


def test_a_cart_of_a_hundred_products_keeps_its_count_and_value(replay: Replay) -> None:
    done = replay("cart_of_100.jsonl", until="2026-03-03T00:00:00Z")
    (said,) = [m for m in done.said("cart-abandonments", "u100") if m["kind"] == "triggered"]
    listed = sum(product["quantity"] for product in said["products"])
    assert (said["value"], listed + said["products_cut"]) == (100_000, 100)


def test_no_event_is_lost_between_two_wrong_clocks(replay: Replay, tmp_path: Path) -> None:
    """Two calls of 2099, the first of all and one of the last, and 30,000 of June between them."""
    lines: list[dict[str, Any]] = [
        {"messageId": "m0", "type": "page", "userId": "u0", "timestamp": "2099-01-01T00:00:00Z"}
    ]
    for n in range(1, 30_001):
        time = f"2026-06-{1 + n // 1200:02d}T{n % 1200 // 50:02d}:{n % 60:02d}:00Z"
        wrong = "2099-01-01T00:00:00Z" if n == 25_000 else time
        about = {"product_id": f"p{n % 7}", "price": 10, "quantity": 1}
        call = {"messageId": f"m{n}", "type": "track", "event": "Product Added", "userId": f"u{n % 50}"}
        lines.append(call | {"timestamp": wrong, "properties": about})
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    done = replay(file, "--shards", "1")
    assert (done.report["events"], done.report["applied"] + done.report["duplicates"]) == (30_001, 30_001)
