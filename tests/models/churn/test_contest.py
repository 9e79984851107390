"""The contest: who judges, by records made up for it; and the interval of a difference."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from river import linear_model, optim, preprocessing

from models.churn import contest, scoring, sequence
from models.churn.computing import computed
from models.churn.contest import PERIODS, PROVEN, WINDOW, critical, losses
from models.churn.counts import Counts, total
from models.churn.model import Model, first
from models.churn.posterior import UNIT
from models.churn.scoring import (
    BASELINE,
    CONTESTANTS,
    HAZARD,
    HORIZONS,
    MBG_NBD,
    PRIOR,
    RIVER,
    Days,
    Scores,
    pack,
    record,
    score,
    summed,
    unpack,
)
from models.churn.track_record import TrackRecord
from models.kernel.boundaries import version
from models.kernel.settings import DAY

BEGIN = 1_700_006_400_000
GOOD, FAIR, BAD = 0.4, 0.55, 0.8
"""Predictions where two in five order."""
LONG = PERIODS * 14
"""Days after which others may take the hazard's place."""


def drawn(scores: Scores, count: int, seed: int, horizon: int = 14, **predicted: float | None) -> None:
    """Labels of which two in five have an order, and what each predicted of them, give or take; None: nothing."""
    random, before = Random(seed), record(scores, horizon, PRIOR).labels
    said = dict.fromkeys(CONTESTANTS, BAD) | predicted
    for i in range(count):
        row = [None if p is None else p + random.gauss(0, 0.02) for p in said.values()]
        score(scores, horizon, unpack(pack(row)), (before + i) % 5 < 2)


class Shop:
    """A shop in which every day some labels mature."""

    def __init__(self, seed: int = 0) -> None:
        self.counts, self.day, self.model, self.seed = Counts(buyers=1), 0, first("all"), seed
        self.next(0)

    def next(self, count: int, horizon: int = 14, maker: Any = None, **predicted: float | None) -> Model:
        """The model of the next day."""
        at = BEGIN + self.day * DAY
        drawn(self.counts.scores, count, self.seed + 1_000 * self.day, horizon, **predicted)
        label = sequence.Label(at - DAY, bytes(22), self.day % 2 == 0, 9.0)
        sequence.keep(self.counts.sequence, "u", label, DAY)
        found = Counts.decode(total([self.counts]).encode())
        made = {"maker": maker} if maker else {}
        self.model = computed(found, at, self.model, share=0.1, labels=1_000, **made)
        self.day += 1
        return self.model

    def judged(self, count: int, **predicted: float | None) -> str:
        """Who judges by the model of the next day."""
        self.next(count, **predicted)
        return self.judge()

    def judge(self, horizon: int = 14) -> str:
        """Who judges now."""
        return self.model.verdict(horizon).judge


# At first.


def test_what_other_shops_taught_judges_until_the_hazard_was_tried() -> None:
    """Whatever comes of a few weeks: they have one season in common."""
    shop = Shop()
    assert (shop.judge(), shop.model.judged_by(90)) == (PRIOR, f"model/{shop.model.version}/prior")
    assert [shop.judged(100, hazard=GOOD, prior=FAIR) for _ in range(LONG)] == [PRIOR] * (LONG - 1) + [HAZARD]
    assert shop.model.judged_by(90) == f"model/{shop.model.version}"
    few = Shop()
    assert {few.judged(3, hazard=GOOD, prior=FAIR) for _ in range(PROVEN // 3)} == {PRIOR}
    assert few.judged(3, hazard=GOOD, prior=FAIR) == HAZARD


def test_where_the_prior_is_better_it_goes_on() -> None:
    shop = Shop()
    assert {shop.judged(50, hazard=FAIR, prior=GOOD) for _ in range(WINDOW)} == {PRIOR}
    for _ in range(WINDOW):
        shop.next(50, hazard=GOOD, prior=FAIR)
    assert shop.judge() == HAZARD


# Who takes whose place.


@pytest.mark.parametrize("name", [RIVER, MBG_NBD, BASELINE])
def test_who_is_better_by_more_than_chance_judges(name: str) -> None:
    shop = Shop()
    for _ in range(LONG - 1):
        model = shop.next(10, hazard=FAIR, **{name: GOOD})
    apart = losses(model.days, 14).difference(name, HAZARD)
    assert apart.mean + apart.half < -0.03  # far better, but on too few days
    assert shop.judge() == PRIOR
    model = shop.next(10, hazard=FAIR, **{name: GOOD})
    assert (shop.judge(), model.judged_by(14)) == (name, f"model/{model.version}/{name}")
    assert model.odds(14) == model.contestants[name]
    assert model == Model.decode(model.encode())
    # It judges as long as it remains better, if only by chance.
    for _ in range(WINDOW):
        shop.next(30, hazard=GOOD + 0.02, **{name: GOOD})
        assert shop.judge() == name
    assert summed(shop.model.days, 14, name).labels == 30 * WINDOW  # nothing is left of the first days
    for _ in range(WINDOW):
        shop.next(30, hazard=GOOD, **{name: GOOD + 0.05})
    assert shop.judge() == HAZARD


def test_of_a_few_labels_nobody_is_better() -> None:
    shop = Shop()
    for _ in range(WINDOW):
        shop.next(2, hazard=FAIR, river=GOOD)
    assert shop.judge() == PRIOR


def test_who_is_better_by_chance_does_not_judge() -> None:
    """One in forty, of an interval of 95 %."""
    apart, judges = [], []
    for seed in range(12):
        shop = Shop(seed)
        for _ in range(LONG):
            shop.next(10, prior=GOOD, hazard=0.4, river=GOOD, mbg_nbd=GOOD)
        apart.append(losses(shop.model.days, 14).difference(RIVER, HAZARD).mean)
        judges.append(shop.judge())
    assert min(apart) < 0 < max(apart)
    assert judges.count(HAZARD) >= 10


def test_of_two_who_are_better_the_best_judges() -> None:
    shop = Shop()
    for _ in range(LONG):
        shop.next(50, river=FAIR, mbg_nbd=GOOD)
    assert shop.judge() == MBG_NBD


# Horizons.


def test_a_horizon_without_a_record_of_its_own_has_the_judge_of_the_next_shorter_one() -> None:
    """Three periods of 90 days are never within 90 days."""
    shop = Shop()
    for _ in range(LONG):
        shop.next(50, hazard=FAIR, river=GOOD)
    assert [shop.judge(days) for days in (14, 29, 30, 90, 365)] == [RIVER] * 5
    for _ in range(WINDOW):
        said = {"hazard": FAIR, "mbg_nbd": GOOD, "river": BAD}
        drawn(shop.counts.scores, 20, shop.day, horizon=30, **said)
        drawn(shop.counts.scores, 20, shop.day, horizon=90, **said)
        shop.next(50, hazard=FAIR, river=GOOD)
    assert [shop.judge(days) for days in (14, 29, 30, 89, 90, 365)] == [RIVER] * 2 + [MBG_NBD] * 4


def test_a_horizon_shorter_than_any_has_the_first_ones_judge() -> None:
    assert contest.verdict({14: contest.Verdict(RIVER)}, 7).judge == RIVER


# Provisional.


def test_it_is_provisional_until_who_judges_has_beaten_the_baseline() -> None:
    shop = Shop()
    verdicts = [shop.next(10, hazard=GOOD, recency_frequency=FAIR).verdict(90) for _ in range(LONG)]
    assert [one.provisional for one in verdicts] == [True] * (LONG - 1) + [False]
    for _ in range(WINDOW):  # and remains beaten, if only by chance
        assert not shop.next(10, hazard=GOOD, recency_frequency=GOOD + 0.02).verdict(90).provisional
    for _ in range(WINDOW):
        shop.next(10, hazard=GOOD + 0.04, recency_frequency=GOOD)
    assert shop.model.verdict(90).provisional
    worse = Shop()
    for _ in range(LONG + 9):
        worse.next(50, hazard=FAIR, prior=BAD, recency_frequency=FAIR)
    assert worse.model.verdict(14) == contest.Verdict(HAZARD, provisional=True)
    best = Shop()
    for _ in range(LONG + 9):
        best.next(50, hazard=FAIR, recency_frequency=GOOD)
    assert best.model.verdict(14) == contest.Verdict(BASELINE, provisional=True)  # it cannot beat itself


# Another classifier.


def test_a_new_make_of_rival_has_no_record_yet() -> None:
    def other() -> Any:
        return preprocessing.StandardScaler() | linear_model.LogisticRegression(optim.AdaGrad(0.1))

    shop = Shop()
    for _ in range(LONG):
        shop.next(20, river=GOOD)
    assert (shop.judge(), shop.model.rival.began) == (RIVER, version(BEGIN))
    model = shop.next(400, river=GOOD, maker=other)
    assert (shop.judge(), model.rival.began, model.rival.labels) == (HAZARD, model.version, 1)
    old = summed(model.days, 14, RIVER).labels
    assert old == 400  # of the day on which it began, with the old one's predictions: it is compared on later days
    assert summed(model.days, 14, HAZARD).labels == 20 * LONG + 400


# The interval.


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0.05, 0.95)), max_size=40), st.sampled_from(HORIZONS))
def test_the_interval_is_that_of_days_whose_labels_overlap(each: list[tuple[int, float]], horizon: int) -> None:
    """Beside a regression through the origin of a day's difference on its labels, with Bartlett's weights."""
    days: Days = ()
    for date, (count, p) in enumerate(each):
        scores: Scores = {}
        for i in range(count):
            score(scores, horizon, unpack(pack([0.3, None, p, None, None])), i % 3 == 0)
        days = (*days, (version(BEGIN // DAY * DAY + date * DAY), scores))
    at, known = (
        zip(*[(i, scores) for i, (_, scores) in enumerate(days) if scores], strict=True)
        if any(scores for _, scores in days)
        else ((), ())
    )
    n = np.array([record(scores, horizon, RIVER).labels for scores in known], dtype=float)
    apart = np.array([record(scores, horizon, RIVER).loss - record(scores, horizon, HAZARD).loss for scores in known])
    lost = losses(days, horizon)
    found = lost.difference(RIVER, HAZARD)
    assert (found.days, found.labels) == (len(n), n.sum())
    assert lost.difference(PRIOR, HAZARD).labels == 0  # it said nothing
    if len(n) < 2:
        assert found.half == float("inf")
        return
    wanted = apart.sum() / UNIT / n.sum()
    residuals = apart / UNIT - wanted * n
    weights = np.clip(1 - np.abs(np.subtract.outer(at, at)) / (2 * horizon), 0, None)
    error = np.sqrt(max(0.0, residuals @ weights @ residuals) * len(n) / (len(n) - 1)) / n.sum()
    assert found.mean == pytest.approx(wanted, abs=1e-9)
    assert found.half == pytest.approx(critical(2 * horizon / len(n)) * error, abs=1e-6)


@pytest.mark.parametrize(("days", "overlap", "missed"), [(42, 1, 0.02), (42, 14, 0.10), (90, 1, 0.02), (90, 14, 0.055)])
def test_most_intervals_have_the_truth_within(days: int, overlap: int, missed: float) -> None:
    """Shocks that last: each day has the mean of those of so many days, none of which is for anybody."""
    rng, found = np.random.default_rng(1), 0
    for _ in range(TRIALS):
        shocks = np.convolve(rng.normal(size=days + overlap - 1), np.ones(overlap), "valid")
        apart = losses(tuple(map(shocked, range(days), shocks)), 14).difference(RIVER, HAZARD)
        found += abs(apart.mean) > apart.half
    assert found / TRIALS == pytest.approx(missed, abs=0.035)


TRIALS = 300


def shocked(day: int, shock: float) -> tuple[int, Scores]:
    """A day's scores, by which one has so much more loss than another one."""
    loss = [0, 0, round(shock * UNIT), 0, 0]
    return version(BEGIN // DAY * DAY + day * DAY), {14: [TrackRecord(labels=10, loss=each) for each in loss]}


def test_a_day_on_which_one_knew_nothing_of_some_labels_is_not_compared() -> None:
    one: Scores = {}
    drawn(one, 10, 1)
    drawn(one, 10, 2, river=None)
    two: Scores = {}
    drawn(two, 10, 3)
    found = losses(((20231115, one), (20231116, two)), 14).difference(RIVER, HAZARD)
    assert (found.days, found.labels) == (1, 10)


@given(st.lists(st.tuples(st.sampled_from(HORIZONS), st.floats(0, 1), st.booleans()), max_size=20), st.integers(0, 20))
def test_what_a_day_added_is_the_difference_of_what_was_counted(
    labels: list[tuple[int, float, bool]], cut: int
) -> None:
    before: Scores = {}
    after: Scores = {}
    for i, (horizon, p, ordered) in enumerate(labels):
        for scores in (before, after) if i < cut else (after,):
            score(scores, horizon, unpack(pack([p, p, None, p, p])), ordered)
    added = scoring.plus(after, before, -1)
    assert scoring.plus(before, added) == {horizon: after[horizon] for horizon in HORIZONS if horizon in after}
