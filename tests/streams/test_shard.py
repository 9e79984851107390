"""The shard: batches do not show, commits are exact under failures, timers fire in order and once."""

from __future__ import annotations

import msgspec
import pytest

from models import codec
from models.settings import DAY, HOUR, MINUTE, Settings
from sinks.memory_store import MemoryStore
from streams.records import End
from streams.shard import EngineSettings, Fenced, Shard
from streams.state import SLOTS, ShardState, Stats
from tests.streams.logs import INPUTS, T0, chunk, page, tick, track

SETTINGS = Settings(table_every=0)  # where batches end because of tables: test_tables.py
HOUR0 = T0 - T0 % HOUR + HOUR


def shard(store: MemoryStore, clock: str = "event", **engine: int) -> Shard:
    mode = "wall" if clock == "wall" else "event"
    made = Shard(0, 1, INPUTS, store, SETTINGS, clock=mode, engine=EngineSettings(**engine))
    made.claim()
    return made


def feed(s: Shard, *, clicks: list[bytes] = [], cart: list[bytes] = [], orders: list[bytes] = []) -> None:  # noqa: B006
    for topic, values in (("clickstream", clicks), ("cart", cart), ("orders", orders)):
        expected = s.buffers[topic].expected or 0
        s.offer(chunk(topic, values, expected))


def run(s: Shard, now: int = 0, ends: dict[str, End] | None = None) -> list[dict[str, object]]:
    """Step until there is nothing to do; the outputs."""
    out = [msgspec.json.decode(m.value) for m in s.outbox]
    s.published()
    while s.step(now, ends):
        out += [msgspec.json.decode(m.value) for m in s.outbox]
        s.published()
    return out


def kinds(outputs: list[dict[str, object]]) -> list[object]:
    return [o["kind"] for o in outputs if "cart_id" in o]


CART = [track("Product Added", HOUR0, product_id="p1", price=10.0, quantity=2)]


def test_a_cart_left_alone_fires_at_its_due_and_an_order_recovers_it() -> None:
    s = shard(MemoryStore())
    late = HOUR0 + 2 * HOUR
    feed(s, clicks=[tick(late)], cart=[*CART, tick(late)], orders=[tick(late)])
    [trigger] = [o for o in run(s) if "cart_id" in o]
    assert trigger["kind"] == "triggered"
    assert trigger["as_of"] == HOUR0 + 30 * MINUTE
    assert (trigger["value"], trigger["products"]) == (2_000, [{"product_id": "p1", "quantity": 2, "price": 1_000}])
    done = late + DAY
    order = track("Order Completed", late + 5, order_id="o1", revenue=20.0)
    feed(s, clicks=[tick(done)], cart=[tick(done)], orders=[order, tick(done)])
    [recovered] = [o for o in run(s) if "cart_id" in o]
    assert (recovered["kind"], recovered["order_at"]) == ("recovered", late + 5)


def test_an_order_at_the_very_due_folds_first() -> None:
    s = shard(MemoryStore())
    due, end = HOUR0 + 30 * MINUTE, HOUR0 + DAY
    order = track("Order Completed", due, order_id="o1", revenue=20.0)
    feed(s, clicks=[tick(end)], cart=[*CART, tick(end)], orders=[order, tick(end)])
    assert kinds(run(s)) == []


def test_a_repeated_commit_is_recognised_and_a_zombie_is_fenced() -> None:
    store = MemoryStore()
    s = shard(store)
    feed(s, clicks=[page(HOUR0), tick(HOUR0 + 1)], cart=[tick(HOUR0 + 1)], orders=[tick(HOUR0 + 1)])
    other = shard(store)
    with pytest.raises(Fenced):
        s.step()
    feed(other, clicks=[page(HOUR0), tick(HOUR0 + 1)], cart=[tick(HOUR0 + 1)], orders=[tick(HOUR0 + 1)])
    run(other)
    assert store.stats(0)["events"] == "1"


def test_a_claim_brings_back_offsets_time_and_the_outbox() -> None:
    store = MemoryStore()
    s = shard(store)
    end = HOUR0 + 2 * HOUR
    feed(s, clicks=[tick(end)], cart=[*CART, tick(end)], orders=[tick(end)])
    assert s.step()
    sent = list(s.outbox)
    assert sent
    again = Shard(0, 1, INPUTS, store, SETTINGS)
    assert again.claim() == {"clickstream": 1, "cart": 2, "orders": 1}
    assert list(again.outbox) == sent
    assert again.watermark == end
    with pytest.raises(RuntimeError, match="must be published"):
        again.step()


def test_timers_fire_by_time_then_user_and_in_small_batches() -> None:
    store = MemoryStore()
    s = shard(store, batch_records=2, batch_outputs=1)
    end = HOUR0 + HOUR
    users = ["ü", "b", "a", "z"]
    cart = [track("Product Added", HOUR0 + i // 2, user, product_id="p", price=1.0) for i, user in enumerate(users)]
    feed(s, clicks=[tick(end)], cart=[*cart, tick(end)], orders=[tick(end)])
    fired = [o["user_id"] for o in run(s) if o["kind"] == "triggered"]
    assert fired == ["b", "ü", "a", "z"]
    assert s.watermark == end


def test_a_record_in_the_wrong_partition_is_a_dead_letter() -> None:
    s = Shard(0, 2, INPUTS, MemoryStore(), SETTINGS)
    s.claim()
    values = [page(HOUR0 + i, f"user-{i}") for i in range(20)]
    feed(s, clicks=[*values, tick(HOUR0 + HOUR)], cart=[tick(HOUR0 + HOUR)], orders=[tick(HOUR0 + HOUR)])
    letters = [o for o in run(s) if o["kind"] == "dead_letter"]
    assert 0 < len(letters) < 20
    assert {o["code"] for o in letters} == {"misrouted"}
    assert s.stats.totals["events"] == 20 == s.stats.totals["applied"] + len(letters)


def test_identical_dead_letters_have_ids_of_their_own() -> None:
    s = shard(MemoryStore())
    end = tick(HOUR0)
    feed(s, clicks=[b"{", b"{", None, end], cart=[end], orders=[b"{", end])
    letters = run(s)
    assert [o["code"] for o in letters] == ["not_json"] * 4
    assert len({o["id"] for o in letters}) == 4


def test_a_visitor_is_forgotten_after_thirty_idle_days_with_the_tags_held() -> None:
    store = MemoryStore()
    s = shard(store)
    end = HOUR0 + 31 * DAY
    feed(s, clicks=[page(HOUR0), page(HOUR0 + 1), tick(end)], cart=[tick(end)], orders=[tick(end)])
    tags = [(o["kind"], o["tag"], o["as_of"]) for o in run(s)]
    gone = HOUR0 + 1 + 30 * DAY
    assert tags == [
        ("entered", "stage:new", HOUR0 + 1),
        ("exited", "stage:new", HOUR0 + 7 * DAY),
        ("entered", "stage:active", HOUR0 + 7 * DAY),
        ("exited", "stage:active", gone),
    ]
    assert store.profile(0, "u1") is None
    assert dict(store.timers(0)) == {}
    stats = store.stats(0)
    assert stats["shoppers_expired"] == "1"
    assert {stats.get(name, "0") for name in ("shoppers", "stage:new", "stage:active")} == {"0"}


def wall(now: int, clicks: int, cart: int, orders: int) -> dict[str, End]:
    """The logs' ends as of `now`."""
    return {"clickstream": End(clicks, now), "cart": End(cart, now), "orders": End(orders, now)}


def live(store: MemoryStore) -> Shard:
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
    assert (trigger["kind"], trigger["as_of"]) == ("triggered", HOUR0 + 30 * MINUTE)


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


def test_minutes_are_a_ring() -> None:
    stats = Stats()
    stats.minutes({5: [1, 0, 0, 0], 5 + SLOTS: [2, 1, 0, 0]})
    stats.minutes({5: [9, 9, 9, 9], 5 + SLOTS: [1, 0, 0, 0]})
    assert stats.taken() == {"m:5": f"{5 + SLOTS},3,1,0,0"}
    assert stats.taken() == {}


def test_profiles_committed_are_what_their_bytes_say() -> None:
    store = MemoryStore()
    s = shard(store)
    feed(s, clicks=[page(HOUR0), tick(HOUR0 + 1)], cart=[tick(HOUR0 + 1)], orders=[tick(HOUR0 + 1)])
    run(s)
    packed = store.profile(0, "u1")
    assert packed is not None
    assert codec.encode(codec.decode(packed)) == packed
    assert codec.decode(packed).due == store.timers(0)["u1"]


def test_an_event_older_than_a_profiles_life_makes_none() -> None:
    """Else the shopper would be born and forgotten again, with the ids of the first time."""
    store = MemoryStore()
    s = shard(store)
    end = HOUR0 + 31 * DAY
    feed(s, clicks=[page(HOUR0), page(HOUR0 + 1), tick(end)], cart=[tick(end)], orders=[tick(end)])
    first = run(s)
    late = [page(HOUR0), page(HOUR0 + 1), tick(end + DAY)]
    feed(s, clicks=late, cart=[tick(end + DAY)], orders=[tick(end + DAY)])
    assert (first != [], run(s)) == (True, [])
    assert store.stats(0)["too_old"] == "2"
    assert store.stats(0)["applied"] == "4"
    assert store.profile(0, "u1") is None


@pytest.mark.parametrize(
    "bounds", [{"batch_outputs": 1}, {"batch_outputs": 2}, {"batch_records": 1}, {"batch_records": 2}]
)
@pytest.mark.parametrize("crash", [False, True])
def test_a_batch_cut_short_at_its_last_timer_leaves_no_watermark_behind(bounds: dict[str, int], crash: bool) -> None:
    store = MemoryStore()
    s = shard(store, **bounds)
    end = HOUR0 + 9 * HOUR
    feed(s, clicks=[tick(end)], cart=[*CART, tick(end)], orders=[tick(end)])
    while s.step():
        s.published()
        if crash and store.offsets(0) == {"clickstream": 1, "cart": 2, "orders": 1}:
            crash, s = False, shard(store, **bounds)
            s.published()
    assert ShardState.decode(store.shard(0)).watermark == s.watermark == end
