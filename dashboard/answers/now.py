"""*Now*: the shop as it breathes."""

from __future__ import annotations

from collections.abc import Iterable
from math import log

from msgspec import Struct

from dashboard.answers.activity import Activity
from dashboard.answers.compared import Compared
from dashboard.answers.freshness import Freshness, freshness
from dashboard.shop import ShopView
from dashboard.snapshot import Snapshot
from models.interests.heat import Heat
from models.kernel import zones
from models.kernel.settings import DAY, HOUR, MINUTE

LATELY = 10
"""Minutes of the funnel of now."""
SHOWN = 60
"""Minutes shown one by one."""
RISING = 8
"""Rising products, or categories, that are named."""
LEAST = 2.0
"""Views lately, decayed with a half-life of an hour, below which nothing is called rising."""
STAGES = ("visits", "viewed", "carted", "checkout", "bought")


class Funnel(Struct, frozen=True):
    """Visits that came at least so far."""

    visits: int
    viewed: int
    carted: int
    checkout: int
    bought: int


class Curve(Struct, frozen=True):
    """Revenue since midnight, added up, by minute of the shop's day: (minute, minor units), oldest first. Of today by
    minutes; of the days before, which are kept by the hour, at each hour's end."""

    today: tuple[tuple[int, int], ...]
    yesterday: tuple[tuple[int, int], ...]
    last_week: tuple[tuple[int, int], ...]


class Rate(Struct, frozen=True):
    """One minute: its start (ms), and what happened in it."""

    at: int
    events: int
    orders: int
    triggers: int


class Rising(Struct, frozen=True):
    """What is viewed more than usual: views an hour lately, and as usual over a day; `times` is their quotient."""

    name: str
    lately: float
    usual: float
    times: float


class Now(Struct, frozen=True, kw_only=True):
    """The view.

    Attributes
    ----------
    visitors
        Distinct shoppers with an event within five minutes.
    orders, revenue, conversion, basket
        Of today so far: orders, gross revenue, share of visits that came to an order, revenue per order.
    open_carts
        Carts of which something is still to come.
    day
        The shop's day they are of, as ``2026-11-28``.
    curve, funnel, funnel_today, minutes
        Revenue of the day; visits of the last ten minutes and of today; the last 60 minutes that are over, the oldest
        first.
    products, categories
        Rising ones, the most rising first.
    """

    freshness: Freshness
    currency: str
    day: str
    visitors: Compared
    orders: Compared
    revenue: Compared
    conversion: Compared
    basket: Compared
    open_carts: Compared
    curve: Curve
    funnel: Funnel
    funnel_today: Funnel
    minutes: tuple[Rate, ...]
    products: tuple[Rising, ...]
    categories: tuple[Rising, ...]


def now(snapshot: Snapshot, shop: ShopView) -> Now:
    """The view of a snapshot."""
    fresh, summary = freshness(snapshot, shop), snapshot.summary
    zone = shop.settings.time_zone
    seen = Activity(summary, fresh.as_of, zone)
    visits, bought, orders, revenue = map(seen.today, ("visits", "bought", "orders", "revenue"))
    return Now(
        freshness=fresh,
        currency=shop.settings.currency,
        day=zones.iso(zones.day(fresh.as_of, zone)),
        visitors=seen.visitors(),
        orders=orders,
        revenue=revenue,
        conversion=bought.per(visits),
        basket=revenue.per(orders),
        open_carts=seen.level(summary.counts["carts"], "carts"),
        curve=Curve(*(seen.running("revenue", ago) for ago in (0, 1, 7))),
        funnel=_funnel(seen, fresh.as_of - (LATELY - 1) * MINUTE),
        funnel_today=_funnel(seen, seen.midnight),
        minutes=tuple(
            Rate(minute.minute * MINUTE, minute.events, minute.orders, minute.triggers)
            for minute in seen.minutes(SHOWN)
        ),
        products=rising(summary.heat.get("products", ()), fresh.as_of, seen.began),
        categories=rising(summary.heat.get("categories", ()), fresh.as_of, seen.began),
    )


def _funnel(seen: Activity, since: int) -> Funnel:
    return Funnel(*(round(seen.sum(name, since, seen.as_of + 1)) for name in STAGES))


def rising(heat: Iterable[Heat], as_of: int, began: int) -> tuple[Rising, ...]:
    """What is viewed more than usual, the most rising first.

    A count that decays with half-life T stands at rate × T / ln 2 once it has settled; of a shop that is watched only
    since `began` (ms) it has come to a share 1 − 2^(−age/T) of that. They are ranked as if each had one view an hour
    more, so that what was hardly viewed at all does not rise by one view.

    >>> settled = Heat("p1", 12 / log(2), 24 * 4 / log(2), 100 * DAY)  # 12 views an hour lately, 4 as usual
    >>> rising([settled, Heat("p2", 0.5, 1.0, 100 * DAY)], 100 * DAY, 0)
    (Rising(name='p1', lately=12.0, usual=4.0, times=3.0),)
    """
    age, found = max(as_of - began, HOUR), []
    for name, short, long, at in heat:
        silent = max(as_of - at, 0)
        lately, usual = (
            n * 2.0 ** (-silent / half_life) * log(2) / (half_life / HOUR) / (1 - 2.0 ** (-age / half_life))
            for n, half_life in ((short, HOUR), (long, DAY))
        )
        if short * 2.0 ** (-silent / HOUR) >= LEAST and lately > usual:
            rank = (lately + 1) / (usual + 1)
            found.append((-rank, name, Rising(name, round(lately, 1), round(usual, 1), round(lately / usual, 1))))
    return tuple(rising for *_, rising in sorted(found)[:RISING])
