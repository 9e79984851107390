"""The reference's orders and money, against sums done by hand."""

from __future__ import annotations

import pytest

from models.kernel.settings import DAY, HOUR
from tests.reference.logs import START, Logs
from tests.reference.orders import Book


def book(logs: Logs) -> Book:
    logs.tick(1_000 * DAY)
    return logs.world().shoppers["u"].book


def test_the_first_report_wins_and_a_stated_difference_is_a_conflict() -> None:
    logs = Logs()
    logs.track("Order Completed", "u", 0, order_id="o", revenue=10)
    logs.track("Order Completed", "u", 1, order_id="o", revenue=10)
    logs.track("Order Completed", "u", 2, order_id="o", products=[{"price": 3}])
    logs.track("Order Completed", "u", 3, order_id="o", total=12)
    assert book(logs).gross == 1000
    counts = logs.world().counts
    assert (counts["orders"], counts["duplicate"], counts["order_conflict"]) == (1, 3, 1)


def test_refunds_are_capped_and_a_full_one_voids() -> None:
    logs = Logs()
    logs.track("Order Completed", "u", 0, order_id="o", revenue=10)
    logs.track("Order Completed", "u", 1, order_id="q", revenue=20)
    logs.track("Order Refunded", "u", 2, order_id="o", refund_id="r1", revenue=4)
    logs.track("Order Refunded", "u", 3, order_id="o", refund_id="r1", revenue=4)  # a duplicate
    logs.track("Order Refunded", "u", 4, order_id="o", refund_id="r2", revenue=100)
    logs.track("Order Refunded", "u", 5, order_id="q", refund_id="r3", revenue=5)
    logs.track("Order Refunded", "u", 6, refund_id="r4", revenue=1)
    found = book(logs)
    assert (found.gross, found.net, found.void, len(found.valid)) == (3000, 1400, 1, 1)
    assert found.decayed(90 * DAY) == (1.0, 1500.0)


def test_cancelled_before_it_was_reported() -> None:
    logs = Logs()
    logs.track("Order Cancelled", "u", 0, order_id="o")
    logs.track("Order Completed", "u", 1, order_id="o", revenue=10)
    found = book(logs)
    assert (found.gross, found.net, found.void) == (1000, 0, 1)
    assert logs.world().counts["orders"] == 1


def test_a_refund_of_the_rest_before_its_order() -> None:
    logs = Logs()
    logs.track("Order Refunded", "u", 0, order_id="o", refund_id="r")
    logs.track("Order Completed", "u", 1, order_id="o", revenue=10)
    assert (book(logs).net, book(logs).void) == (0, 1)


def test_an_update_sets_the_amount_also_as_the_first_report() -> None:
    logs = Logs()
    logs.track("Order Updated", "u", 0, order_id="o", revenue=10)
    logs.track("Order Completed", "u", 1, order_id="o", revenue=10)
    logs.track("Order Updated", "u", 2, order_id="o", revenue=7)
    found = book(logs)
    assert (found.gross, len(found.valid), found.valid[0].e) == (700, 1, START)


def test_money_that_cannot_be_read_is_an_order_of_unknown_value_until_a_valid_report() -> None:
    logs = Logs()
    logs.track("Order Completed", "u", 0, order_id="o", revenue="twelve")
    found = book(logs)
    assert (found.gross, len(found.valid), found.decayed(90 * DAY)) == (0, 1, (1.0, 0.0))
    assert logs.world().counts["dead:wrong_type"] == 1
    logs = Logs()
    logs.track("Order Completed", "u", 0, order_id="o", revenue="twelve")
    logs.track("Order Completed", "u", HOUR, order_id="o", revenue=12)
    logs.track("Order Completed", "u", HOUR, order_id="o", revenue=13)
    found, counts = book(logs), logs.world().counts
    assert (found.gross, found.valid[0].e) == (1200, START)
    assert (counts["dead_letters"], counts["applied"], counts["duplicate"], counts["order_conflict"]) == (1, 1, 1, 1)


def test_money_halves_with_every_half_life() -> None:
    logs = Logs()
    logs.track("Order Completed", "u", 0, order_id="o", revenue=10)
    logs.track("Order Completed", "u", 90 * DAY, order_id="q", revenue=20)
    assert book(logs).decayed(90 * DAY) == pytest.approx((1.5, 2500.0))
