"""One contract for every learner: step by step as River's own, also when restored in between; finite input only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, nan
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from river import anomaly, proba, stats

from models.learners.beta import BetaCounts
from models.learners.exponentially_weighted import EWStatistics
from models.learners.gaussian import GaussianScorer
from models.learners.protocol import Learner

FADING, STRENGTH, GRACE = 0.3, 6.0, 3
PRIORS = {0: 0.5, 1: 0.25, 2: 0.25}


class River:
    """River's answer to the same observations."""

    def __init__(self) -> None:
        self.mean, self.variance = stats.EWMean(FADING), stats.EWVar(FADING)
        self.scorer = anomaly.GaussianScorer(grace_period=GRACE)
        self.shares = {k: proba.Beta(STRENGTH * q, STRENGTH * (1 - q)) for k, q in PRIORS.items()}
        self.seen: set[Any] = set()

    def learn_one(self, x: Any) -> None:
        """Let all of them learn."""
        self.seen.add(x)
        self.mean.update(x)
        self.variance.update(x)
        self.scorer.learn_one(None, x)
        for kind, share in self.shares.items():
            share.update(x == kind)

    def means(self) -> list[float]:
        """Mean and variance."""
        return [self.mean.get(), self.variance.get()]

    def scores(self) -> list[float]:
        """Scores of some values. (Of equal ones River scores that same value 1, we 0.)"""
        return [self.scorer.score_one(None, x) if self.seen != {x} else 0.0 for x in range(-3, 4)]

    def posteriors(self) -> list[float]:
        """Means of the shares."""
        return [share.alpha / (share.alpha + share.beta) for share in self.shares.values()]


class Case(NamedTuple):
    """A learner, how it is restored, and what it answers, beside what River does."""

    make: Callable[[], Learner[Any]]
    load: Callable[[Any], Learner[Any]]
    ask: Callable[[Any], Sequence[float]]
    river: Callable[[River], Sequence[float]]


CASES = {
    "ew": Case(
        lambda: EWStatistics(FADING),
        lambda state: EWStatistics.load(state, FADING),
        lambda ew: [ew.predict_one(), ew.variance],
        River.means,
    ),
    "gaussian": Case(
        lambda: GaussianScorer(GRACE),
        lambda state: GaussianScorer.load(state, GRACE),
        lambda scorer: [scorer.score_one(x) for x in range(-3, 4)],
        River.scores,
    ),
    "beta": Case(
        lambda: BetaCounts(STRENGTH, 3),
        lambda state: BetaCounts.load(state, STRENGTH, 3),
        lambda counts: [counts.predict_one(kind, prior) for kind, prior in PRIORS.items()],
        River.posteriors,
    ),
}
every = pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))


@every
@given(xs=st.lists(st.integers(0, 2), max_size=30), stored=st.integers(0, 30))
def test_as_rivers_step_by_step(case: Case, xs: list[int], stored: int) -> None:
    ours, river = case.make(), River()
    for i, x in enumerate(xs):
        ours.learn_one(x)
        river.learn_one(x)
        assert case.ask(ours) == pytest.approx(case.river(river), rel=1e-9, abs=1e-9)
        if i == stored:
            ours = case.load(msgpack.decode(msgpack.encode(ours.dump())))
            assert case.ask(ours) == pytest.approx(case.river(river), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("case", [CASES["ew"], CASES["gaussian"]], ids=["ew", "gaussian"])
@given(xs=st.lists(st.floats(-1e3, 1e3), max_size=30))
def test_as_rivers_on_any_number(case: Case, xs: list[float]) -> None:
    ours, river = case.make(), River()
    for x in xs:
        ours.learn_one(x)
        river.learn_one(x)
    if len(set(xs)) > 1 and max(xs) - min(xs) > 1e-3:
        assert case.ask(ours) == pytest.approx(case.river(river), rel=1e-6, abs=1e-6)


@every
@given(xs=st.lists(st.integers(0, 2), max_size=10), x=st.sampled_from([inf, -inf, nan]))
def test_what_is_not_finite_is_refused_and_changes_nothing(case: Case, xs: list[int], x: float) -> None:
    ours = case.make()
    for known in xs:
        ours.learn_one(known)
    before = list(ours.dump())
    with pytest.raises(ValueError, match="finite"):
        ours.learn_one(x)
    assert list(ours.dump()) == before


@every
def test_the_state_is_plain_numbers(case: Case) -> None:
    ours = case.make()
    ours.learn_one(1)
    assert all(type(part) in (int, float) for part in ours.dump())
    assert case.ask(case.load([])) == case.ask(case.make())


def test_a_score_and_a_prior_must_be_finite_too() -> None:
    with pytest.raises(ValueError, match="finite"):
        GaussianScorer(3).score_one(nan)
    with pytest.raises(ValueError, match="finite"):
        BetaCounts(6, 24).predict_one(1, inf)
    with pytest.raises(ValueError, match="finite"):
        EWStatistics(0.3).learn_one(1e200)  # its square is not


def test_kinds_beyond_the_bound_are_not_counted() -> None:
    counts = BetaCounts(2, 2)
    for kind in ("a", "b", "c", "b"):
        counts.learn_one(kind)
    assert counts.dump() == ["a", 1, "b", 2]
    assert counts.total == 3
