"""How a buyer usually orders, by hand: medians, what they scatter within, and discounts beside the shop's."""

from __future__ import annotations

from math import expm1, log, log1p, sqrt
from statistics import fmean, pvariance

import pytest
from scipy.stats import beta

from models.churn.level import Level
from models.kernel.settings import DAY
from models.learners.beta import BetaShare
from models.orders.discount_share import STRENGTH
from models.orders.history import OrderHistory
from models.orders.order import CANCELLED, DISCOUNTED, UNKNOWN, Order
from models.profile.usual import Typical, Usual, usually

SHOP = BetaShare(2, 19, 98)
"""20 % of the shop's orders: 20 of 100, with one of each kind that nobody saw."""
LEVEL = Level(gap_mean=log1p(40.0), gap_sd=0.5, amount=log1p(35.0))
EQUAL = 1.0
"""With such a weight of the newest, the running variance is 0."""


def history(*orders: tuple[int, int, int]) -> OrderHistory:
    """Orders by day, amount and flags."""
    ring = [Order(n, day * DAY, amount, 0, flags) for n, (day, amount, flags) in enumerate(orders, 1)]
    return OrderHistory(ring)


def found(orders: OrderHistory, level: Level | None = LEVEL, fading: float = EQUAL) -> Usual:
    usual = usually(orders, fading, level, SHOP)
    assert usual is not None
    return usual


def test_of_whom_nothing_was_bought_there_is_nothing() -> None:
    assert usually(history(), EQUAL, LEVEL, SHOP) is None
    assert usually(history((0, 1_000, CANCELLED)), EQUAL, LEVEL, SHOP) is None


def test_discounts_are_a_beta_posterior_with_the_shops_share_as_prior() -> None:
    orders = history(
        (0, 1_000, DISCOUNTED), (9, 1_000, 0), (20, 1_000, DISCOUNTED), (30, 1_000, DISCOUNTED | CANCELLED)
    )
    discounts = found(orders).discounts
    posterior = beta(STRENGTH * 0.2 + 2, STRENGTH * 0.8 + 1)
    assert (discounts.discounted, discounts.orders) == (2, 3)
    assert (discounts.shop, discounts.shop_orders) == (pytest.approx(0.2), 98)
    assert discounts.expected == pytest.approx(posterior.mean())
    assert discounts.deviation == pytest.approx(posterior.std())


def test_one_order_says_something_of_the_basket_and_nothing_of_gaps() -> None:
    usual = found(history((0, 7_000, 0)))
    assert usual.gap_days is None
    shrunk = (2 * log1p(35) + log1p(70)) / 3
    assert usual.basket == Typical(pytest.approx(100 * expm1(shrunk)), None, pytest.approx(3_500))
    assert found(history((0, UNKNOWN, 0))).basket is None


def test_means_are_drawn_towards_the_shop_and_bounds_are_a_deviation_away() -> None:
    amounts = (2_000, 4_000, 8_000, 4_000)
    orders = history(*((day, amount, 0) for day, amount in zip((0, 20, 40, 60), amounts, strict=True)))
    usual = found(orders, fading=0.5)
    mean = (2 * log1p(35) + sum(log1p(amount / 100) for amount in amounts)) / 6
    logs, weights = [log(amount) for amount in amounts], (0.125, 0.125, 0.25, 0.5)
    centre = sum(w * x for w, x in zip(weights, logs, strict=True))
    deviation = sqrt(sum(w * (x - centre) ** 2 for w, x in zip(weights, logs, strict=True)))
    assert usual.basket is not None
    assert usual.basket.median == pytest.approx(100 * expm1(mean))
    assert usual.basket.within == pytest.approx((100 * expm1(mean - deviation), 100 * expm1(mean + deviation)))
    assert usual.gap_days is not None
    weight = 1 + 0.9 + 0.81
    gap = (log1p(40) + weight * log1p(20)) / (1 + weight)
    assert usual.gap_days.median == pytest.approx(expm1(gap))
    spread = sqrt(3 * 0.25 / (3 + weight))
    assert usual.gap_days.within == pytest.approx((expm1(gap - spread), expm1(gap + spread)))
    assert usual.gap_days.shop == pytest.approx(40)


def test_before_the_first_model_numbers_are_the_buyers_own() -> None:
    usual = found(history(*((day, 3_000, 0) for day in (0, 10, 20, 30))), level=None)
    assert usual.basket == Typical(pytest.approx(3_000), (pytest.approx(3_000), pytest.approx(3_000)), None)
    assert usual.gap_days == Typical(pytest.approx(10), (pytest.approx(10), pytest.approx(10)), None)
    two = found(history(*((day, 3_000, 0) for day in (0, 10, 30))), level=None).gap_days
    assert two is not None
    assert two.within is None
    own = [log1p(10), log1p(20)]
    assert expm1(min(own)) < two.median < expm1(max(own))
    assert fmean(own) < log1p(two.median) < fmean(own) + sqrt(pvariance(own))
