"""*Carts*: what lies in them, and what becomes of those that are left."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from dashboard.answers.activity import WEEK, Activity
from dashboard.answers.freshness import Freshness, freshness
from dashboard.shop import ShopView
from dashboard.snapshot import Snapshot
from models.kernel import zones
from models.kernel.settings import DAY, HOUR

DAYS = 8
"""Days of the shop that are told one by one, today included."""
AGES = (0, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY)
"""Where ages of carts begin (ms)."""
DEAREST = 15
"""Open carts that are named."""


class Outcome(Struct, frozen=True):
    """Reminders and their ends within a time: `rate` is recovered / triggered, None where nothing was triggered; values
    are what was in the carts."""

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
    triggered: int
    recovered: int
    rate: float | None


class Age(Struct, frozen=True):
    """Open carts by the time since their newest change: from so many ms on, up to so many (None: no bound)."""

    since: int
    until: int | None
    carts: int


class OpenCart(Struct, frozen=True):
    """An open cart: whose, what it is worth, pieces in it, when it was changed last, when reminded of (0: not yet)."""

    user_id: str
    cart_id: str
    value: int
    pieces: int
    changed: int
    reminded: int


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
    ages: tuple[Age, ...]
    dearest: tuple[OpenCart, ...]


def carts(snapshot: Snapshot, shop: ShopView) -> Carts:
    """The view of a snapshot."""
    fresh, summary = freshness(snapshot, shop), snapshot.summary
    counts = summary.counts
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
        suppressed=_suppressed(seen),
        ages=_ages(seen, counts["carts"]),
        dearest=tuple(
            OpenCart(cart.user, cart.cart, cart.value, cart.pieces, cart.changed, cart.reminded)
            for cart in summary.top_carts[:DEAREST]
        ),
    )


def outcome(seen: Activity, since: int, until: int) -> Outcome:
    """What became of reminders between two times (ms)."""

    def of(name: str) -> int:
        return round(seen.sum(name, since, until))

    triggered, recovered = of("cart:triggered"), of("cart:recovered")
    return Outcome(
        triggered=triggered,
        triggered_value=of("cart_value:triggered"),
        recovered=recovered,
        recovered_value=of("cart_value:recovered"),
        cancelled=of("cart:cancelled"),
        expired=of("cart:expired"),
        suppressed=of("cart:suppressed"),
        rate=recovered / triggered if triggered else None,
    )


def _day(seen: Activity, ago: int) -> Day:
    begins = seen.day_begins(ago)
    ended = seen.day_begins(ago - 1) if ago else seen.as_of + 1
    found = outcome(seen, begins, ended)
    return Day(zones.iso(zones.day(begins, seen.zone)), found.triggered, found.recovered, found.rate)


def _suppressed(seen: Activity) -> tuple[tuple[str, int], ...]:
    found: Counter[str] = Counter()
    for _, counts in seen.hours(seen.as_of - WEEK):
        for name, n in counts.items():
            kind, _, why = name.partition(":")
            if kind == "suppressed":
                found[why] += n
    return tuple((why, n) for why, n in found.most_common() if n > 0)


def _ages(seen: Activity, carts: int) -> tuple[Age, ...]:
    """Carts by the hour of their newest change; those whose hour is no longer kept are the oldest."""
    found = [0] * len(AGES)
    for hour, counts in seen.hours(0):
        age = max(0, seen.as_of - (hour + 1) * HOUR)
        found[max(place for place, since in enumerate(AGES) if since <= age)] += counts.get("carts_at", 0)
    found[-1] += max(0, carts - sum(found))
    return tuple(Age(since, until, n) for since, until, n in zip(AGES, (*AGES[1:], None), found, strict=True))
