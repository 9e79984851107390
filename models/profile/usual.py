"""How a buyer usually orders, for people: for how much, how often, and whether with a discount, beside the shop.

Amounts and gaps are long-tailed, so means and deviations are those of logarithms, taken back: the middle is a median,
and within one deviation of it are two of three, if the logarithms are distributed normally. No rule reads it.
"""

from __future__ import annotations

from math import expm1, sqrt

from msgspec import Struct

from models.churn.covariates import AMOUNT_PRIOR, standing
from models.churn.level import Level
from models.kernel.settings import UNITS
from models.learners.beta import BetaShare
from models.learners.exponentially_weighted import EWStatistics
from models.learners.faded import FadedStatistics
from models.learners.shrunk_mean import ShrunkMean
from models.orders.buying import FADING, Buying
from models.orders.discount_share import discount_share
from models.orders.history import OrderHistory

SPREAD = 3
"""Orders, or gaps between them, below which nothing is said of how far they scatter."""


class Typical(Struct, frozen=True):
    """One number: its median, the bounds that two of three are within (None: too few are known), and the shop's
    median (None: no model has been computed yet)."""

    median: float
    within: tuple[float, float] | None
    shop: float | None


class Discounts(Struct, frozen=True, kw_only=True):
    """How far a buyer depends on discounts.

    Attributes
    ----------
    discounted, orders
        Valid orders with a coupon or discount, and all valid ones.
    expected, deviation
        Mean and standard deviation of what the buyer's share may be, with the shop's as prior.
    shop, shop_orders
        The shop's share, and by how many orders it is known.
    """

    discounted: int
    orders: int
    expected: float
    deviation: float
    shop: float
    shop_orders: int


class Usual(Struct, frozen=True, kw_only=True):
    """How a buyer usually orders.

    Attributes
    ----------
    basket
        Of an occasion, in minor units of the shop's currency; None: no amount is known.
    gap_days
        Days between occasions; None: there was one only.
    discounts
        As said there.
    """

    basket: Typical | None
    gap_days: Typical | None
    discounts: Discounts


def usually(history: OrderHistory, fading: float, level: Level | None, shop: BetaShare) -> Usual | None:
    """How a buyer usually orders; None without a valid order.

    Parameters
    ----------
    history
        The buyer's orders.
    fading
        Weight of the newest amount in the running variance of amounts.
    level
        What the buyer's means are drawn towards; None: nothing is known of the shop yet, they are the buyer's own.
    shop
        Share of the shop's orders that were bought with a discount.
    """
    share, buying = discount_share(history), history.buying()
    if not share.total:
        return None
    prior = shop.predict_one(0.5)
    discounts = Discounts(
        discounted=share.hits,
        orders=share.total,
        expected=share.predict_one(prior),
        deviation=share.deviation(prior),
        shop=prior,
        shop_orders=shop.total,
    )
    basket = EWStatistics.load(history.values(fading).logs, fading)
    return Usual(basket=_basket(buying, basket, level), gap_days=_gap(buying, level), discounts=discounts)


def _basket(buying: Buying, logs: EWStatistics, level: Level | None) -> Typical | None:
    if not buying.priced:
        return None
    mean = ShrunkMean(AMOUNT_PRIOR if level else 0.0, buying.priced, buying.amounts)
    shop = level.amount if level else None
    return _typical(mean.predict_one(shop or 0.0), sqrt(logs.variance), logs.count, shop, UNITS)


def _gap(buying: Buying, level: Level | None) -> Typical | None:
    if not buying.repeats:
        return None
    if level is not None:
        stays = standing(buying, level)
        return _typical(stays.mean, stays.deviation, buying.repeats, level.gap_mean)
    own = FadedStatistics(FADING, buying.gap_weight, buying.gap_sum, buying.gap_squares)
    return _typical(own.predict_one(), sqrt(own.variance), buying.repeats, None)


def _typical(mean: float, deviation: float, count: int, shop: float | None, units: int = 1) -> Typical:
    """By mean and deviation of log(1 + x), where x is in so many units."""
    least, most = (units * expm1(max(mean + turn, 0.0)) for turn in (-deviation, deviation))
    return Typical(
        units * expm1(mean), (least, most) if count >= SPREAD else None, None if shop is None else units * expm1(shop)
    )
