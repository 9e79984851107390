"""What programs are told of a snapshot."""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct

from dashboard.answers import carts as carts_answer
from dashboard.answers import churn as churn_answer
from dashboard.answers import endpoints as endpoints_answer
from dashboard.answers import health, shoppers
from dashboard.answers import lift as lift_answer
from dashboard.answers import now as now_answer
from dashboard.answers.carts import Carts
from dashboard.answers.churn import Churn
from dashboard.answers.endpoints import Endpoints
from dashboard.answers.feed import Item
from dashboard.answers.freshness import freshness
from dashboard.answers.health import Health
from dashboard.answers.lift import Lifts
from dashboard.answers.now import Now
from dashboard.api.types import MinuteCounts, Minutes, Segments, Tags
from dashboard.problems import ProblemFound
from dashboard.shop import ShopView
from dashboard.snapshot import Snapshot
from dashboard.words import Words
from models.churn.card import Card
from models.kernel.settings import MINUTE

T = TypeVar("T", bound=Struct)


def now(snapshot: Snapshot, shop: ShopView, feed: list[Item]) -> Now:
    """The shop now."""
    return now_answer.now(snapshot, shop)


def carts(snapshot: Snapshot, shop: ShopView, feed: list[Item]) -> Carts:
    """Carts, open and left."""
    return carts_answer.carts(snapshot, shop, feed)


def churn(snapshot: Snapshot, shop: ShopView, feed: list[Item]) -> Churn:
    """Churn, and its model."""
    return churn_answer.churn(snapshot, shop)


def lift(snapshot: Snapshot, shop: ShopView, feed: list[Item]) -> Lifts:
    """What messages bring."""
    return lift_answer.lifts(snapshot, shop)


def segments(snapshot: Snapshot, shop: ShopView, feed: list[Item]) -> Segments:
    """Of the shoppers: grid, segments and moves."""
    return _part(shoppers.shoppers(snapshot, shop), Segments)


def tags(snapshot: Snapshot, shop: ShopView, feed: list[Item]) -> Tags:
    """Of the shoppers: stages and tags."""
    return _part(shoppers.shoppers(snapshot, shop), Tags)


def _part(whole: Struct, kind: type[T]) -> T:
    return kind(**{name: getattr(whole, name) for name in kind.__struct_fields__})


def model_card(snapshot: Snapshot, shop: ShopView, feed: list[Item]) -> Card:
    """The churn model's card. ProblemFound if there is none yet."""
    card = churn(snapshot, shop, feed).card
    if card is None:
        raise ProblemFound("not-found", "no churn model was computed yet: the first comes at a day's end")
    return card


def healthy(snapshot: Snapshot, shop: ShopView, feed: list[Item]) -> Health:
    """Whether anything is wrong, in English."""
    return health.health(snapshot, shop, feed, Words("en", shop.settings.time_zone))


def endpoints(snapshot: Snapshot, shop: ShopView, feed: list[Item]) -> Endpoints:
    """Where messages are sent to."""
    return endpoints_answer.endpoints(snapshot, shop)


def minutes(snapshot: Snapshot, shop: ShopView, last: int) -> Minutes:
    """The newest `last` minutes."""
    fresh = freshness(snapshot, shop)
    newest = fresh.as_of // MINUTE  # what lies ahead of it is only known in part
    rows = [row for row in snapshot.summary.minutes if newest - last < row.minute <= newest]
    counts = tuple(MinuteCounts(row.minute * MINUTE, *row[1:]) for row in rows)
    return Minutes(freshness=fresh, currency=shop.settings.currency, minutes=counts)
