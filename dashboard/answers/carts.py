"""*Carts*: what lies in them, and what becomes of those that are left."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from dashboard.answers import lift
from dashboard.answers.activity import WEEK, Activity
from dashboard.answers.feed import Item
from dashboard.answers.freshness import Freshness, freshness
from dashboard.shop import ShopView
from dashboard.snapshot import Snapshot
from models.acting.lift import Experiment
from models.carts.cart_trigger import CART_ABANDONMENTS
from models.kernel import zones
from models.kernel.settings import DAY, HOUR

DAYS = 8
"""Days of the shop that are told one by one, today included."""
AGES = (0, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY)
"""Where ages of carts begin (ms)."""
DEAREST = 15
"""Open carts that are named."""


class Outcome(Struct, frozen=True):
    """Reminders and their ends within a time: `reminded` are carts, by their first reminder; `rate` is recovered /
    reminded, None where no cart was; values are what was in the carts. Ends of carts whose shopper is held out are
    none of these."""

    reminded: int
    triggered: int
    triggered_value: int
    recovered: int
    recovered_value: int
    cancelled: int
    expired: int
    suppressed: int
    rate: float | None


class Day(Struct, frozen=True):
    """One of the newest days of the shop, as ``2026-11-28``."""

    day: str
    reminded: int
    recovered: int
    rate: float | None


class Age(Struct, frozen=True):
    """Open carts by the time since their newest change: from so many ms on, up to so many (None: no bound)."""

    since: int
    until: int | None
    carts: int


class OpenCart(Struct, frozen=True):
    """An open cart: whose, what it is worth, pieces in it, when it was changed last, when reminded of (0: not yet).

    `stage` is how far the shopper came with it (``cart``, ``checkout``), by its newest message that the feed still has;
    "" if there is none.
    """

    user_id: str
    cart_id: str
    value: int
    pieces: int
    changed: int
    reminded: int
    stage: str = ""


class Carts(Struct, frozen=True, kw_only=True):
    """The view.

    Attributes
    ----------
    open, value
        Open carts, and what is in them; `reminded`, `reminded_value`: of these the ones a reminder went out for.
    today, week
        What became of reminders, today and within seven days.
    days
        Day by day, oldest first.
    suppressed
        Why carts were not reminded of, within seven days: reason and carts.
    deferred
        Why messages were put off in these days, and how often: ``active`` (the shopper was here), ``quiet`` (quiet
        hours). An alert may be among the latter.
    experiments
        What reminders bring: the running experiment first.
    ages
        Open carts by age.
    dearest
        Those worth most, the dearest first.
    """

    freshness: Freshness
    currency: str
    open: int
    value: int
    reminded: int
    reminded_value: int
    today: Outcome
    week: Outcome
    days: tuple[Day, ...]
    suppressed: tuple[tuple[str, int], ...]
    deferred: tuple[tuple[str, int], ...]
    experiments: tuple[Experiment, ...]
    ages: tuple[Age, ...]
    dearest: tuple[OpenCart, ...]


def carts(snapshot: Snapshot, shop: ShopView, feed: Sequence[Item] = ()) -> Carts:
    """The view of a snapshot, and of what was said lately."""
    fresh, summary = freshness(snapshot, shop), snapshot.summary
    counts = summary.counts
    stages = _stages(feed)
    seen = Activity(summary, fresh.as_of, shop.settings.time_zone)
    return Carts(
        freshness=fresh,
        currency=shop.settings.currency,
        open=counts["carts"],
        value=counts["carts_value"],
        reminded=counts["carts_reminded"],
        reminded_value=counts["carts_reminded_value"],
        today=outcome(seen, seen.midnight, seen.as_of + 1),
        week=outcome(seen, seen.as_of - WEEK, seen.as_of + 1),
        days=tuple(_day(seen, ago) for ago in reversed(range(DAYS)) if seen.day_begins(ago) + DAY > seen.began > 0),
        suppressed=seen.beginning("suppressed", seen.as_of - WEEK),
        deferred=seen.beginning("deferred", seen.as_of - WEEK),
        experiments=lift.of("carts", snapshot, shop),
        ages=_ages(seen, counts["carts"]),
        dearest=tuple(
            OpenCart(
                cart.user,
                cart.cart,
                cart.value,
                cart.pieces,
                cart.changed,
                cart.reminded,
                stages.get((cart.user, cart.cart), ""),
            )
            for cart in summary.top_carts[:DEAREST]
        ),
    )


def outcome(seen: Activity, since: int, until: int) -> Outcome:
    """What became of reminders between two times (ms)."""

    def of(name: str) -> int:
        return round(seen.sum(name, since, until))

    reminded, recovered = of("cart:reminded"), of("cart:recovered")
    return Outcome(
        reminded=reminded,
        triggered=of("cart:triggered"),
        triggered_value=of("cart_value:triggered"),
        recovered=recovered,
        recovered_value=of("cart_value:recovered"),
        cancelled=of("cart:cancelled"),
        expired=of("cart:expired"),
        suppressed=of("cart:suppressed"),
        rate=recovered / reminded if reminded else None,
    )


def _stages(feed: Sequence[Item]) -> dict[tuple[str | None, str], str]:
    """By shopper and cart, how far the shopper had come by its newest message."""
    return {
        (item.user_id, item.message["cart_id"]): item.message.get("stage", "cart")
        for item in feed
        if item.topic == CART_ABANDONMENTS.role
    }


def _day(seen: Activity, ago: int) -> Day:
    begins = seen.day_begins(ago)
    ended = seen.day_begins(ago - 1) if ago else seen.as_of + 1
    found = outcome(seen, begins, ended)
    return Day(zones.iso(zones.day(begins, seen.zone)), found.reminded, found.recovered, found.rate)


def _ages(seen: Activity, carts: int) -> tuple[Age, ...]:
    """Carts by the hour of their newest change; those whose hour is no longer kept are the oldest."""
    found = [0] * len(AGES)
    for hour, counts in seen.hours(0):
        age = max(0, seen.as_of - (hour + 1) * HOUR)
        found[max(place for place, since in enumerate(AGES) if since <= age)] += counts.get("carts_at", 0)
    found[-1] += max(0, carts - sum(found))
    return tuple(Age(since, until, n) for since, until, n in zip(AGES, (*AGES[1:], None), found, strict=True))
