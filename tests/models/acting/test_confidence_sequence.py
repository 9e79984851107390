"""The approximate interval, against the mixture it is the border of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.acting.confidence_sequence import difference, half_width


def mixed(total: float, variance: float, rho: float) -> float:
    """Robbins' mixture at a sum with a variance: exp(λ·sum − λ²·variance / 2) over all λ of N(0, ρ²), added up."""
    across = np.linspace(-12 * rho, 12 * rho, 400_001)
    density = np.exp(-((across / rho) ** 2) / 2) / (rho * np.sqrt(2 * np.pi))
    return float(np.trapezoid(np.exp(across * total - across**2 * variance / 2) * density, across))


@pytest.mark.parametrize("trials", [500, 20_000, 300_000])
@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_the_border_is_where_the_mixture_reaches_one_in_alpha(trials: int, alpha: float) -> None:
    rho = np.sqrt((-2 * np.log(alpha) + np.log(1 - 2 * np.log(alpha))) / 20_000)
    error = 0.004
    total = half_width(trials, error, alpha) / error * np.sqrt(trials)  # of steps with variance 1
    assert mixed(total, trials, rho) == pytest.approx(1 / alpha, rel=1e-4)


@given(st.integers(1_000, 1_000_000))
def test_it_is_tightest_near_the_number_of_trials_it_is_made_for(trials: int) -> None:
    made_for = half_width(trials, 1, 0.05, tightest=trials)
    others = [half_width(trials, 1, 0.05, tightest=round(trials * 2**k)) for k in (-3, -1, 1, 3)]
    assert made_for <= min(others)
    assert 2.9 < made_for < 3.1, "against 1.96 of an interval that may be looked at once"


@given(st.integers(1, 50_000), st.integers(1, 50_000), st.floats(0, 1), st.floats(0, 1))
def test_it_stands_around_the_difference_and_narrows_with_what_is_seen(
    treated: int, holdout: int, p1: float, p0: float
) -> None:
    x1, x0 = round(treated * p1), round(holdout * p0)
    low, high = difference((treated, x1), (holdout, x0), 0.05)
    assert -1 <= low <= x1 / treated - x0 / holdout <= high <= 1
    four_low, four_high = difference((4 * treated, 4 * x1), (4 * holdout, 4 * x0), 0.05)
    assert four_high - four_low <= high - low
