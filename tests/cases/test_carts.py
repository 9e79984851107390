"""Carts as shops report them: removals that say little, two carts of which one is bought, a cart filled over days."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.cases.conftest import Replay, Replayed

UNTIL = "2026-04-20T00:00:00Z"


def at(day: int, hour: int, minute: int) -> int:
    """An instant of April 2026 in ms."""
    return int(datetime(2026, 4, day, hour, minute, tzinfo=UTC).timestamp()) * 1_000


def triggers(done: Replayed, user: str) -> list[tuple[str, int]]:
    """Cart and time of the reminders of a shopper."""
    return [(m["cart_id"], m["as_of"]) for m in done.said("cart-abandonments", user, "triggered")]


def test_a_removal_of_quantity_0_takes_all_one_without_takes_one_and_a_sku_names_its_line(replay: Replay) -> None:
    done = replay("15-removed-zero.jsonl", until=UNTIL)
    assert done.said("dead-letters") == []
    assert (triggers(done, "v1"), triggers(done, "v3")) == ([], [])
    [left] = done.said("cart-abandonments", "v2", "triggered")
    assert left["products"] == [{"product_id": "p1", "quantity": 2, "price": 1000}]
    assert (left["as_of"], left["value"]) == (at(1, 10, 33), 2000)


@pytest.mark.parametrize(("closes", "reminded"), [("any", []), ("same_cart", [("cartB", at(1, 10, 35))])])
def test_of_two_carts_the_one_that_was_bought_is_closed(
    replay: Replay, closes: str, reminded: list[tuple[str, int]]
) -> None:
    done = replay("25-two-carts-one-bought.jsonl", until=UNTIL, KAIROS_ORDER_CLOSES=closes, KAIROS_IDLE_ON="cart")
    assert triggers(done, "f1") == reminded
    ends = done.said("cart-abandonments", "f1")[len(reminded) :]
    assert [(m["kind"], m["cart_id"]) for m in ends] == [("expired", cart) for cart, _ in reminded]


def test_a_cart_filled_over_days_and_bought_is_one_recovery(replay: Replay) -> None:
    done = replay("26-filled-over-days.jsonl", until=UNTIL)
    first, second = done.said("cart-abandonments", "q1", "triggered")
    assert (first["as_of"], second["as_of"]) == (at(1, 10, 30), at(2, 10, 30))
    other, recovered = sorted(done.said("cart-abandonments", "q1")[2:], key=lambda m: m["anchor"])
    assert (other["kind"], other["anchor"], other["retract"]) == ("cancelled", first["anchor"], [first["id"]])
    assert (recovered["kind"], recovered["anchor"], recovered["step"]) == ("recovered", second["anchor"], 1)
    assert {m["order_at"] for m in (other, recovered)} == {at(4, 10, 0)}
    assert other["reason"] == "ordered: the order is the recovery of another reminder"
