"""Reminders of a cart, step by step: held back, sent, suppressed, retracted; worked by hand."""

from __future__ import annotations

from typing import Any

from models.acting.arms import arm
from models.carts.cart_trigger import CartTrigger, step_id
from models.features import ShopSettings
from models.kernel.events import Added, Browsed, CartViewed, Line, Ordered, Removed
from models.kernel.settings import DAY, HOUR, MINUTE
from tests.models.shopper import E0, Shopper

STEPS = {"cart_steps": (30 * MINUTE, DAY), "idle": 30 * MINUTE, "message_cap": 0, "holdout": 0.0}


def shop(**settings: Any) -> Shopper:
    return Shopper(ShopSettings(currency="USD", **{**STEPS, **settings}))


def adds(shopper: Shopper, at: int, product: str = "p", context: Any = None) -> Shopper:
    return shopper.does(Added("a", (Line(product, 1, 500),)), E0 + at, context)


def said(shopper: Shopper) -> list[tuple[str, int, int, str]]:
    """Kind, step, minutes since `E0`, reason where it was suppressed or cancelled."""
    found = [each.output for each in shopper.ctx.effects.outputs if isinstance(each.output, CartTrigger)]
    quiet = ("triggered", "recovered", "expired")
    return [(m.kind, m.step, (m.as_of - E0) // MINUTE, "" if m.kind in quiet else m.reason) for m in found]


def newest(shopper: Shopper) -> CartTrigger:
    return [each.output for each in shopper.ctx.effects.outputs if isinstance(each.output, CartTrigger)][-1]


def hours(shopper: Shopper, name: str) -> int:
    return sum(counts[name] for counts in shopper.ctx.effects.hours.values())


def test_a_step_waits_until_the_shopper_was_away_for_a_while() -> None:
    shopper = adds(shop(), 0)
    for minute in (20, 45, 70):
        shopper.does(Browsed(), E0 + minute * MINUTE)
    shopper.until(E0 + 3 * HOUR)
    assert said(shopper) == [("triggered", 1, 100, "")]
    assert hours(shopper, "deferred:active") == 3
    by_cart = adds(shop(idle_on="cart"), 0).does(Browsed(), E0 + 20 * MINUTE).until(E0 + 3 * HOUR)
    assert said(by_cart) == [("triggered", 1, 30, "")]


def test_two_steps_and_their_expiry() -> None:
    shopper = adds(shop(), 0).until(E0 + 2 * HOUR)
    assert newest(shopper).expires_at == E0 + DAY
    shopper.until(E0 + 2 * DAY)
    assert said(shopper) == [("triggered", 1, 30, ""), ("triggered", 2, 24 * 60, "")]
    assert newest(shopper).expires_at == E0 + 2 * DAY
    shopper.until(E0 + 8 * DAY)
    assert said(shopper)[2:] == [("expired", 0, 7 * 24 * 60 + 30, "")]


def test_an_order_recovers_by_the_step_before_it_and_retracts_the_one_after() -> None:
    shopper = adds(shop(), 0).until(E0 + 2 * DAY).does(Ordered("o", 1), E0 + 20 * HOUR)
    closing = newest(shopper)
    assert (closing.kind, closing.step) == ("recovered", 1)
    assert closing.retract == (step_id("u", "a", E0, 2),)
    early = adds(shop(), 0).until(E0 + 2 * DAY).does(Ordered("o", 1), E0 + 10 * MINUTE)
    assert newest(early).kind == "cancelled"
    assert newest(early).retract == tuple(step_id("u", "a", E0, step) for step in (1, 2))


def test_a_later_step_takes_the_place_of_one_held_back() -> None:
    shopper = adds(shop(cart_steps=(30 * MINUTE, 60 * MINUTE)), 0)
    for minute in range(10, 100, 10):
        shopper.does(Browsed(), E0 + minute * MINUTE)
    shopper.until(E0 + DAY)
    assert said(shopper) == [("triggered", 2, 120, "")]


def test_an_emptied_cart_has_no_later_step() -> None:
    shopper = adds(shop(), 0).until(E0 + HOUR).does(Removed("a", (Line("p", 1),)), E0 + 2 * HOUR).until(E0 + 2 * DAY)
    assert said(shopper) == [("triggered", 1, 30, "")]
    assert shopper.ctx.effects.counts["reminders_dropped"] == 1


def test_a_successor_takes_over_at_the_end_of_quiet_hours() -> None:
    """Both wait for 8:00 (E0 is 22:13): there is one reminder, of the newer cart."""
    settings = {"cart_steps": (30 * MINUTE, 3 * HOUR), "quiet_hours": (0, 8 * 60)}
    shopper = adds(adds(shop(**settings), 0).until(E0 + 40 * MINUTE), 3 * HOUR, "q").until(E0 + DAY)
    assert said(shopper)[0] == ("triggered", 1, 30, "")
    assert [(kind, step, minutes) for kind, step, minutes, _ in said(shopper)[1:]] == [("triggered", 2, 586)]
    assert newest(shopper).anchor == E0 + 3 * HOUR


def test_quiet_hours_by_the_shoppers_clock() -> None:
    """In Shanghai it is 6:13."""
    shopper = adds(shop(quiet_hours=(21 * 60, 8 * 60)), 0, context={"timezone": "Asia/Shanghai"}).until(E0 + 5 * HOUR)
    assert said(shopper) == [("triggered", 1, 106, "")]
    assert hours(shopper, "deferred:quiet") == 1


def test_the_cap_counts_a_week() -> None:
    shopper = shop(message_cap=2, cart_steps=(30 * MINUTE,))
    for day in range(8):
        later = E0 + day * DAY + HOUR
        adds(shopper, day * DAY, f"p{day}").until(later).does(Ordered(f"o{day}", 1), later)
    kinds = [(kind, reason) for kind, _, _, reason in said(shopper) if kind in ("triggered", "suppressed")]
    assert kinds == [("triggered", "")] * 2 + [("suppressed", "cap")] * 5 + [("triggered", "")]


def test_who_is_held_out_is_not_reminded_and_the_end_says_so() -> None:
    assert arm("u", "carts", 1.0) == "holdout"
    shopper = adds(shop(holdout=1.0), 0).until(E0 + 2 * DAY).does(Ordered("o", 1), E0 + 3 * DAY)
    assert said(shopper) == [
        ("suppressed", 1, 30, "holdout"),
        ("suppressed", 2, 24 * 60, "holdout"),
        ("recovered", 2, 3 * 24 * 60, ""),
    ]
    assert newest(shopper).arm == "holdout"
    counts = shopper.ctx.effects.counts
    assert (counts["trials:carts:1000:holdout"], counts["conversions:carts:1000:holdout"]) == (1, 1)


def test_how_far_the_shopper_came() -> None:
    shopper = adds(shop(), 0).does(CartViewed("a", True), E0 + MINUTE).until(E0 + HOUR)
    assert newest(shopper).stage == "checkout"
    shopper.does(Ordered("o", 1), E0 + HOUR)
    assert newest(adds(shopper, 2 * HOUR).until(E0 + 4 * HOUR)).stage == "cart"


def test_what_had_to_wait_is_said_as_of_when_it_can_be() -> None:
    """A worker was away for three days: nobody is reminded of what was left then."""
    shopper = adds(shop(), 0)
    shopper.ctx.floor = E0 + 3 * DAY
    shopper.until(E0 + 3 * DAY + 1)
    assert said(shopper) == [("suppressed", 2, 3 * 24 * 60, "stale")]
    soon = adds(shop(quiet_hours=(21 * 60, 8 * 60)), 0)
    soon.ctx.floor = E0 + 11 * HOUR
    assert said(soon.until(E0 + 11 * HOUR + 1)) == [("triggered", 1, 11 * 60, "")]
