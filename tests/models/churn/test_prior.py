"""What a new shop starts with, and expected numbers of orders: the files' numbers, and what they come to."""

from __future__ import annotations

import numpy as np
import pytest

from models.churn.covariates import COVARIATES
from models.churn.level import Level
from models.churn.posterior import rows
from models.churn.prior import shipped
from models.churn.rollout import p_order, path, risk
from models.churn.worth import expected_orders, rates
from models.orders.buying import Buying
from tests.models.churn.buyers import DAY, shop
from tests.reference import hazard as reference

NAMES = ("all", "without_cdnow", "without_online_retail", "without_ga360")


def steady(gap: int, occasions: int = 12) -> Buying:
    """A buyer of one occasion every `gap` days."""
    buying = Buying()
    for i in range(occasions):
        buying.learn_one(DAY + i * gap, 40.0, 2)
    return buying


@pytest.mark.parametrize("name", NAMES)
def test_a_prior_is_a_distribution_worth_no_more_than_1000_labels(name: str) -> None:
    prior = shipped(name)
    whole = np.zeros((12, 12))
    for i, row in enumerate(rows(prior.precision, 12)):
        whole[i, i:] = whole[i:, i] = row
    values = np.linalg.eigvalsh(whole)
    assert values[0] > 1
    # A label adds to the constant's precision .25 at most; and slack between shops takes off.
    assert 0 < whole[0, 0] < 250
    assert prior.posterior.weights() == pytest.approx(prior.mean, rel=1e-9)
    assert prior.posterior.shift == pytest.approx(whole @ np.array(prior.mean))
    assert len(prior.mean) == len(COVARIATES)


def test_priors_differ_and_others_are_refused() -> None:
    assert len({shipped(name).mean for name in NAMES}) == len(NAMES)
    with pytest.raises(ValueError, match="no prior is called 'mars': there are all, "):
        shipped("mars")


@pytest.mark.parametrize("name", NAMES)
def test_it_knows_what_any_shop_knows(name: str) -> None:
    prior = shipped(name)
    level, weights = Level(amount=3.7, items=1.1), prior.mean
    monthly, yearly, once = steady(30), steady(300, 3), steady(1, 1)
    assert risk(monthly, monthly.last + 10, 90, level, weights) < 0.25
    assert risk(monthly, monthly.last + 10, 90, level, weights) < risk(yearly, yearly.last + 10, 90, level, weights)
    assert risk(monthly, monthly.last + 300, 90, level, weights) > 0.75  # long overdue
    assert risk(once, once.last + 300, 90, level, weights) > risk(once, once.last + 10, 90, level, weights)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ahead", [0.0, 40.0, 900.0])
def test_rates_and_expected_orders_are_the_references(seed: int, ahead: float) -> None:
    buyers, shoppers, level, pooled = shop(seed)
    now, theta = DAY + 300 + ahead, shipped().orders_365
    theirs = reference.rates(shoppers, np.arange(len(buyers)), now, pooled)
    assert [rates(buying, now, level) for buying in buyers] == pytest.approx(theirs, rel=1e-9, abs=1e-9)
    expected = np.maximum(theirs @ np.array(theta), 0)
    assert [expected_orders(buying, now, level, theta) for buying in buyers] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_expected_orders_go_with_the_pace_and_the_horizon(name: str) -> None:
    prior, level = shipped(name), Level(amount=3.7, items=1.1)
    before = 0.0
    for gap in (120, 60, 30, 20):
        buying = steady(gap)
        now = buying.last + 5
        quarter, year = (expected_orders(buying, now, level, t) for t in (prior.orders_90, prior.orders_365))
        assert before < quarter < year
        assert 0.3 < quarter / (90 / gap) < 2
        assert quarter > 0.7 * p_order(path(buying, now, 90, level, prior.mean), 90)
        before = quarter
    lost = steady(30)
    assert expected_orders(lost, lost.last + 700, level, prior.orders_90) < 0.6
