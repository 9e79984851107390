"""What learners do beside the contract that all of them keep (test_contract.py)."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from river import proba

from models.learners.beta import BetaCounts, BetaShare
from models.learners.exponentially_weighted import EWStatistics
from models.learners.gaussian import GaussianScorer


def test_a_score_and_a_prior_must_be_finite_too() -> None:
    with pytest.raises(ValueError, match="finite"):
        GaussianScorer(3).score_one(nan)
    with pytest.raises(ValueError, match="finite"):
        BetaCounts(6, 24).predict_one(1, inf)
    with pytest.raises(ValueError, match="finite"):
        BetaShare(4).predict_one(nan)
    with pytest.raises(ValueError, match="finite"):
        EWStatistics(0.3).learn_one(1e200)  # its square is not


def test_kinds_beyond_the_bound_are_not_counted() -> None:
    counts = BetaCounts(2, 2)
    for kind in ("a", "b", "c", "b"):
        counts.learn_one(kind)
    assert counts.dump() == ["a", 1, "b", 2]
    assert counts.total == 3


@given(st.integers(0, 30), st.integers(0, 30), st.floats(0.1, 0.9))
def test_a_shares_deviation_is_that_of_rivers_distribution(hits: int, misses: int, prior: float) -> None:
    """By its density, added up over a thousand cells."""
    share, river = BetaShare(8, hits, hits + misses), proba.Beta(8 * prior, 8 * (1 - prior))
    for x in [True] * hits + [False] * misses:
        river.update(x)
    cells = [(i / 1_000 + 0.0005, river.cdf((i + 1) / 1_000) - river.cdf(i / 1_000)) for i in range(1_000)]
    mean = sum(x * mass for x, mass in cells)
    variance = sum((x - mean) ** 2 * mass for x, mass in cells)
    assert share.deviation(prior) == pytest.approx(variance**0.5, abs=1e-3)
