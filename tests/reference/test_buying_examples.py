"""The reference's tags about buying, against sums done by hand."""

from __future__ import annotations

from models.kernel.settings import DAY, HOUR
from tests.reference.by_hand import order, refund, told
from tests.reference.logs import Logs


def test_a_tier_is_that_of_the_spending_at_every_own_order_event() -> None:
    logs = Logs()
    order(logs, 0, 1, 240)
    order(logs, 1, 2, 12.5)  # with what a day leaves of the first: 250.66
    refund(logs, 2, 1, 1)  # 249.67
    order(logs, 4, 3, 20)  # 264
    assert told(logs, "value:", 5) == [
        ("entered", "value:medium", 0),
        ("exited", "value:medium", 1),
        ("entered", "value:high", 1),
        ("exited", "value:high", 2),
        ("entered", "value:medium", 2),
        ("exited", "value:medium", 4),
        ("entered", "value:high", 4),
    ]


def test_a_tier_ends_with_the_last_valid_order() -> None:
    logs = Logs()
    order(logs, 0, 1, 49.99)
    refund(logs, 1, 1)
    assert told(logs, "value:", 5) == [("entered", "value:low", 0), ("exited", "value:low", 1)]
    assert {said.table for said in logs.world().said if str(said.about).startswith("value")} == {"cuts/0"}


def test_a_second_order_is_due_from_the_third_week_for_three_months() -> None:
    logs = Logs()
    order(logs, 0, 1)
    assert told(logs, "second") == [("entered", "second_order_due", 21), ("exited", "second_order_due", 90)]
    logs = Logs()
    order(logs, 0, 1)
    order(logs, 30, 2)
    logs.track("Order Cancelled", "u", 40 * DAY, order_id="o1")
    days = [(kind, day) for kind, _, day in told(logs, "second")]
    assert days == [("entered", 21), ("exited", 30), ("entered", 51), ("exited", 120)]


def test_half_of_the_orders_with_a_discount() -> None:
    logs = Logs()
    order(logs, 0, 0, coupon="SAVE")
    order(logs, 1, 1, discount=0, coupon="")
    order(logs, 2, 2)
    order(logs, 3, 3, products=[{"price": 1}, {"price": 2, "coupon": "X"}])  # 2 of 4
    order(logs, 4, 4)  # 2 of 5
    order(logs, 5, 5)  # 2 of 6 are less than 35 of 100
    order(logs, 6, 6, discount=0.01)  # 3 of 7
    logs.track("Order Updated", "u", 7 * DAY, order_id="o5", coupon="LATE")  # 4 of 7
    for name in ("o0", "o3", "o5"):
        logs.track("Order Cancelled", "u", 8 * DAY, order_id=name)  # 3 of 6, 2 of 5, 1 of 4
    days = [(kind, day) for kind, _, day in told(logs, "discount", 9)]
    assert days == [("entered", 3), ("exited", 5), ("entered", 7), ("exited", 8)]


def test_a_repeated_report_does_not_discount() -> None:
    logs = Logs()
    for day in (0, 1):
        order(logs, day, day)
    for day in (0, 1):
        order(logs, day + 2, day, coupon="SAVE")
    assert told(logs, "discount", 9) == []


def test_a_third_of_the_orders_sent_back() -> None:
    logs = Logs()
    for name in range(6):
        order(logs, 0, name)
    logs.track("Order Cancelled", "u", HOUR, order_id="o5")  # it does not count at all
    refund(logs, 1, 0, 0.01)
    refund(logs, 2, 1)
    order(logs, 3, 6)
    for name in range(7, 12):
        order(logs, name, name)  # on day 10 it is 2 of 10, on day 11 2 of 11
    assert [(kind, day) for kind, _, day in told(logs, "refund", 12)] == [("entered", 2), ("exited", 11)]
