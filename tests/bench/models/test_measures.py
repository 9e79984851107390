"""Measures against River, against counting pairs, and against figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from river import metrics

from bench.models.measures import MEASURES, auc, bins, brier, ece, interval, log_loss, resamples, spread
from bench.models.purchases import Flags, Floats

shoppers = st.lists(st.tuples(st.booleans(), st.integers(0, 10), st.integers(0, 3)), min_size=1, max_size=40)


def split(found: list[tuple[bool, int, int]]) -> tuple[Flags, Floats, Floats]:
    y, p, weights = zip(*found, strict=True)
    return np.array(y), np.array(p) / 10, np.array(weights, float)


@given(shoppers)
def test_auc_is_the_share_of_pairs_that_are_ranked_right(found: list[tuple[bool, int, int]]) -> None:
    y, p, _ = split(found)
    pairs = [(a > b) + (a == b) / 2 for a in p[y] for b in p[~y]]
    assert auc(y, p) == pytest.approx(np.mean(pairs) if pairs else float("nan"), nan_ok=True)


@given(shoppers)
def test_log_loss_is_that_of_river(found: list[tuple[bool, int, int]]) -> None:
    y, p, _ = split(found)
    kept, metric = np.clip(p, 0.001, 0.999), metrics.LogLoss()
    for truth, probability in zip(y.tolist(), kept.tolist(), strict=True):
        metric.update(truth, {True: probability, False: 1 - probability})
    assert log_loss(y, kept) == pytest.approx(metric.get())


@given(shoppers)
def test_brier_is_the_mean_squared_error_of_river(found: list[tuple[bool, int, int]]) -> None:
    y, p, _ = split(found)
    metric = metrics.MSE()
    for truth, probability in zip(y.tolist(), p.tolist(), strict=True):
        metric.update(float(truth), probability)
    assert brier(y, p) == pytest.approx(metric.get())


@given(shoppers)
def test_a_weight_is_how_often_a_shopper_is_there(found: list[tuple[bool, int, int]]) -> None:
    y, p, weights = split(found)
    if not weights.any():
        return
    again = np.repeat(np.arange(len(y)), weights.astype(int))
    for measure in (auc, log_loss, brier):
        assert measure(y, p, weights) == pytest.approx(measure(y[again], p[again], None), nan_ok=True)


def test_ece_by_hand() -> None:
    """Twenty shoppers, two a bin: those at 0.05 to 0.95 of whom one of two orders are off by the distance to a half."""
    p = np.repeat(np.arange(10) / 10 + 0.05, 2)
    y = np.tile([True, False], 10)
    assert ece(y, p) == pytest.approx(np.mean([0.45, 0.35, 0.25, 0.15, 0.05] * 2))


@given(st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_bins_are_of_equal_size_and_their_means_those_of_the_parts(size: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    p, y = draw.random(10 * size), draw.random(10 * size) < 0.3
    parts = np.array_split(np.argsort(p), 10)
    found = list(bins(y, p))
    assert [b.size for b in found] == [size] * 10
    assert [b.predicted for b in found] == pytest.approx([p[part].mean() for part in parts])
    assert [b.observed for b in found] == pytest.approx([y[part].mean() for part in parts])


def test_a_resample_draws_as_many_shoppers_as_there_are() -> None:
    drawn = resamples(50, 20)
    assert drawn.shape == (20, 50)
    assert set(drawn.sum(axis=1)) == {50.0}
    assert (drawn == resamples(50, 20)).all()


def test_an_interval_is_as_wide_as_the_normal_one() -> None:
    """Of a mean over many shoppers both agree."""
    draw = np.random.default_rng(1)
    y, p = draw.random(2_000) < 0.3, np.full(2_000, 0.2)
    errors = (p - y) ** 2
    found = interval(brier(y, p), spread(brier, y, p, resamples(2_000, 1_000)))
    half = 1.96 * errors.std() / np.sqrt(2_000)
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half), abs=0.1 * half)


def test_the_difference_of_a_pair_is_narrower_than_the_difference_of_intervals() -> None:
    draw = np.random.default_rng(2)
    y = draw.random(1_000) < (p := draw.random(1_000))
    drawn = resamples(1_000, 200)
    for measure in MEASURES.values():
        one, other = spread(measure, y, p, drawn), spread(measure, y, 0.95 * p, drawn)
        assert (one - other).std() < 0.7 * np.hypot(one.std(), other.std())
