"""The reference's scores, stages, alerts and bounds, against days counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from models.features import ShopSettings
from models.kernel.settings import DAY, HOUR, MINUTE
from tests.reference.gaps import gap, occasions
from tests.reference.logs import START, Logs


def tags(logs: Logs, until: int) -> list[tuple[str, object, float]]:
    """(kind, tag, day)."""
    logs.tick(until + 1)
    return [(kind, tag, as_of / DAY) for kind, tag, as_of in logs.told("user-tags")]


def order(logs: Logs, day: float, name: str, revenue: float = 100) -> None:
    logs.track("Order Completed", "u", int(day * DAY), order_id=name, revenue=revenue)


def test_the_life_of_a_one_time_buyer() -> None:
    logs = Logs()
    order(logs, 0, "o")
    assert tags(logs, 200 * DAY) == [
        ("entered", "stage:new", 0),
        ("entered", "segment:new", 0),
        ("entered", "value:medium", 0),
        ("exited", "stage:new", 7),
        ("entered", "stage:active", 7),
        ("exited", "segment:new", 14),
        ("entered", "segment:promising", 14),
        ("entered", "second_order_due", 21),
        ("exited", "stage:active", 30),  # the stage goes before the segment of the same instant
        ("entered", "stage:cooling", 30),
        ("exited", "segment:promising", 30),
        ("entered", "segment:about_to_sleep", 30),
        ("exited", "segment:about_to_sleep", 60),
        ("entered", "segment:hibernating", 60),
        ("exited", "stage:cooling", 90),
        ("entered", "stage:lapsed", 90),
        ("exited", "second_order_due", 90),
    ]


def test_one_click_is_nobody_yet_and_a_month_later_gone() -> None:
    logs = Logs()
    logs.track("Page Viewed", "u", 0)
    assert tags(logs, 29 * DAY) == []
    assert tags(logs, 31 * DAY) == []
    assert logs.world().shoppers == {}
    assert logs.world().counts["shoppers_expired"] == 1


def test_a_visitor_expires_from_its_newest_event_and_leaves_its_tags() -> None:
    logs = Logs()
    logs.track("Page Viewed", "u", 0)
    logs.track("Page Viewed", "u", DAY)
    assert tags(logs, 40 * DAY) == [
        ("entered", "stage:new", 1),
        ("exited", "stage:new", 7),
        ("entered", "stage:active", 7),
        ("exited", "stage:active", 31),  # expiry goes before the stage of the same instant
    ]


def test_back_after_ninety_days() -> None:
    logs = Logs()
    order(logs, 0, "o")
    logs.track("Page Viewed", "u", 95 * DAY)
    stages = [t for t in tags(logs, 130 * DAY) if "stage" in str(t[1])]
    assert stages[-4:] == [
        ("exited", "stage:lapsed", 95),
        ("entered", "stage:returned", 95),
        ("exited", "stage:returned", 125),
        ("entered", "stage:cooling", 125),
    ]


def test_a_cancelled_only_order_leaves_no_segment() -> None:
    logs = Logs()
    order(logs, 0, "o")
    logs.track("Order Cancelled", "u", DAY, order_id="o")
    assert [t for t in tags(logs, 2 * DAY) if "segment" in str(t[1])] == [
        ("entered", "segment:new", 0),
        ("exited", "segment:new", 1),
    ]


def test_an_order_within_a_day_of_the_opening_one_belongs_to_it_and_gaps_fade() -> None:
    logs = Logs()
    for i, day in enumerate((0, 0.75, 1.5, 10, 30)):
        order(logs, day, f"o{i}")
    logs.tick(31 * DAY)
    book = logs.world().shoppers["u"].book
    assert [(t - START) / DAY for t in occasions(book)] == [0, 1.5, 10, 30]
    assert gap(book, ShopSettings())[0] == pytest.approx(0.3 * 20 + 0.7 * (0.3 * 8.5 + 0.7 * 1.5))


def test_overdue_after_three_gaps_and_cleared_by_an_order() -> None:
    logs = Logs()
    for day in (0, 10, 20):
        order(logs, day, f"o{day}")
    order(logs, 60, "o60")
    logs.tick(61 * DAY)
    said = [(kind, about / DAY, as_of / DAY) for kind, about, as_of in logs.told("churn-alerts")]  # type: ignore[operator]
    assert said == [("raised", 20, 50), ("cleared", 60, 60)]


def test_no_alert_before_seven_days_or_with_two_occasions() -> None:
    logs = Logs()
    for day in (0, 2, 4):
        order(logs, day, f"o{day}")
    logs.tick(12 * DAY)
    assert [as_of / DAY for _, _, as_of in logs.told("churn-alerts")] == [11]
    logs = Logs()
    for day in (0, 2):
        order(logs, day, f"o{day}")
    logs.tick(99 * DAY)
    assert logs.told("churn-alerts") == []


def test_a_machine_is_tagged_and_its_clicks_are_only_counted() -> None:
    logs = Logs(settings=ShopSettings(bot_rate=3))
    for i in range(6):
        logs.track("Page Viewed", "u", i)
    logs.track("Product Added", "u", 10, product_id="p")
    logs.tick(HOUR)
    world = logs.world()
    assert (world.counts["applied"], world.counts["bot_skipped"]) == (7, 2)
    assert ("entered", "bot", 3) in logs.told("user-tags")
    assert len(world.shoppers["u"].history) == 5


def test_duplicates_are_known_for_a_day_of_the_shoppers_own_time() -> None:
    logs = Logs()
    value = logs.track("Page Viewed", "u", 0)
    logs.again(value, "clickstream")
    logs.track("Page Viewed", "u", DAY + 1)
    logs.again(value, "clickstream")
    logs.tick(2 * DAY)
    counts = logs.world().counts
    assert (counts["events"], counts["applied"], counts["duplicate"]) == (4, 3, 1)


@pytest.mark.parametrize(("misrouted", "count"), [("reject", "dead:misrouted"), ("forward", "forwarded")])
def test_a_record_of_another_shard_goes_there_or_is_a_dead_letter(misrouted: Any, count: str) -> None:
    logs = Logs(partitions=2, settings=ShopSettings(misrouted=misrouted))
    value = logs.track("Product Added", "u", MINUTE, product_id="p")
    right = logs.place(b"u", 2)
    logs.again(value, "cart", 1 - right)
    logs.tick(HOUR)
    assert logs.world(right).counts["applied"] == 1
    assert logs.world(1 - right).counts[count] == 1
    assert logs.world(1 - right).counts["events"] == (misrouted == "reject")
    assert logs.world(1 - right).shoppers == {}
