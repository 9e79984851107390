"""One contract for every learner of the registry: River's answers step by step, plain state, finite input only."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from pkgutil import resolve_name
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from river import anomaly, base, proba, stats

from models.churn.hazard import Hazard
from models.learners.beta import BetaCounts, BetaShare
from models.learners.exponentially_weighted import EWStatistics
from models.learners.faded import FadedStatistics
from models.learners.gaussian import GaussianScorer
from models.learners.shrunk_mean import ShrunkMean
from models.profile.learners import LEARNERS, Listed, Step

NAMES = [listed.name for listed in LEARNERS]
SHOP = 0.3
"""The shop's answer, where it is a prior."""
APART = st.integers(-40_000, 40_000).map(lambda n: n / 1_000)
"""Numbers that differ by a thousandth, or not at all: the rounding of those closer together is another matter."""


class Twin:
    """River's classes on the observations of one learner of ours, with its parameters."""

    def __init__(self, ours: Any, kinds: list[Any]) -> None:
        self.seen: list[Any] = []
        self.ours, self.kinds = ours, kinds
        self.learners: list[Any] = {
            EWStatistics: lambda: [stats.EWMean(ours.fading), stats.EWVar(ours.fading)],
            FadedStatistics: lambda: [stats.Mean(), stats.Var(ddof=0)],
            GaussianScorer: lambda: [anomaly.GaussianScorer(grace_period=ours.grace)],
            ShrunkMean: lambda: [stats.Mean._from_state(ours.strength, SHOP)],
            BetaCounts: lambda: [beta(ours.strength, 1 / len(kinds)) for _ in kinds],
            BetaShare: lambda: [beta(ours.strength, SHOP)],
        }[type(ours)]()

    def learn_one(self, x: Any) -> None:
        """Let all of them learn."""
        for learner, kind in zip(self.learners, self.kinds or self.learners, strict=False):
            if isinstance(learner, proba.Beta):
                learner.update(x == kind if self.kinds else bool(x))
            elif isinstance(learner, anomaly.GaussianScorer):
                learner.learn_one(None, x)
            elif isinstance(self.ours, FadedStatistics):
                learner.update(x, (1 - self.ours.fading) ** -len(self.seen))
            else:
                learner.update(x)
        self.seen.append(x)

    def answers(self) -> list[float]:
        """What they say now. (Of equal values River's scorer scores that same value 1, ours 0.)"""
        first = self.learners[0]
        if isinstance(first, proba.Beta):
            return [learner.alpha / (learner.alpha + learner.beta) for learner in self.learners]
        if isinstance(first, anomaly.GaussianScorer):
            return [first.score_one(None, x) if {*self.seen} != {x} else 0.0 for x in range(-3, 4)]
        return [learner.get() for learner in self.learners]


def beta(strength: float, prior: float) -> proba.Beta:
    return proba.Beta(strength * prior, strength * (1 - prior))


ASK: dict[type, Callable[[Any, list[Any]], list[float]]] = {
    EWStatistics: lambda ew, _: [ew.predict_one(), ew.variance],
    FadedStatistics: lambda faded, _: [faded.predict_one(), faded.variance],
    GaussianScorer: lambda scorer, _: [scorer.score_one(x) for x in range(-3, 4)],
    ShrunkMean: lambda mean, _: [mean.predict_one(SHOP)],
    BetaCounts: lambda counts, kinds: [counts.predict_one(kind, 1 / len(kinds)) for kind in kinds],
    BetaShare: lambda share, _: [share.predict_one(SHOP)],
    Hazard: lambda hazard, _: [hazard.predict_proba_one({"log_recency": x})[True] for x in range(-3, 4)],
}
"""How a learner of each class is asked."""


def kinds_of(listed: Listed) -> list[Any]:
    """The kinds that a learner of counts is fed."""
    return sorted({step[0] for step in listed.steps}) if isinstance(listed.load([]), BetaCounts) else []


def observations(listed: Listed) -> st.SearchStrategy[Step]:
    """Arguments of `learn_one` of the type that it takes."""
    learner = listed.load([])
    if isinstance(learner, Hazard):
        return st.tuples(st.fixed_dictionaries(dict.fromkeys(learner.names, APART)), st.booleans())
    if isinstance(learner, BetaShare):
        return st.tuples(st.booleans())
    return st.tuples(st.sampled_from(kinds_of(listed)) if kinds_of(listed) else APART)


def spoiled(step: Step, bad: float) -> Step:
    """The same observation, not finite."""
    x, *others = step
    return ({**x, "overdue": bad} if isinstance(x, dict) else bad, *others)


every = pytest.mark.parametrize("listed", LEARNERS, ids=NAMES)
twinned = pytest.mark.parametrize(
    "listed", [listed for listed in LEARNERS if type(listed.load([])) is not Hazard], ids=lambda listed: listed.name
)


def test_names_are_distinct() -> None:
    assert len({*NAMES}) == len(NAMES)


@every
def test_rivers_classes_are_those_it_is_compared_with(listed: Listed) -> None:
    named = [resolve_name(name) for name in listed.river]
    if isinstance(listed.load([]), Hazard):  # River's own checks run over it in tests/models/churn/test_hazard.py
        assert named == [base.MiniBatchClassifier]
        assert isinstance(listed.load([]), base.MiniBatchClassifier)
        return
    twin = Twin(listed.load([]), kinds_of(listed))
    assert named == list(dict.fromkeys(type(learner) for learner in twin.learners))


@twinned
@given(data=st.data())
def test_it_answers_as_river_step_by_step(listed: Listed, data: st.DataObject) -> None:
    steps = data.draw(st.lists(observations(listed), max_size=30))
    ours, kinds = listed.load([]), kinds_of(listed)
    river = Twin(ours, kinds)
    for step in steps:
        ours.learn_one(*step)
        river.learn_one(*step)
        assert ASK[type(ours)](ours, kinds) == pytest.approx(river.answers(), rel=1e-6, abs=1e-6)


@every
@given(data=st.data())
def test_it_goes_on_from_plain_numbers_to_the_last_bit(listed: Listed, data: st.DataObject) -> None:
    steps = data.draw(st.lists(observations(listed), max_size=8))
    ours, straight, kinds = listed.load([]), listed.load([]), kinds_of(listed)
    ask = ASK[type(ours)]
    assert ask(listed.load(ours.dump()), kinds) == ask(ours, kinds)
    for step in steps:
        ours.learn_one(*step)
        straight.learn_one(*step)
        state = ours.dump()
        assert all(type(part) in (int, float, str) for part in state)
        ours = listed.load(msgpack.decode(msgpack.encode(state)))
        assert list(ours.dump()) == list(straight.dump())
        assert ask(ours, kinds) == ask(straight, kinds)


@every
@given(data=st.data(), bad=st.sampled_from([inf, -inf, nan]))
def test_what_is_not_finite_is_refused_and_changes_nothing(listed: Listed, data: st.DataObject, bad: float) -> None:
    ours = listed.load([])
    for step in data.draw(st.lists(observations(listed), max_size=5)):
        ours.learn_one(*step)
    before = list(ours.dump())
    with pytest.raises(ValueError, match="finite"):
        ours.learn_one(*spoiled(listed.steps[0], bad))
    assert list(ours.dump()) == before


@every
def test_an_answer_changes_nothing(listed: Listed) -> None:
    ours, kinds = listed.typical(), kinds_of(listed)
    assert hasattr(ours, "predict_one") or hasattr(ours, "score_one")
    before = list(ours.dump())
    assert ASK[type(ours)](ours, kinds) == ASK[type(ours)](ours, kinds)
    assert list(ours.dump()) == before
