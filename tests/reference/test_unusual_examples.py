"""The reference's unusual orders, against River's own scorer."""

from __future__ import annotations

from math import log

import pytest
from river.anomaly import GaussianScorer

from models.kernel.settings import DAY
from tests.reference import unusual
from tests.reference.by_hand import order, told
from tests.reference.logs import Logs


def test_an_order_ten_times_as_large_is_unusual_for_a_month() -> None:
    logs = Logs()
    for day, revenue in enumerate((40, 44, 52)):
        order(logs, day, day, revenue)
    order(logs, 3, 3, 400)
    assert [(kind, day) for kind, _, day in told(logs, "unusual")] == [("entered", 3), ("exited", 33)]
    scorer = GaussianScorer(grace_period=3)
    for revenue in (40, 44, 52):
        scorer.learn_one(None, log(100 * revenue))
    found = unusual.surprise(logs.world().shoppers["u"].book)
    assert found is not None
    assert found.score == pytest.approx(scorer.score_one(None, log(40_000)), abs=1e-12)
    (said,) = [s for s in logs.world().said if s.about == "unusual_order" and s.kind == "entered"]
    assert said.score == round(found.score, 4)


@pytest.mark.parametrize("seed", range(20))
def test_the_score_is_rivers(seed: int) -> None:
    logs, scorer = Logs(), GaussianScorer(grace_period=0)
    amounts = [1 + seed * 7 % 5, 3, 9, 2 + seed, 11, 1 + 3 * seed][: 4 + seed % 3]
    for day, amount in enumerate(amounts):
        order(logs, day, day, amount)
    for amount in amounts[:-1]:
        scorer.learn_one(None, log(100 * amount))
    logs.tick(7 * DAY)
    found = unusual.surprise(logs.world().shoppers["u"].book)
    assert found is not None
    assert found.score == pytest.approx(scorer.score_one(None, log(100 * amounts[-1])), abs=1e-12)


def test_the_same_amount_always_makes_any_other_surprising_and_twice_as_much_unusual() -> None:
    logs = Logs()
    for day, revenue in enumerate((40, 40, 40, 79, 40)):
        order(logs, day, day, revenue)
    assert told(logs, "unusual", 10) == []
    logs = Logs()
    for day, revenue in enumerate((40, 40, 0, 40)):
        order(logs, day, day, revenue)  # what costs nothing does not count
    order(logs, 4, 4, 81)
    order(logs, 5, 5, 4_000)  # unusual too: the tag stays
    order(logs, 6, 6, 400)
    assert [(kind, day) for kind, _, day in told(logs, "unusual", 10)] == [("entered", 4), ("exited", 6)]


def test_a_late_or_a_cancelled_order_changes_what_is_the_newest() -> None:
    logs = Logs()
    for day, revenue in enumerate((40, 44, 52, 400)):
        order(logs, 10 + day, day, revenue)
    order(logs, 14, 4, 45)
    logs.tick(15 * DAY)
    logs.track("Order Cancelled", "u", 16 * DAY, order_id="o4")
    order(logs, 9, 5, 50)  # told late; it is the oldest
    logs.track("Order Cancelled", "u", 17 * DAY, order_id="o3")
    days = [(kind, day) for kind, _, day in told(logs, "unusual", 20)]
    assert days == [("entered", 13), ("exited", 14), ("entered", 16), ("exited", 17)]
