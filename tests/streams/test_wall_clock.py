"""The wall clock: what waits for unread records, what is history, and that endings are told as history tells them."""

from __future__ import annotations

from typing import Any

import pytest

from models.kernel.settings import DAY, HOUR, MINUTE
from sinks.memory_store import MemoryStore
from streams.claimed import ClaimedShard
from streams.errors import Fenced
from streams.fold import Shoppers
from streams.records import End
from tests.streams.driven import CART, HOUR0, feed, kinds, run, shard
from tests.streams.logs import page, tick, track


def wall(now: int, clicks: int, cart: int, orders: int) -> dict[str, End]:
    """The logs' ends as of `now`."""
    return {"clickstream": End(clicks, now), "cart": End(cart, now), "orders": End(orders, now)}


def live(store: MemoryStore) -> ClaimedShard:
    """A shard born long before anything in the tests is due."""
    s = shard(store, clock="wall")
    assert not s.step(HOUR0)
    return s


def test_under_the_wall_clock_nobody_is_reminded_while_an_order_lies_unread() -> None:
    store = MemoryStore()
    s = live(store)
    now = HOUR0 + HOUR
    feed(s, cart=CART, clicks=[page(now, "u9")])  # moves W past the due; one order is still on the broker
    assert kinds(run(s, now, wall(now, 1, 1, 1))) == []
    feed(s, orders=[track("Order Completed", HOUR0 + MINUTE, order_id="o1", revenue=20.0)])
    assert kinds(run(s, now, wall(now, 1, 1, 1))) == []
    assert kinds(run(s, now + MINUTE, wall(now + MINUTE, 1, 1, 1))) == []
    assert "out:cart-abandonments:triggered" not in store.stats(0)


def test_under_the_wall_clock_a_timer_that_was_held_fires_once_caught_up() -> None:
    store = MemoryStore()
    s = live(store)
    now = HOUR0 + HOUR
    feed(s, cart=CART, clicks=[page(now, "u9")])
    assert kinds(run(s, now, wall(now, 1, 1, 1))) == []
    feed(s, orders=[track("Order Completed", now - 1, "u8", order_id="o1", revenue=20.0)])
    [trigger] = [o for o in run(s, now + 1, wall(now + 1, 1, 1, 1)) if "cart_id" in o]
    assert (trigger["kind"], trigger["as_of"]) == ("triggered", now), "as of when it can be said"


@pytest.mark.parametrize(("age", "said"), [(5_000, ["triggered"]), (15_000, [])])
def test_under_the_wall_clock_a_record_on_its_way_holds_no_reminder_back_where_the_last_was_fresh(
    age: int, said: list[str]
) -> None:
    """Under load some input always has one on its way: no moment would come at which all are empty."""
    s = live(MemoryStore())
    feed(s, cart=CART)
    assert kinds(run(s, HOUR0 + 1, wall(HOUR0 + 1, 0, 1, 0))) == []
    now = HOUR0 + HOUR
    feed(s, clicks=[page(now - age, "u9")])
    assert kinds(run(s, now, wall(now, 2, 1, 0))) == said


def test_under_the_wall_clock_what_comes_after_a_wait_is_folded_before_reminders() -> None:
    """An order that was on its way while the shard could not know: fresh, and late."""
    s = live(MemoryStore())
    feed(s, cart=CART)
    assert kinds(run(s, HOUR0 + 1, wall(HOUR0 + 1, 0, 1, 0))) == []
    now = HOUR0 + 30 * MINUTE + 3_000
    feed(s, clicks=[page(now, "u9")])
    assert kinds(run(s, now, wall(now, 1, 1, 1))) == []  # the orders' end was not proven
    feed(s, orders=[track("Order Completed", now - 5_000, order_id="o1", revenue=20.0)])
    assert kinds(run(s, now + 1, wall(now + 1, 1, 1, 1))) == []
    assert kinds(run(s, now + MINUTE, wall(now + MINUTE, 1, 1, 1))) == []


def test_under_the_wall_clock_state_timers_fire_in_the_backlog_too() -> None:
    s = live(MemoryStore())
    now = HOUR0 + 8 * DAY
    feed(s, clicks=[page(HOUR0), page(HOUR0 + 1), page(now, "u9")])
    assert [o["tag"] for o in run(s, now, wall(now, 3, 0, 1))] == ["stage:new", "stage:new", "stage:active"]


def test_on_a_first_start_over_history_triggers_are_counted_not_said() -> None:
    store = MemoryStore()
    s = shard(store, clock="wall")
    now = HOUR0 + 300 * DAY
    feed(s, cart=CART)
    ends = wall(now, 0, 1, 0)
    assert kinds(run(s, now, ends)) == []
    later = now + 300
    assert kinds(run(s, later, wall(later, 0, 1, 0))) == []
    assert store.stats(0)["history_skipped"] == "1"


def look(s: ClaimedShard, now: int, said: list[dict[str, Any]]) -> None:
    """Whatever was offered is folded at `now`, and what is due by then."""
    for _ in range(3):
        ends = {topic: End(buffer.expected or 0, now) for topic, buffer in s.buffers.items()}
        said += run(s, now, ends)


@pytest.mark.parametrize("clock", ["event", "wall"])
@pytest.mark.parametrize("views", [2, 3])
def test_a_reminded_shopper_who_hesitates_and_orders_is_recovered(clock: str, views: int) -> None:
    """Three views of a product are `hesitating`, which ends as something goes into the cart."""
    s = shard(MemoryStore(), clock=clock)
    said: list[dict[str, Any]] = []

    def until(at: int) -> None:
        if clock == "event":
            feed(s, clicks=[tick(at)], cart=[tick(at)], orders=[tick(at)])
        look(s, at, said)

    until(HOUR0 - 1)
    feed(s, cart=CART)
    for minute in range(60):
        until(HOUR0 + minute * MINUTE)
    for view in range(views):
        feed(s, clicks=[track("Product Viewed", HOUR0 + (60 + view) * MINUTE, product_id="p2")])
        until(HOUR0 + (60 + view) * MINUTE + 1)
    feed(s, cart=[track("Product Added", HOUR0 + 64 * MINUTE, product_id="p2", price=10.0)])
    until(HOUR0 + 65 * MINUTE)
    feed(s, orders=[track("Order Completed", HOUR0 + 66 * MINUTE, order_id="o1", revenue=20.0)])
    until(HOUR0 + 70 * MINUTE)
    assert kinds(said) == ["triggered", "recovered"]
    tags = [o["kind"] for o in said if o.get("tag") == "hesitating"]
    assert tags == (["entered", "exited"] if views == 3 else [])


def test_what_was_left_before_the_first_start_is_silent_to_its_end_and_nothing_else_is() -> None:
    store, said = MemoryStore(), list[dict[str, Any]]()
    s, start = shard(store, clock="wall"), HOUR0 + HOUR
    feed(s, cart=[*CART, track("Product Added", start - MINUTE, "u2", product_id="p1", price=10.0)])
    for now in (start, start + HOUR):
        look(s, now, said)
    assert [(o["kind"], o["user_id"]) for o in said if "cart_id" in o] == [("triggered", "u2")]
    later = start + 2 * HOUR
    feed(s, orders=[track("Order Completed", later, user, order_id=user, revenue=20.0) for user in ("u1", "u2")])
    look(s, later + HOUR, said)
    assert [(o["kind"], o["user_id"]) for o in said if "cart_id" in o] == [("triggered", "u2"), ("recovered", "u2")]
    assert store.stats(0)["history_skipped"] == "1"


def test_a_shard_that_was_taken_over_is_fenced_whatever_its_fold_meets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The new owner's profiles may name categories that this one has never heard of."""
    store = MemoryStore()
    old = shard(store)
    feed(old, clicks=[page(HOUR0), tick(HOUR0 + 1)], cart=[tick(HOUR0 + 1)], orders=[tick(HOUR0 + 1)])

    def broken(*args: Any) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setattr(Shoppers, "event", staticmethod(broken))
    shard(store)
    with pytest.raises(Fenced, match="another owner"):
        old.step()


def test_an_error_of_the_owner_stays_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    s = shard(MemoryStore())
    feed(s, clicks=[page(HOUR0), tick(HOUR0 + 1)], cart=[tick(HOUR0 + 1)], orders=[tick(HOUR0 + 1)])

    def broken(*args: Any) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setattr(Shoppers, "event", staticmethod(broken))
    with pytest.raises(IndexError):
        s.step()
