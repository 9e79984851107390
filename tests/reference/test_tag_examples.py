"""All tags of the reference together: since when, in which order, and their end."""

from __future__ import annotations

from models.kernel.settings import DAY
from tests.reference.by_hand import order, refund, visit
from tests.reference.logs import START, Logs


def test_since_and_the_end_of_everything() -> None:
    logs = Logs()
    for day in range(3):
        visit(logs, day, device={"type": "tv"})
    logs.tick(40 * DAY)
    last = [s for s in logs.world().said if s.kind == "exited"][-3:]
    assert [(s.about, (s.since or 0) - START, s.as_of - START, s.forgotten) for s in last] == [
        ("stage:active", 7 * DAY, 32 * DAY, True),
        ("active_hour:00", 2 * DAY, 32 * DAY, True),
        ("device:tv", 2 * DAY, 32 * DAY, True),
    ]


def test_the_order_of_telling() -> None:
    logs = Logs()
    for day in range(4):
        order(logs, day, day, 40 + day)
    for day in (4, 5, 6):
        logs.track("Product Viewed", "u", day * DAY, product_id="p", context={"device": {"type": "tv"}})
    for day, name in ((7, 1), (7, 2)):
        refund(logs, day, name, 1)
        logs.track("Order Updated", "u", day * DAY, order_id=f"o{name}", coupon="X")
    order(logs, 8, 8, 4_000)
    logs.tick(8 * DAY + 1)
    said = [(kind, tag, as_of // DAY) for kind, tag, as_of in logs.told("user-tags") if as_of >= 6 * DAY]
    assert said == [
        ("entered", "hesitating", 6),
        ("entered", "device:tv", 6),
        ("exited", "stage:new", 7),
        ("entered", "stage:active", 7),
        ("entered", "refund_prone", 7),
        ("entered", "discount_driven", 7),
        ("exited", "value:medium", 8),
        ("entered", "value:high", 8),
        ("entered", "unusual_order", 8),
        ("exited", "hesitating", 8),
    ]
