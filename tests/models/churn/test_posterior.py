"""The posterior: the recipe's Newton step, additive sums, and what it does with labels that make no sense."""

from __future__ import annotations

from math import inf, nan
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from models.churn.covariates import COVARIATES
from models.churn.posterior import KEEP, SIZE, UNIT, LabelSums, Posterior, rows
from tests.reference.hazard import Hazard, sigmoid

values = st.floats(-100, 100)
labels = st.tuples(st.lists(values, min_size=SIZE, max_size=SIZE), st.booleans(), st.floats(0, 50))
WEIGHTS = [0.1 * (i - 6) for i in range(SIZE)]


def square(triangle: list[float]) -> np.ndarray:
    """An upper triangle -> the whole symmetric matrix."""
    whole = np.zeros((SIZE, SIZE))
    for i, row in enumerate(rows(triangle, SIZE)):
        whole[i, i:] = whole[i:, i] = row
    return whole


def drawn(seed: int) -> tuple[list[float], np.ndarray]:
    """A prior: mean and precision."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(SIZE, SIZE))
    return rng.normal(0, 0.5, SIZE).tolist(), a @ a.T + 20 * np.eye(SIZE)


def summed(examples: list[tuple[list[float], bool, float]], weights: list[float] = WEIGHTS) -> LabelSums:
    sums = LabelSums()
    for x, y, weight in examples:
        sums.add_label(x, y, weights, weight)
    return sums


@pytest.mark.parametrize("seed", range(3))
def test_a_day_of_labels_is_the_recipes_newton_step(seed: int) -> None:
    mean, precision = drawn(seed)
    upper = precision[np.triu_indices(SIZE)].tolist()
    prior = posterior = Posterior.prior(mean, upper)
    recipe, rng, true = Hazard(mean, precision, KEEP), np.random.default_rng(seed + 50), np.linspace(-1, 1, SIZE)
    assert posterior.weights() == pytest.approx(mean, rel=1e-9)
    for day in range(60):
        x = rng.normal(size=(rng.integers(0, 40), SIZE))
        x[:, 0] = 1.0
        y = rng.random(len(x)) < sigmoid(x @ true)
        recipe.learn(x, y.astype(float))
        pulled = posterior.forget(prior)
        posterior = pulled.learn(
            summed([(row.tolist(), bool(label), 1.0) for row, label in zip(x, y, strict=True)], pulled.weights())
        )
        assert posterior.weights() == pytest.approx(recipe.m, abs=1e-5), day
        assert square(posterior.precision) == pytest.approx(recipe.A, abs=1e-3)
    assert np.abs(recipe.m - mean).max() > 0.3  # so something was learned


def test_sums_are_those_of_numpy_in_units() -> None:
    rng = np.random.default_rng(1)
    x, y, w = rng.normal(size=(30, SIZE)), rng.random(30) < 0.4, rng.uniform(1, 5, 30)
    sums = summed([(row.tolist(), bool(label), float(weight)) for row, label, weight in zip(x, y, w, strict=True)])
    p = sigmoid(x @ np.array(WEIGHTS))
    curvature = (x * (w * p * (1 - p))[:, None]).T @ x
    assert square([n / UNIT for n in sums.curvature]) == pytest.approx(curvature, abs=30 / UNIT)
    assert [n / UNIT for n in sums.shift] == pytest.approx(curvature @ WEIGHTS + x.T @ (w * (y - p)), abs=30 / UNIT)
    assert (sums.labels, sums.positives) == (30, y.sum())


@given(st.lists(st.tuples(labels, st.integers(0, 7)), max_size=12), st.randoms(use_true_random=False))
def test_however_labels_are_spread_the_sums_and_the_weights_are_the_same_bits(
    spread: list[tuple[tuple[list[float], bool, float], int]], random: Random
) -> None:
    whole = summed([label for label, _ in spread])
    random.shuffle(spread)
    shards = [summed([label for label, shard in spread if shard == i]) for i in range(8)]
    random.shuffle(shards)
    total = LabelSums()
    for shard in shards:
        total = total.plus(shard)
    assert total == whole
    assert total.minus(shards[0]).plus(shards[0]) == whole
    assert summed([label for label, shard in spread if shard]) == whole.minus(
        summed([label for label, shard in spread if not shard])
    )
    prior = Posterior.prior(WEIGHTS, np.eye(SIZE)[np.triu_indices(SIZE)].tolist())
    assert prior.learn(total).weights() == prior.learn(whole).weights()


@given(st.integers(0, 1_000), st.integers(0, 30))
def test_days_without_labels_lead_back_to_the_prior(seed: int, days: int) -> None:
    mean, precision = drawn(seed)
    prior = Posterior.prior(mean, precision[np.triu_indices(SIZE)].tolist())
    learned = prior.learn(summed([([1.0] * SIZE, True, 5.0)] * 3))
    by_days = learned
    for _ in range(days):
        by_days = by_days.forget(prior)
    at_once = learned.forget(prior, days)
    assert at_once.precision == pytest.approx(by_days.precision, rel=1e-9)
    assert at_once.shift == pytest.approx(by_days.shift, rel=1e-9, abs=1e-9)
    assert learned.forget(prior, 20_000).weights() == pytest.approx(mean, rel=1e-6, abs=1e-6)


def test_a_weighted_label_counts_like_so_many_of_it() -> None:
    x = [0.5 * i for i in range(SIZE)]
    once, often = summed([(x, True, 4.0)]), summed([(x, True, 1.0)] * 4)
    assert [a - b for a, b in zip(once.curvature, often.curvature, strict=True)] == pytest.approx([0] * 78, abs=2)
    assert [a - b for a, b in zip(once.shift, often.shift, strict=True)] == pytest.approx([0] * SIZE, abs=2)


@pytest.mark.parametrize("bad", [inf, -inf, nan])
def test_what_is_not_finite_is_refused_and_changes_nothing(bad: float) -> None:
    sums = summed([([1.0] * SIZE, True, 1.0)])
    before = msgpack.encode(sums)
    for x, weights, weight in (
        ([bad, *[1.0] * 11], WEIGHTS, 1.0),
        ([1.0] * 12, [*[0.0] * 11, bad], 1.0),
        ([1.0] * 12, WEIGHTS, bad),
    ):
        with pytest.raises(ValueError, match="finite"):
            sums.add_label(x, True, weights, weight)
    assert msgpack.encode(sums) == before


def test_a_precision_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not positive definite at covariate 1"):
        Posterior([1.0, 2.0, 1.0], [0.0, 0.0]).weights()
    with pytest.raises(ValueError, match="not positive definite"):
        Posterior([nan], [0.0]).weights()


def test_both_are_stored_as_plain_numbers() -> None:
    sums = summed([([1.0] * SIZE, True, 1.0)])
    posterior = Posterior.prior(WEIGHTS, np.eye(SIZE)[np.triu_indices(SIZE)].tolist()).learn(sums)
    assert msgpack.decode(msgpack.encode(sums), type=LabelSums) == sums
    assert msgpack.decode(msgpack.encode(posterior), type=Posterior) == posterior
    assert LabelSums() == LabelSums.zeros(SIZE) == msgpack.decode(msgpack.encode([]), type=LabelSums)
    assert len(COVARIATES) == SIZE == 12
