"""The reference's messages that ask for action, against stories worked by hand. Day 0 is `START`."""

from __future__ import annotations

from models.features import ShopSettings
from models.kernel.settings import DAY, HOUR, MINUTE
from tests.reference import acting
from tests.reference.by_hand import order
from tests.reference.compare import told_by_engine, told_by_reference
from tests.reference.driver import straight
from tests.reference.logs import START, Logs


def add(logs: Logs, at: int) -> None:
    logs.track("Product Added", "u", at, product_id="p")


def told(logs: Logs, topic: str) -> list[tuple[str, str, float]]:
    """(kind, reason of what is suppressed or taken back, hour), as the reference and the engine say it."""
    logs.tick(60 * DAY)
    world = logs.world()
    assert told_by_engine(straight(logs)[1]) == told_by_reference(world)
    return [
        (one.kind, "" if one.kind in ("triggered", "raised") else one.reason, (one.as_of - START) / HOUR)
        for one in world.said
        if one.topic == topic
    ]


def test_an_alert_is_suppressed_where_a_reminder_went_out_within_a_week() -> None:
    """Overdue at day 15: nine days after the last order, with a usual gap of three."""
    logs = Logs(settings=ShopSettings(message_cap=1, holdout=0, table_every=0))
    for number in range(3):
        order(logs, 3 * number, number)
    add(logs, 14 * DAY)
    assert told(logs, "churn-alerts") == [("suppressed", "cap", 15 * 24)]
    logs = Logs(settings=ShopSettings(message_cap=2, cart_steps=(30 * MINUTE,), holdout=0, table_every=0))
    for number in range(3):
        order(logs, 3 * number, number)
    add(logs, 14 * DAY)
    assert told(logs, "churn-alerts") == [("raised", "", 15 * 24)]


def test_activity_holds_back_and_the_newest_step_takes_the_place_of_the_one_before() -> None:
    steps = (30 * MINUTE, HOUR)
    logs = Logs(settings=ShopSettings(cart_steps=steps, holdout=0, table_every=0))
    add(logs, 0)
    for minute in (20, 45):
        logs.track("Page Viewed", "u", minute * MINUTE)
    assert told(logs, "cart-abandonments")[0] == ("triggered", "", 1.25)
    assert [one.about for one in logs.world().said if one.kind == "triggered"] == [("default", START, 2)]


def test_a_withdrawal_takes_back_what_may_be_acted_on_and_nothing_follows() -> None:
    logs = Logs(settings=ShopSettings(holdout=0, table_every=0))
    add(logs, 0)
    logs.track("Unsubscribed", "u", 3 * HOUR)
    assert told(logs, "cart-abandonments") == [("triggered", "", 0.5), ("cancelled", "consent withdrawn", 3)]


def test_quiet_hours_end_where_the_shopper_is() -> None:
    """10:00 at night in New York is 3:00 in London; 8:00 there is 13:00."""
    logs = Logs(settings=ShopSettings(quiet_hours=(21 * 60, 8 * 60), holdout=0, table_every=0))
    logs.track("Product Added", "u", 3 * HOUR, product_id="p", context={"timezone": "America/New_York"})
    assert told(logs, "cart-abandonments")[0] == ("triggered", "", 13)


def test_a_time_that_clocks_skip_is_the_first_instant_after_it() -> None:
    """In New York 2:00 to 3:00 of 8 March 2026 does not exist: 7:00 UTC is 3:00."""
    at = START + (31 + 28 + 7) * DAY + 7 * HOUR
    assert acting.quiet_until(at - 1, (60, 150), "America/New_York") == at
    assert acting.quiet_until(at, (60, 150), "America/New_York") == 0
    assert acting.quiet_until(at, (150, 240), "America/New_York") == at + HOUR
