"""The exact test of two rates, against fractions, its own definition and every path there is."""

from __future__ import annotations

from fractions import Fraction
from math import exp, inf, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.acting.rate_ratio import interval, log_e_value

COUNTS = st.integers(0, 4_000)
SHARES = st.integers(10, 500).map(lambda permille: permille / 1000)


def by_fractions(treated: int, holdout: int, share: Fraction, ratio: Fraction = Fraction(1)) -> Fraction:
    """The e-value, conversion by conversion: each is predicted by an urn that begins with the prior (30 conversions as
    the shares are), and by the ratio. Treated ones first: the order makes no difference."""
    q = (1 - share) * ratio / ((1 - share) * ratio + share)
    value, urn = Fraction(1), [30 * (1 - share), 30 * share]
    for arm, count, chance in ((0, treated, q), (1, holdout, 1 - q)):
        for _ in range(count):
            value *= urn[arm] / sum(urn) / chance
            urn[arm] += 1
    return value


@given(st.integers(0, 150), st.integers(0, 60), st.integers(1, 50), st.integers(1, 40))
def test_an_e_value_is_that_of_exact_fractions(treated: int, holdout: int, percent: int, tenths: int) -> None:
    exact = by_fractions(treated, holdout, Fraction(percent, 100), Fraction(tenths, 10))
    found = log_e_value(treated, holdout, percent / 100, log(tenths / 10))
    assert found == pytest.approx(log(exact.numerator) - log(exact.denominator), abs=1e-9)


@given(COUNTS, COUNTS, SHARES, st.floats(-2, 2))
def test_whoever_converts_next_an_e_value_is_expected_to_stay(
    treated: int, holdout: int, share: float, log_ratio: float
) -> None:
    """That is what makes it an e-process."""
    q = (1 - share) * exp(log_ratio) / ((1 - share) * exp(log_ratio) + share)
    now = log_e_value(treated, holdout, share, log_ratio)
    next_treated = exp(log_e_value(treated + 1, holdout, share, log_ratio) - now)
    next_holdout = exp(log_e_value(treated, holdout + 1, share, log_ratio) - now)
    assert q * next_treated + (1 - q) * next_holdout == pytest.approx(1, rel=1e-6)


def ever_wrong(share: float, ratio: float, conversions: int, alpha: float) -> float:
    """The probability that the true ratio is ever refused within so many conversions, looked at after each: by all
    paths, added up exactly. `alive[x]` is that of x held out, and never refused."""
    q = (1 - share) * ratio / ((1 - share) * ratio + share)
    alive, refused = np.ones(1), 0.0
    for n in range(1, conversions + 1):
        alive = np.append(alive, 0) * q + np.append(0, alive) * (1 - q)
        reached = np.flatnonzero(alive > 0)
        out = [x for x in reached if log_e_value(n - int(x), int(x), share, log(ratio)) >= -log(alpha)]
        refused += float(alive[out].sum())
        alive[out] = 0
    return refused


@pytest.mark.parametrize(("share", "ratio"), [(0.1, 1.0), (0.1, 1.3), (0.5, 1.0), (0.02, 0.5)])
def test_a_true_ratio_is_refused_in_one_experiment_of_twenty_at_most_however_often_one_looks(
    share: float, ratio: float
) -> None:
    wrong = ever_wrong(share, ratio, 400, 0.05)
    assert 0.005 < wrong <= 0.05


@given(COUNTS, COUNTS, SHARES, st.sampled_from([0.01, 0.05, 0.2]))
def test_the_interval_has_the_ratios_that_are_not_refused(
    treated: int, holdout: int, share: float, alpha: float
) -> None:
    low, high = interval(treated, holdout, share, alpha)
    assert (low == 0) == (treated == 0)
    assert (high == inf) == (holdout == 0)
    for ratio, inside in ((low * 0.999, False), (low * 1.001, True), (high * 0.999, True), (high * 1.001, False)):
        if 0 < ratio < inf:
            assert (log_e_value(treated, holdout, share, log(ratio)) < -log(alpha)) == inside


@given(st.integers(1, 4_000), st.integers(1, 4_000), SHARES)
def test_more_of_an_arm_moves_the_interval_towards_it_and_more_doubt_widens_it(
    treated: int, holdout: int, share: float
) -> None:
    low, high = interval(treated, holdout, share, 0.05)
    assert interval(treated + 1, holdout, share, 0.05) > (low, high)
    assert interval(treated, holdout + 1, share, 0.05) < (low, high)
    wider = interval(treated, holdout, share, 0.01)
    assert wider[0] < low
    assert wider[1] > high
    assert low < treated / holdout * share / (1 - share) < high or treated + holdout < 30
