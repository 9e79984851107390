"""The no-purchase path: against the reference, many against one, and what must hold of any path."""

from __future__ import annotations

from math import expm1, log
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.churn import rollout
from models.churn.covariates import COVARIATES, STEP
from tests.models.churn.buyers import DAY, shop
from tests.reference import hazard as reference

NOW = DAY + 303.5
hazards = st.lists(st.floats(rollout.LEAST, rollout.MOST), min_size=1, max_size=12)


def drawn(seed: int) -> list[float]:
    """Weights."""
    random = Random(seed)
    return [random.gauss(0, 0.3) for _ in COVARIATES]


def summed(steps: list[float]) -> list[float]:
    """Hazards of steps -> a path."""
    return [float(x) for x in np.cumsum([0.0, *steps])]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("days", [1, 14, 30, 90, 273, 365])
def test_it_is_the_references(seed: int, days: float) -> None:
    buyers, shoppers, level, pooled = shop(seed)
    weights, who = drawn(seed), np.arange(len(buyers))
    theirs = reference.path(shoppers, who, NOW, days, pooled, lambda x: reference.sigmoid(x @ np.array(weights)))
    many = rollout.path_many(buyers, NOW, days, level, weights)
    assert many == pytest.approx(theirs, rel=1e-8)
    assert rollout.p_order_many(many, days) == pytest.approx(reference.p_order(theirs, days), rel=1e-8)
    assert rollout.next_order_many(many, days) == pytest.approx(reference.next_order(theirs, days), rel=1e-6)
    for i, buying in enumerate(buyers):
        one = rollout.path(buying, NOW, days, level, weights)
        assert one == pytest.approx(many[:, i], rel=1e-9)
        assert rollout.p_order(one, days) == pytest.approx(rollout.p_order_many(many, days)[i], rel=1e-9)
        assert rollout.next_order(one, days) == pytest.approx(rollout.next_order_many(many, days)[i], rel=1e-9)
        assert rollout.risk(buying, NOW, days, level, weights) == pytest.approx(
            1 - rollout.p_order(one, days), rel=1e-9
        )


def test_a_buyers_path_does_not_depend_on_who_else_is_in_the_batch() -> None:
    buyers, _, level, _ = shop(4)
    weights = drawn(4)
    whole = rollout.path_many(buyers, NOW, 90, level, weights)
    for size in (1, 2, 3, 7, 32):
        parts = [rollout.path_many(buyers[i : i + size], NOW, 90, level, weights) for i in range(0, len(buyers), size)]
        assert np.array_equal(np.hstack(parts), whole)


@pytest.mark.parametrize("horizon", [14, 30, 90])
def test_later_risks_of_one_path_are_those_worked_out_at_their_moments(horizon: float) -> None:
    buyers, _, level, _ = shop(5)
    weights = drawn(5)
    for buying in buyers:
        ahead = rollout.risks_ahead(buying, NOW, horizon, 9, level, weights)
        assert ahead == pytest.approx(
            [rollout.risk(buying, NOW + k * STEP, horizon, level, weights) for k in range(9)], rel=1e-9
        )


@given(hazards, st.floats(0, 1))
def test_by_the_expected_date_half_of_the_chance_has_passed(steps: list[float], part: float) -> None:
    path = summed(steps)
    days = part * STEP * len(steps)
    expected = rollout.next_order(path, days)
    assert 0 <= expected <= days
    if rollout.p_order(path, days) > 1e-9:
        assert rollout.p_order(path, expected) == pytest.approx(rollout.p_order(path, days) / 2, rel=1e-6)
    as_column = np.array(path)[:, None]
    assert rollout.next_order_many(as_column, days)[0] == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(hazards, st.floats(0, 1), st.floats(0, 1))
def test_the_chance_grows_with_the_horizon(steps: list[float], one: float, other: float) -> None:
    path, end = summed(steps), STEP * len(steps)
    sooner, later = sorted((one * end, other * end))
    assert 0 <= rollout.p_order(path, sooner) <= rollout.p_order(path, later) <= 1
    assert rollout.p_order(path, end) == -expm1(-path[-1])


def test_weights_beyond_all_reason_make_nothing_certain() -> None:
    buyers, _, level, _ = shop(6)
    for size in (-1e9, 1e9):
        weights = [size] + [0.0] * 11
        path = rollout.path(buyers[0], NOW, 14, level, weights)
        assert path[1] == pytest.approx(rollout.LEAST if size < 0 else log(1e7))
        assert rollout.path_many(buyers[:1], NOW, 14, level, weights)[1, 0] == pytest.approx(path[1])


def test_a_horizon_beyond_the_path_is_refused() -> None:
    for days in (28.5, 42, -1):
        with pytest.raises(ValueError, match="2 steps of 14 days"):
            rollout.at([0.0, 1.0, 2.0], days)
    with pytest.raises(ValueError, match="steps"):
        rollout.risks_along([0.0, 1.0, 2.0], 14, 3)
    assert rollout.risks_along([0.0, 1.0, 3.0], 14, 2) == pytest.approx([np.exp(-1), np.exp(-2)])
