"""The shard: batches do not show, commits are exact under failures, timers fire in order and once."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from models.kernel.settings import DAY, HOUR, MINUTE
from models.profile import codec
from sinks.memory_store import MemoryStore
from sinks.shard_state import ShardState
from streams.errors import Fenced
from streams.shard import Shard
from tests.streams.driven import CART, HOUR0, SETTINGS, feed, kinds, run, shard
from tests.streams.logs import INPUTS, page, tick, track


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
    again = Shard(0, 1, INPUTS, store, SETTINGS).claim()
    assert again.positions == {"clickstream": 1, "cart": 2, "orders": 1}
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
    s = Shard(0, 2, INPUTS, MemoryStore(), replace(SETTINGS, misrouted="reject")).claim()
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
