"""Orders, refunds and ids, as plug-ins of real shops write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cases.conftest import Replay, Replayed

NOON = "2026-04-01T12:00:00Z"
TEN = 1_775_037_600_000
"""2026-04-01T10:00Z."""


def at(minutes: float) -> int:
    return TEN + round(minutes * 60_000)


def kinds(done: Replayed, user: str) -> list[tuple[str, int]]:
    """What was said of the shopper's carts, and when."""
    return [(m["kind"], m["as_of"]) for m in done.said("cart-abandonments", user)]


def written(folder: Path, *calls: dict[str, Any]) -> Path:
    """A file of calls of the shopper `u1`, a minute apart."""
    file = folder / "calls.jsonl"
    times = [{"userId": "u1", "type": "track", "timestamp": f"2026-04-01T10:{i:02}:00Z"} for i in range(len(calls))]
    file.write_text("".join(json.dumps(time | call) + "\n" for time, call in zip(times, calls, strict=True)))
    return file


def test_prices_as_text(replay: Replay) -> None:
    done = replay("01-string-prices.jsonl", until=NOON)
    (left,) = done.said("cart-abandonments", "w1")
    assert (left["kind"], left["as_of"], left["value"]) == ("triggered", at(30), 5990)
    assert left["products"] == [{"product_id": "teapot", "quantity": 1, "price": 5990}]
    assert kinds(done, "w2") == kinds(done, "w3") == []
    assert [done.profiles[user]["buyer"]["gross"] for user in ("w2", "w3")] == [8000, 4550]
    assert (done.report["dead_letters"], done.report["revenue"]) == ({}, {"USD": 12550})
    assert done.report["coerced"] == {"price:text": 2, "quantity:text": 2, "revenue:text": 1, "total:text": 1}


def test_numeric_ids(replay: Replay) -> None:
    done = replay("03-numeric-order-id.jsonl", until=NOON)
    assert (done.profiles["m1"]["buyer"]["gross"], kinds(done, "m1")) == (4500, [])
    (left,) = done.said("cart-abandonments", "m2")
    assert (left["kind"], left["products"][0]["product_id"], left["value"]) == ("triggered", "771", 2500)


def test_names_in_any_letter_case(replay: Replay) -> None:
    done = replay("04-event-case.jsonl", until=NOON)
    assert (done.report["orders"], done.report["revenue"], done.report["unknown_events"]) == (3, {"USD": 3000}, 0)
    assert done.said("cart-abandonments") == []


def test_refunds_that_name_the_order_alone(replay: Replay) -> None:
    done = replay("06-refund-by-order.jsonl", until="2026-04-10T00:00:00Z")
    assert done.report["dead_letters"] == {}
    buyers = {user: done.profiles[user]["buyer"] for user in ("r1", "r2")}
    assert {user: (buyer["valid"], buyer["net"]) for user, buyer in buyers.items()} == {"r1": (0, 0), "r2": (1, 7000)}


def test_ids_of_nobody(replay: Replay) -> None:
    done = replay("09-nobody-ids.jsonl", until=NOON)
    assert done.profiles.keys() == {"gx-1", "gx-2", "gx-3", "gx-4"}
    for guest, left in (("gx-1", 30), ("gx-3", 90), ("gx-4", 95)):
        (told,) = done.said("cart-abandonments", guest)
        assert (told["kind"], told["reason"], told["as_of"]) == ("suppressed", "unidentified", at(left))
    assert kinds(done, "gx-2") == []


def test_side_fields_of_orders(replay: Replay) -> None:
    done = replay("13-side-fields-of-orders.jsonl", until=NOON)
    gross = [done.profiles[f"s{number}"]["buyer"]["gross"] for number in range(1, 7)]
    assert gross == [4200, 5000, 2500, 7000, 7000, 7000]
    assert done.report["dead_letters"] == {}
    assert done.report["ignored"] == {"products:wrong_type": 1}


def test_empty_lists_of_php(replay: Replay) -> None:
    done = replay("35-empty-php-lists.jsonl", until=NOON)
    assert (done.report["applied"], done.report["dead_letters"]) == (4, {})
    assert done.report["coerced"] == {"properties:empty_list": 4}


ADDED = {"messageId": "a", "event": "Product Added", "properties": {"product_id": "p", "price": 5}}
NAMELESS = {"messageId": "n", "event": "Order Completed", "properties": {"revenue": 5}}
NAMED = NAMELESS | {"properties": {"order_id": "o-1", "revenue": 5}}


def test_an_order_without_its_id_closes_carts_and_gets_its_amount_once_when_it_comes_again(
    replay: Replay, tmp_path: Path
) -> None:
    done = replay(written(tmp_path, ADDED, NAMELESS), until=NOON)
    assert (done.report["dead_letters"], done.report["orders"], done.report["revenue"]) == ({"missing_id": 1}, 1, {})
    assert done.said("cart-abandonments") == []
    again = replay(written(tmp_path, ADDED, NAMELESS, NAMELESS, NAMED, NAMED), until=NOON)
    assert (again.report["orders"], again.report["revenue"]) == (1, {"USD": 500})
    assert (again.report["applied"], again.report["duplicates"]) == (2, 1)
    assert again.profiles["u1"]["buyer"]["last"] == at(1)


def test_an_order_without_its_id_that_was_reported_with_it_too_counts_once(replay: Replay, tmp_path: Path) -> None:
    webhook = NAMED | {"messageId": "w"}
    done = replay(written(tmp_path, webhook, NAMELESS, NAMED), until=NOON)
    assert (done.report["orders"], done.profiles["u1"]["buyer"]["orders"]) == (1, 1)
    assert done.report["revenue"] == {"USD": 500}


def test_a_purchase_that_nobody_understood_is_told(replay: Replay, tmp_path: Path) -> None:
    kauf = {"messageId": "k", "event": "Kauf", "properties": {"order_id": "o-1", "revenue": 5}}
    done = replay(written(tmp_path, ADDED, kauf), until=NOON)
    assert (done.report["unknown_events"], done.report["unknown_names"]) == (1, {"Kauf": 1})
    assert "Kauf 1" in done.text
    known = replay(written(tmp_path, ADDED, kauf), until=NOON, KAIROS_NAMES="Kauf=Order Completed")
    assert (known.report["unknown_names"], known.report["revenue"]) == ({}, {"USD": 500})
