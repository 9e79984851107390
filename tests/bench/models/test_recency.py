"""Recency alone: its labels by a plain loop, its fit against shares, its path by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from bench.models.purchases import Purchases
from bench.models.recency import fit, p_order, periods
from models.kernel.settings import DAY


def test_periods_end_before_the_cut() -> None:
    """Cut 30: periods begin on days 16 and 2. `b` comes in the first, a day before the cut; `c` is known in none."""
    orders = [("a", 0), ("a", 5), ("b", 1), ("b", 29), ("c", 28), ("a", 31)]
    purchases = Purchases(pl.DataFrame([(b, d * DAY) for b, d in orders], schema=["buyer", "at"], orient="row"), 0)
    days, number, ordered = periods(purchases, 30)
    found = dict(zip(days.tolist(), zip(number.tolist(), ordered.tolist(), strict=True), strict=True))
    assert found == {0.0: (1, 0), 1.0: (1, 1), 10.0: (1, 0), 14.0: (1, 1)}


def test_the_fit_is_the_share_of_each_recency() -> None:
    days = np.array([0.0, 20.0])
    weights = fit(days, np.array([1e5, 1e5]), np.array([5e4, 1e4]))
    assert p_order(weights, days, 14).tolist() == pytest.approx([0.5, 0.1], abs=1e-4)


def test_steps_follow_each_other() -> None:
    """One and a half: all of the first step's hazard and half of the second's, 14 days further on."""
    weights = fit(np.array([3.0, 17.0]), np.array([1e5, 1e5]), np.array([4e4, 2e4]))
    assert p_order(weights, np.array([3.0]), 21).tolist() == pytest.approx([1 - 0.6 * 0.8**0.5], abs=1e-4)


def test_without_labels_it_says_one_half() -> None:
    none = np.empty(0)
    assert p_order(fit(none, none, none), np.array([5.0]), 14).tolist() == [0.5]
