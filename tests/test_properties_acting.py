"""What is promised of messages that ask for action, on random histories and without the reference.

One shopper, as in tests/test_properties_carts.py: all events go through one topic in the order they arrive, so what is
known at a time is what arrived by then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.acting.quiet_hours import quiet_until
from models.features import ShopSettings
from models.kernel.settings import DAY, HOUR, MINUTE
from tests.reference.compare import distinct
from tests.reference.driver import straight
from tests.reference.logs import START, Logs
from tests.topics import CART_ABANDONMENTS, CHURN_ALERTS

CLOSINGS = ("recovered", "cancelled", "expired")
GAPS = (0, 1, MINUTE, 10 * MINUTE, 29 * MINUTE, 30 * MINUTE, 31 * MINUTE, HOUR, 5 * HOUR, DAY, 3 * DAY, 8 * DAY)
LATE = (0, 0, 0, 0, 1, 10 * MINUTE, 31 * MINUTE, 2 * HOUR)
CHANGES = ("Product Added", "Product Removed")
Messages = list[dict[str, Any]]


class Act(NamedTuple):
    """Something the shopper does: `gap` ms after the act before, written `late` ms after it happened."""

    event: str
    properties: dict[str, Any]
    gap: int
    late: int


class Known(NamedTuple):
    """An act as it stands in the log: its event time, and the newest event time when it arrives."""

    event: str
    properties: dict[str, Any]
    e: int
    w: int


class Told(NamedTuple):
    """A history, and what was said."""

    user: str
    shop: ShopSettings
    known: list[Known]
    said: Messages

    def asking(self) -> Messages:
        """The messages that ask for action."""
        return [one for one in self.said if one["kind"] in ("triggered", "raised")]

    def generations(self) -> Iterator[Messages]:
        """What was said of each time a cart was left."""
        found: defaultdict[tuple[str, int], Messages] = defaultdict(list)
        for one in self.said:
            if "cart_id" in one:
                found[one["cart_id"], one["anchor"]].append(one)
        yield from found.values()


def act(event: str, **properties: st.SearchStrategy[Any]) -> st.SearchStrategy[Act]:
    stated = st.fixed_dictionaries(properties)
    return st.builds(Act, st.just(event), stated, st.sampled_from(GAPS), st.sampled_from(LATE))


line = {"product_id": st.sampled_from(["p", "q", "r"]), "cart_id": st.sampled_from(["default", "c1"])}
adding = act("Product Added", **line)
consenting = act("Consent Updated", channel=st.sampled_from([None, "email", "sms"]), granted=st.booleans())
acting = st.one_of(
    *(adding, adding, adding, act("Product Removed", **line), act("Page Viewed"), consenting),
    *(act("Order Completed"), act("Checkout Started")),
)
acts = st.lists(acting, min_size=2, max_size=14)
users = st.integers(0, 99).map("u{}".format)
shops = st.builds(
    ShopSettings,
    cart_steps=st.sampled_from([(30 * MINUTE,), (30 * MINUTE, DAY), (10 * MINUTE, HOUR, 2 * HOUR, DAY, 3 * DAY)]),
    idle=st.sampled_from([0, 30 * MINUTE, HOUR]),
    reminder_valid=st.sampled_from([30 * MINUTE, DAY, 7 * DAY]),
    message_cap=st.sampled_from([0, 1, 2]),
    holdout=st.sampled_from([0, 0.1, 0.5]),
    channels=st.sampled_from([("email",), ("email", "sms")]),
    consent_default=st.sampled_from(["granted", "granted", "denied"]),
    table_every=st.just(0),
)


def tell(user: str, shop: ShopSettings, acts: list[Act], late: bool, start: int = 10 * DAY, zone: str = "") -> Told:
    """What is said of a history that begins at `start` (ms after `START`); at its end all that is due happens."""
    logs, known, now, newest = Logs(settings=shop), list[Known](), start, 0
    logs.tick(start + 300 * DAY, ["cart", "orders"])
    for number, (event, properties, gap, lateness) in enumerate(acts):
        now += gap
        e = now - lateness if late else now
        newest = max(newest, e)
        order = {"order_id": f"o{number}", "revenue": 1} if event == "Order Completed" else {}
        context = {"timezone": zone} if zone else None
        logs.track(event, user, e, topic="clickstream", context=context, **order, **properties)
        known.append(Known(event, properties, START + e, START + newest))
    logs.tick(start + 300 * DAY, ["clickstream"])
    said = [one for topic, one in distinct(straight(logs)[1]) if topic in (CART_ABANDONMENTS, CHURN_ALERTS)]
    return Told(user, shop, known, said)


told = st.builds(tell, users, shops, acts, st.booleans())


@given(told)
def test_nobody_is_reminded_who_was_active_just_now(told: Told) -> None:
    for one in told.asking():
        if one["kind"] == "triggered":
            about = [k for k in told.known if k.w <= one["as_of"] < k.e + told.shop.idle]
            assert not about


@given(told)
def test_nobody_is_reminded_after_an_order_that_covers_the_cart(told: Told) -> None:
    orders = [k for k in told.known if k.event == "Order Completed"]
    for one in told.asking():
        if one["kind"] == "triggered":
            assert not [o for o in orders if o.e >= one["anchor"] and o.w <= one["as_of"]]


@given(told)
def test_nobody_gets_more_messages_than_the_cap_within_its_time(told: Told) -> None:
    times = sorted(one["as_of"] for one in told.asking())
    for last in times if told.shop.message_cap else ():
        window = [at for at in times if last - told.shop.message_cap_window < at <= last]
        assert len(window) <= told.shop.message_cap


def allowed(told: Told, until: int) -> list[str]:
    """The channels that may be used by what arrived before or at a time."""
    said = [(k.e, n, k.properties) for n, k in enumerate(told.known) if k.w <= until and k.event == "Consent Updated"]
    found = []
    for channel in told.shop.channels:
        words = [(e, p["channel"] == channel, n, p["granted"]) for e, n, p in said if p["channel"] in (None, channel)]
        if max(words)[-1] if words else told.shop.consent_default == "granted":
            found.append(channel)
    return found


@given(told)
def test_nobody_is_written_to_without_consent(told: Told) -> None:
    for one in told.asking():
        assert one["channels"]
        assert one["channels"] == allowed(told, one["as_of"])


@given(told)
def test_a_withdrawal_takes_back_what_may_still_be_acted_on(told: Told) -> None:
    withdrawn = [
        k.w
        for k, before in zip(told.known[1:], told.known, strict=False)
        if k.w > before.w and set(allowed(told, k.w - 1)) - set(allowed(told, k.w))
    ]
    for generation in told.generations():
        closing = next((one for one in generation if one["kind"] in CLOSINGS), None)
        for sent in (one for one in generation if one["kind"] == "triggered"):
            for at in (at for at in withdrawn if sent["as_of"] < at < sent["expires_at"]):
                assert closing is not None
                assert closing["as_of"] <= at
                if closing["reason"] == "consent withdrawn":
                    assert sent["id"] in closing["retract"] or sent["expires_at"] <= closing["as_of"]


@given(told)
def test_each_generation_that_was_said_closes_once(told: Told) -> None:
    for generation in told.generations():
        said = [one for one in generation if one["kind"] == "triggered" or one["reason"] == "holdout"]
        closings = [one for one in generation if one["kind"] in CLOSINGS]
        assert len(closings) == bool(said)
        assert generation[-1:] == closings or not closings
        steps = [one["step"] for one in generation if one["kind"] in ("triggered", "suppressed")]
        assert steps == sorted(set(steps))


def arm(told: Told, programme: str) -> str:
    """The shopper's, by the hash the contract names."""
    drawn = int.from_bytes(blake2b(f"{programme}\0{told.user}".encode(), digest_size=8).digest(), "big")
    return "holdout" if drawn < told.shop.holdout * 2**64 else "treated"


@given(told)
def test_arms_stick_and_the_holdout_gets_nothing(told: Told) -> None:
    for one in told.said:
        mine = arm(told, "carts" if "cart_id" in one else "churn")
        if one["kind"] in ("triggered", "raised"):
            assert mine == one["arm"] == "treated"
        elif one["kind"] != "cleared":
            assert one["arm"] == mine
        assert mine == "holdout" or one["reason"] != "holdout"


ZONES = ("America/New_York", "Europe/Berlin", "Australia/Sydney", "Australia/Lord_Howe", "Africa/Cairo")
"""Both hemispheres; half an hour; clocks put forward at midnight."""
QUIET = (
    (21 * 60, 8 * 60),
    (2 * 60, 3 * 60),
    (135, 165),
    (0, 60),
    (23 * 60 + 30, 30),
    (60, 150),
    (15, 45),
    (150, 240),
    (30, 120),
)


@cache
def changes(zone: str) -> tuple[int, ...]:
    """When clocks are put forward or back in 2026, in minutes since `START`."""
    offsets = [local(START + minute * MINUTE, zone)[2] for minute in range(0, 365 * 24 * 60, 15)]
    return tuple(15 * n for n in range(1, len(offsets)) if offsets[n] != offsets[n - 1])


def local(at: int, zone: str) -> tuple[int, int, float]:
    """The date and the minute of the day that clocks show, and how far they are from UTC."""
    shown = datetime.fromtimestamp(at // 1_000, UTC).astimezone(ZoneInfo(zone))
    offset = shown.utcoffset()
    assert offset is not None
    return shown.toordinal(), shown.hour * 60 + shown.minute, offset.total_seconds()


@cache
def reached(zone: str, day: int) -> dict[int, int]:
    """When clocks first show each minute (counted over dates), or a later one, found by watching one minute by minute
    from two days before a day (counted from `START`) to two days after it."""
    found: dict[int, int] = {}
    highest = 0
    for at in range(START + (day - 3) * DAY, START + (day + 3) * DAY, MINUTE):
        date, minute, _ = local(at, zone)
        shown = date * 24 * 60 + minute
        for each in range((highest or shown) + 1, shown + 1):
            found[each] = at
        highest = max(highest, shown)
    return found


def is_quiet(at: int, quiet: tuple[int, int], zone: str) -> bool:
    """Whether it is quiet: from when the clock first shows the beginning on a date until it first shows the end."""
    first, today = reached(zone, (at - START) // DAY), local(at, zone)[0]
    begins, ends = quiet
    return any(
        first[date * 24 * 60 + begins] <= at < first[(date + (ends < begins)) * 24 * 60 + ends]
        for date in (today - 1, today)
    )


@given(
    st.sampled_from(ZONES),
    st.integers(0, 1),
    st.sampled_from(QUIET),
    st.integers(0, 40),
    st.lists(st.one_of(adding, act("Page Viewed"), act("Order Completed")), min_size=1, max_size=6),
)
def test_nobody_is_disturbed_in_quiet_hours(
    zone: str, which: int, quiet: tuple[int, int], before: int, acts: list[Act]
) -> None:
    """Around both changes of clocks, as somebody sees it who watches one."""
    steps = (30 * MINUTE, 3 * HOUR, 6 * HOUR, DAY)
    shop = ShopSettings(quiet_hours=quiet, holdout=0, message_cap=0, cart_steps=steps, table_every=0)
    start = changes(zone)[which] * MINUTE - before * HOUR
    told = tell("u", shop, [one._replace(gap=min(one.gap, DAY)) for one in acts], late=False, start=start, zone=zone)
    for one in told.asking():
        assert not is_quiet(one["as_of"], quiet, zone)


@pytest.mark.parametrize("quiet", QUIET)
@pytest.mark.parametrize("zone", ZONES)
def test_quiet_hours_are_what_a_watched_clock_says(zone: str, quiet: tuple[int, int]) -> None:
    """Around both changes: whether it is quiet, and when that ends."""
    for change in changes(zone)[:2]:
        for minutes in range(change - 30 * 60, change + 30 * 60, 5):
            at = START + minutes * MINUTE
            until = quiet_until(at, quiet, zone)
            assert bool(until) == is_quiet(at, quiet, zone)
            assert not until or (is_quiet(until - 1, quiet, zone) and not is_quiet(until, quiet, zone))


def test_what_is_quiet_is_found_by_watching_a_clock() -> None:
    """Lord Howe puts clocks forward from 2:00 to 2:30; what should end at 2:15 ends then. In Cairo midnight is missing
    once a year."""
    forward = START + changes("Australia/Lord_Howe")[1] * MINUTE
    assert [is_quiet(forward + ms, (60, 135), "Australia/Lord_Howe") for ms in (-MINUTE, 0)] == [True, False]
    midnight = START + changes("Africa/Cairo")[0] * MINUTE
    assert [is_quiet(midnight + ms, (0, 60), "Africa/Cairo") for ms in (-MINUTE, 0)] == [False, False]
    assert [is_quiet(midnight + ms, (30, 90), "Africa/Cairo") for ms in (-MINUTE, 0, 30 * MINUTE)] == [
        False, True, False,
    ]  # fmt: skip
