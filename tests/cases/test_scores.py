"""Scores, segments and occasions that hold still."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from tests.cases.conftest import Message, Replay

SALE = 1_775_779_200_000
"""2026-04-10T00:00Z, the day on which 400 of the 1,400 buyers of 23c order."""
DAY = 86_400_000
VARIANCES = ("gap_variance", "log_gap_variance", "log_basket_variance")
LOWER = {
    "new": {"promising", "about_to_sleep", "hibernating"},
    "promising": {"about_to_sleep", "hibernating"},
    "about_to_sleep": {"hibernating"},
}
"""Where time alone may lead a buyer of one order, from each segment."""


def test_orders_of_one_day_are_one_occasion_each(replay: Replay) -> None:
    done = replay("22-same-day-orders.jsonl", until="2026-03-01T00:00:00Z")
    buyer = done.profiles["sd1"]["buyer"]
    assert (buyer["orders"], buyer["occasions"]) == (5, 2)
    assert done.said("churn-alerts") == []


def test_amounts_and_gaps_that_are_all_alike_have_no_negative_variance(replay: Replay) -> None:
    for name in ("21-subscriber.jsonl", "38-steady-amount.jsonl"):
        done = replay(name)
        for profile in done.profiles.values():
            buyer = profile["buyer"]
            assert [buyer[field] for field in VARIANCES] == [max(0.0, buyer[field]) for field in VARIANCES]
        assert done.profiles
        assert not [m for m in done.said("user-tags") if m["tag"] == "unusual_order"]


def test_after_a_sale_buyers_only_fall_and_none_comes_back(replay: Replay) -> None:
    """All order once. Tables come into force on 1 April, after 90 days."""
    done = replay("23c-sale-day.jsonl", until="2026-05-11T00:00:00Z")
    paths: defaultdict[str, list[Message]] = defaultdict(list)
    for said in done.said("user-tags"):
        if said["tag"].startswith("segment:") and said["kind"] == "entered":
            paths[said["user_id"]].append(said)
    assert len(paths) == len(done.profiles) == 1_400
    assert any(said["table"] != "cuts/0" for path in paths.values() for said in path)
    for path in paths.values():
        names = [said["tag"].removeprefix("segment:") for said in path]
        assert all(after in LOWER[before] for before, after in pairwise(names))
        assert sum(SALE <= said["as_of"] < SALE + 31 * DAY for said in path[1:]) <= 4


def test_the_day_of_a_sale_moves_its_buyers_together(replay: Replay) -> None:
    """400 of 1,400 buyers are of one day; among all they are no older than the middle, and share one segment."""
    done = replay("23c-sale-day.jsonl", until="2026-05-11T00:00:00Z")
    first, last = SALE, SALE + DAY
    of_the_sale = {p["buyer"]["segment"] for p in done.profiles.values() if first <= p["buyer"]["last"] < last}
    assert len(of_the_sale) == 1
