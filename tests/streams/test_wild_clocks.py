"""One wrong clock makes nobody else late: Kafka timestamps and event times out of all reason, under the wall clock."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.settings import DAY, HOUR, MINUTE, SECOND
from sinks.memory_store import MemoryStore
from streams.arrival import arrival
from streams.claimed import ClaimedShard
from streams.faults import Faults, Point
from streams.records import Chunk, End
from streams.shard import Shard
from tests.reference.facts import facts_of_engine
from tests.reference.flaky import Crash
from tests.streams.driven import HOUR0, SETTINGS, shard
from tests.streams.logs import INPUTS, Rec, page, tick, track

HOURS = 2
YEAR = 365 * DAY
TOPICS = ("clickstream", "cart", "orders")

KAFKA = st.sampled_from(
    [-1, 0, HOUR0 // SECOND, HOUR0 - 40 * DAY, HOUR0 + HOUR, HOUR0 + 12 * HOUR, HOUR0 + DAY, HOUR0 + 9 * DAY, 1 << 50]
)
EVENTS = st.sampled_from(
    [
        HOUR0 - 25 * YEAR,
        HOUR0 - DAY,
        HOUR0 + 4 * MINUTE,
        HOUR0 + HOUR,
        HOUR0 + DAY - 1,
        HOUR0 + 2 * DAY,
        HOUR0 + 80 * YEAR,
    ]
)


class Dying(Faults):
    """A worker that dies with a batch folded and not committed."""

    def at(self, point: Point) -> None:
        if point == "after_fold":
            raise Crash(point)


class Arrival(NamedTuple):
    """A record that comes in a minute."""

    minute: int
    topic: str
    timestamp: int
    value: bytes


def steady() -> list[Arrival]:
    """Shoppers whose clocks are right: one is reminded, one orders in time, one after that, one looks around."""
    said = [
        (3, "cart", track("Product Added", HOUR0 + 3 * MINUTE, "left", product_id="p", price=9)),
        (5, "cart", track("Product Added", HOUR0 + 5 * MINUTE, "buys", product_id="p", price=9)),
        (20, "orders", track("Order Completed", HOUR0 + 20 * MINUTE, "buys", order_id="o1", revenue=9)),
        (10, "cart", track("Product Added", HOUR0 + 10 * MINUTE, "slow", product_id="p", price=9)),
        (70, "orders", track("Order Completed", HOUR0 + 70 * MINUTE, "slow", order_id="o2", revenue=9)),
        (90, "clickstream", page(HOUR0 + 90 * MINUTE, "looks")),
    ]
    return [Arrival(minute, topic, HOUR0 + minute * MINUTE, value) for minute, topic, value in said]


@st.composite
def wild(draw: st.DrawFn) -> Arrival:
    """Somebody whose clocks are not; or a tick that promises too much."""
    minute, topic, e = draw(st.integers(0, 60 * HOURS - 1)), draw(st.sampled_from(TOPICS)), draw(EVENTS)
    user = draw(st.sampled_from(["w1", "w2"]))
    value = draw(
        st.sampled_from(
            [
                page(e, user),
                track("Product Added", e, user, product_id="p", price=1),
                track("Order Completed", e, user, order_id=f"{user}-{e}", revenue=1),
                tick(e),
            ]
        )
    )
    return Arrival(minute, topic, draw(KAFKA), value)


def live(arrivals: list[Arrival]) -> tuple[list[bytes], MemoryStore]:
    """What a shard says, minute by minute, of shoppers whose clocks are right."""
    store = MemoryStore()
    s = shard(store, clock="wall")
    said: list[bytes] = []
    for minute in range(60 * HOURS):
        now = HOUR0 + minute * MINUTE
        for topic in TOPICS:
            offer(s, topic, [a for a in arrivals if (a.minute, a.topic) == (minute, topic)])
        for look in range(3):
            ends = {topic: End(buffer.expected or 0, now + look) for topic, buffer in s.buffers.items()}
            while s.step(now + look, ends):
                said += [m.value for m in s.outbox if m.key and not m.key.startswith(b"w")]
                s.published()
        assert s.watermark <= now + 2, "time has run ahead of the clock"
    return said, store


def told(said: list[bytes]) -> list[str]:
    """What is said, but for when a reminder went out: one that has to wait for others' records says so."""
    messages: list[dict[str, Any]] = [msgspec.json.decode(value) for value in said]
    reminders = {"as_of": 0, "expires_at": 0}
    return sorted(repr(m | reminders if m["kind"] == "triggered" else m) for m in messages)


def offer(s: ClaimedShard, topic: str, arrivals: list[Arrival]) -> None:
    start = s.buffers[topic].expected or 0
    records = [Rec(start + i, a.timestamp, None, a.value) for i, a in enumerate(arrivals)]
    if records:
        s.receive(Chunk(topic, 0, start, records))


BASE, _ = live(steady())


def test_the_base_says_something() -> None:
    said = [msgspec.json.decode(value) for value in BASE]
    carts = [(m["kind"], m["user_id"]) for m in said if "cart_id" in m]
    assert carts == [("triggered", "left"), ("triggered", "slow"), ("recovered", "slow")]


@given(st.lists(wild(), max_size=30))
def test_wild_clocks_of_some_change_nothing_that_is_said_of_others(others: list[Arrival]) -> None:
    said, store = live(sorted([*steady(), *others], key=lambda a: a.minute))
    assert told(said) == told(BASE)
    facts = facts_of_engine(store, 0, SETTINGS)
    assert all(found["last"] < HOUR0 + HOURS * HOUR for found in facts.values())


@pytest.mark.parametrize(
    ("timestamp", "e", "taken", "clamped"),
    [
        (HOUR0, HOUR0 - MINUTE, HOUR0 - MINUTE, 0),
        (HOUR0 // SECOND, HOUR0 - MINUTE, HOUR0 - MINUTE, 0),  # seconds: the event's own time
        (-1, HOUR0 - MINUTE, HOUR0 - MINUTE, 0),
        (-1, HOUR0 + DAY, HOUR0 + MINUTE, 1),  # the worker's now bounds it
        (HOUR0 + 9 * DAY, HOUR0 + 9 * DAY, HOUR0 + MINUTE, 1),
        (HOUR0 + HOUR, HOUR0 + HOUR, HOUR0 + MINUTE, 1),
        (HOUR0, HOUR0 + HOUR, HOUR0, 1),
        (HOUR0 + MINUTE, HOUR0 + 3 * MINUTE, HOUR0 + MINUTE, 0),  # within `max_skew`
    ],
)
def test_what_bounds_an_event(timestamp: int, e: int, taken: int, clamped: int) -> None:
    store = MemoryStore()
    s = shard(store, clock="wall")
    now = HOUR0 + MINUTE
    offer(s, "clickstream", [Arrival(0, "clickstream", timestamp, page(e))])
    assert s.step(now, {topic: End(buffer.expected or 0, now) for topic, buffer in s.buffers.items()})
    assert facts_of_engine(store, 0, SETTINGS)["u1"]["last"] == taken
    assert s.stats.totals.get("clamped", 0) == clamped


def test_a_record_that_was_not_committed_is_read_as_of_the_later_now() -> None:
    """Nothing of the first reading is left anywhere."""
    store = MemoryStore()
    for faults, now in ((Dying(), HOUR0), (Faults(), HOUR0 + HOUR)):
        s = Shard(0, 1, INPUTS, store, SETTINGS, clock="wall", faults=faults).claim()
        offer(s, "clickstream", [Arrival(0, "clickstream", -1, page(HOUR0 + DAY))])
        with suppress(Crash):
            s.step(now, {topic: End(buffer.expected or 0, now) for topic, buffer in s.buffers.items()})
    facts = facts_of_engine(store, 0, SETTINGS)["u1"]
    assert (facts["events"], facts["first"], facts["last"]) == (1, HOUR0 + HOUR, HOUR0 + HOUR)


def test_the_event_clock_knows_no_now() -> None:
    assert arrival(1 << 50, 0) == 1 << 50
    assert arrival(HOUR0 // SECOND, 0) == arrival(-1, 0) == arrival(0, 0) == -1
