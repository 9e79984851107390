"""The reference's abandoned carts, against stories told by hand. Minute 0 is `START`."""

from __future__ import annotations

import msgspec

from models.features import ShopSettings
from models.kernel.settings import DAY, MINUTE
from tests.reference.logs import Logs

WEEK = 7 * DAY
ONE_STEP = ShopSettings(cart_steps=(30 * MINUTE,), holdout=0)


def add(logs: Logs, minute: float, product: str = "p", **properties: object) -> None:
    logs.track("Product Added", "u", int(minute * MINUTE), product_id=product, **properties)


def remove(logs: Logs, minute: float, product: str = "p") -> None:
    logs.track("Product Removed", "u", int(minute * MINUTE), product_id=product)


def order(logs: Logs, minute: float, name: str = "o") -> None:
    logs.track("Order Completed", "u", int(minute * MINUTE), order_id=name, revenue=1)


def told(logs: Logs, until: int = 60 * DAY) -> list[tuple[str, int, int, float]]:
    """(kind, minute of the anchor, step, minute of as_of)."""
    logs.tick(until)
    said = logs.told("cart-abandonments")
    return [(kind, about[1] // MINUTE, about[2], as_of / MINUTE) for kind, about, as_of in said]


END = WEEK // MINUTE


def test_left_alone_it_fires_after_half_an_hour_and_expires_after_a_week() -> None:
    logs = Logs(settings=ONE_STEP)
    add(logs, 0)
    add(logs, 10, "q")
    assert told(logs) == [("triggered", 10, 1, 40), ("expired", 10, 0, 40 + END)]


def test_recovered_within_the_window_and_not_after_it() -> None:
    logs = Logs(settings=ONE_STEP)
    add(logs, 0)
    order(logs, 30 + END)
    assert told(logs) == [("triggered", 0, 1, 30), ("recovered", 0, 1, 30 + END)]
    logs = Logs(settings=ONE_STEP)
    add(logs, 0)
    order(logs, 31 + END)
    assert told(logs) == [("triggered", 0, 1, 30), ("expired", 0, 0, 30 + END)]


def test_a_late_order_from_before_the_step_cancels() -> None:
    logs = Logs(settings=ONE_STEP)
    add(logs, 0)
    logs.tick(60 * MINUTE)
    order(logs, 20)
    assert told(logs) == [("triggered", 0, 1, 30), ("cancelled", 0, 0, 60)]
    assert [s.retracts for s in logs.world().said if s.kind == "cancelled"] == [(("default", 1767225600000, 1),)]


def test_an_order_before_the_anchor_only_clears() -> None:
    logs = Logs(settings=ONE_STEP)
    add(logs, 0)
    add(logs, 20, "q")
    logs.tick(60 * MINUTE)
    order(logs, 10)
    order(logs, 70, "o2")
    assert told(logs) == [("triggered", 20, 1, 50), ("recovered", 20, 1, 70)]


def test_emptied_before_it_fires_it_is_silent() -> None:
    logs = Logs(settings=ONE_STEP)
    add(logs, 0)
    remove(logs, 10)
    assert told(logs) == []
    assert logs.world().counts["carts_closed"] == 1


def test_emptied_after_it_fired_it_stays_but_a_late_removal_cancels() -> None:
    logs = Logs(settings=ONE_STEP)
    add(logs, 0)
    remove(logs, 60)
    assert told(logs) == [("triggered", 0, 1, 30), ("expired", 0, 0, 30 + END)]
    logs = Logs(settings=ONE_STEP)
    add(logs, 0)
    logs.tick(60 * MINUTE)
    remove(logs, 25)
    assert told(logs) == [("triggered", 0, 1, 30), ("cancelled", 0, 0, 60)]


def test_a_new_product_has_one_successor_and_an_order_is_the_recovery_of_the_last() -> None:
    logs = Logs(settings=ONE_STEP)
    add(logs, 0)
    add(logs, 60)  # the same product: nothing
    add(logs, 120, "q")
    add(logs, 130)  # moves the successor's anchor
    add(logs, 300, "r")  # a second new product: nothing more
    order(logs, 400)
    assert told(logs) == [
        ("triggered", 0, 1, 30),
        ("triggered", 130, 1, 160),
        ("cancelled", 0, 0, 400),
        ("recovered", 130, 1, 400),
    ]


def test_what_survives_a_closing_order_arms_again() -> None:
    logs = Logs(settings=ONE_STEP)
    add(logs, 0)
    add(logs, 60)  # frozen: the anchor stays at 0
    logs.tick(100 * MINUTE)
    order(logs, 40)  # clears the first, covers the generation, spares the second
    assert told(logs)[:3] == [("triggered", 0, 1, 30), ("recovered", 0, 1, 100), ("triggered", 60, 1, 100)]


def test_after_expiry_only_a_further_change_arms() -> None:
    logs = Logs(settings=ONE_STEP)
    add(logs, 0)
    add(logs, 60)
    add(logs, 40 + END)
    assert told(logs)[2:] == [("triggered", 40 + END, 1, 70 + END), ("expired", 40 + END, 0, 70 + 2 * END)]
    logs = Logs(settings=ONE_STEP)
    add(logs, 0)
    logs.track("Checkout Started", "u", (40 + END) * MINUTE)
    assert len(told(logs)) == 2


def test_a_snapshot_replaces_what_came_before_it_even_if_that_comes_late() -> None:
    logs = Logs(settings=ONE_STEP)
    logs.tick(5 * MINUTE)
    logs.track("Cart Updated", "u", 10 * MINUTE, products=[{"product_id": "s", "quantity": 2, "price": 1.5}])
    logs.tick(15 * MINUTE)
    add(logs, 8, "old")
    assert told(logs)[0] == ("triggered", 10, 1, 40)
    assert next(s for s in logs.world().said if s.kind == "triggered").products == (("s", "", "", 2),)
    assert next(s for s in logs.world().said if s.kind == "triggered").value == 300


def test_below_the_minimum_nothing_is_armed() -> None:
    logs = Logs(settings=msgspec.structs.replace(ONE_STEP, min_cart_value=1000))
    add(logs, 0, price=9.99)
    assert told(logs) == []
    logs = Logs(settings=msgspec.structs.replace(ONE_STEP, min_cart_value=1000))
    add(logs, 0, price=9.99)
    add(logs, 1, price=5)  # the newest price counts for both
    assert told(logs)[0] == ("triggered", 1, 1, 31)


def test_somebody_anonymous_is_suppressed_once_and_silent_afterwards() -> None:
    logs = Logs(settings=ONE_STEP)
    logs.track("Product Added", "u", 0, anonymous=True, product_id="p")
    assert told(logs) == [("suppressed", 0, 1, 30)]
