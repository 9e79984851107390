"""The rival beside River itself, and who judges: by records made up for it."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from river import linear_model, optim, preprocessing

from models.churn import sequence
from models.churn.counts import Counts, total
from models.churn.covariates import COVARIATES, pack, unpack
from models.churn.model import PROVEN, TRIED, WINDOW, Model, computed, first
from models.churn.posterior import dot, sigmoid
from models.churn.rival import Rival, linear, named, standard
from models.churn.track_record import TrackRecord, ahead_by_days
from models.kernel.boundaries import version
from models.kernel.settings import DAY

BEGIN = 1_700_006_400_000


def label(random: Random) -> tuple[tuple[float, ...], bool]:
    """Covariates as they are stored, one of which never varies, and whether an order came."""
    x = unpack(pack((1.0, *[random.gauss(i / 4, 1 + i / 8) for i in range(len(COVARIATES) - 2)], 0.0)))
    return x, random.random() < sigmoid(x[1] - 2 * x[5] - 1)


def labels(seed: int, count: int) -> list[tuple[tuple[float, ...], bool]]:
    random = Random(seed)
    return [label(random) for _ in range(count)]


def by_name(x: tuple[float, ...]) -> dict[str, float]:
    return dict(zip(COVARIATES[1:], x[1:], strict=True))


def rivers() -> Any:
    """What the design asks for, in River's own words."""
    return preprocessing.StandardScaler() | linear_model.LogisticRegression(optim.AdaGrad(0.05), intercept_lr=0.001)


def test_day_by_day_it_is_rivers_own() -> None:
    taught, theirs, found = labels(1, 3_000), rivers(), Rival()
    for day in range(0, 3_000, 150):
        found = found.learned(taught[day : day + 150], 20231115, standard)
        for x, ordered in taught[day : day + 150]:
            theirs.learn_one(by_name(x), ordered)
        for x, _ in labels(day, 50):
            wanted = theirs.predict_proba_one(by_name(x))[True]
            assert sigmoid(dot(x, found.weights)) == pytest.approx(wanted, abs=1e-9)
    assert (found.labels, found.began) == (3_000, 20231115)
    assert found == Rival().learned(taught, 20231115, standard)


def test_another_make_begins_anew() -> None:
    def other() -> Any:
        return preprocessing.StandardScaler() | linear_model.LogisticRegression(optim.AdaGrad(0.1))

    before = Rival().learned(labels(1, 40), 20231115, standard)
    assert before.learned([], 20231116, other) == before
    anew = before.learned(labels(2, 40), 20231116, other)
    assert anew == Rival().learned(labels(2, 40), 20231116, other)
    assert (anew.began, anew.labels) == (20231116, 40)


@pytest.mark.parametrize(
    "model",
    [
        linear_model.LogisticRegression(),
        preprocessing.MinMaxScaler() | linear_model.LogisticRegression(),
        preprocessing.StandardScaler(with_std=False) | linear_model.LogisticRegression(),
        preprocessing.StandardScaler(window_size=9) | linear_model.LogisticRegression(),
    ],
)
def test_what_is_not_a_standardised_logistic_regression_has_no_weights(model: Any) -> None:
    model.learn_one(named(label(Random(1))[0]), True)
    assert linear(model) == ()


@settings(max_examples=20)
@given(st.integers(0, 1 << 16), st.integers(2, 9), st.data())
def test_it_is_the_same_however_shoppers_are_split_among_shards(seed: int, shards: int, data: st.DataObject) -> None:
    taught, random = labels(seed, 12), Random(seed)
    # As shards see them: each by the order of time, at the same times too. A shard may have labels of the day before
    # alone, which are not wanted any more.
    times = sorted(BEGIN - DAY + random.randrange(2 * DAY) // 3_600_000 * 3_600_000 for _ in taught)
    one, many = Counts(), [Counts() for _ in range(shards)]
    for i, (at, (x, ordered)) in enumerate(zip(times, taught, strict=True)):
        mine = many[data.draw(st.integers(0, shards - 1))]
        for counts in (one, mine):
            counts.learn(x, ordered, 3, first("all").hazard, 1)
            sequence.keep(counts.sequence, at, f"u{i}", pack(x), ordered, DAY)
    data.draw(st.randoms(use_true_random=False)).shuffle(many)
    found = [
        computed(total(counts), BEGIN + DAY, first("all"), share=0.1, labels=1_000).encode()
        for counts in ([one], many, [Counts.decode(counts.encode()) for counts in many])
    ]
    assert found[0] == found[1] == found[2]
    model = Model.decode(found[0])
    wanted = sorted((at, pack(x), ordered) for at, (x, ordered) in zip(times, taught, strict=True) if at >= BEGIN)
    assert model.rival.labels == len(wanted)
    assert not model.counts.sequence


def scored(counts: Counts, count: int, hazard: float, theirs: float, seed: int = 0) -> None:
    """Labels of which four in ten have an order, and what both predicted of them, give or take."""
    random = Random(seed)
    for i in range(count):
        ordered, ours, off = i % 10 < 4, hazard + random.gauss(0, 0.02), random.gauss(0, 0.02)
        counts.record.score(ours, 0.3, ordered)
        counts.rival.score(theirs + off, ours, ordered)
        x, _ = label(random)
        counts.learn(x, ordered, 3, first("all").hazard, 1)


class Shop:
    """A shop in which every day some labels mature."""

    def __init__(self, seed: int = 0) -> None:
        self.counts, self.day, self.model, self.seed = Counts(buyers=1), 0, first("all"), seed
        self.next(0, 0.4, 0.4)

    def next(self, count: int, hazard: float, theirs: float) -> Model:
        """The model of the next day."""
        at = BEGIN + self.day * DAY
        scored(self.counts, count, hazard, theirs, self.seed + 1_000 * self.day)
        sequence.keep(self.counts.sequence, at - DAY, "u", bytes(22), self.day % 2 == 0, DAY)
        self.model = computed(total([self.counts]), at, self.model, share=0.1, labels=1_000)
        self.day += 1
        return self.model


def test_who_is_better_by_more_than_chance_judges() -> None:
    shop = Shop()
    assert (shop.model.judge, shop.model.rival.labels, shop.model.rival.began) == ("hazard", 1, version(BEGIN))
    assert shop.model.weights == shop.model.hazard
    for _ in range(TRIED):
        model = shop.next(7, 0.8, 0.4)
    assert model.rival_recent.ahead[0] < -0.07  # far better, but of too few labels
    assert (model.rival_recent.labels, model.judge, model.name) == (PROVEN - 4, "hazard", f"model/{model.version}")
    model = shop.next(7, 0.8, 0.4)
    assert (model.judge, model.name) == ("rival", f"model/{model.version}/river")
    assert model.weights == model.rival.weights != model.hazard
    assert model == Model.decode(model.encode())
    # As good as each other: who judges stays.
    for _ in range(WINDOW):
        model = shop.next(30, 0.4, 0.4)
        assert model.judge == "rival"
    assert model.rival_recent.labels == 30 * WINDOW  # nothing is left of the first days
    for _ in range(WINDOW):
        model = shop.next(30, 0.4, 0.6)
    assert (model.judge, model.weights) == ("hazard", model.hazard)


def test_of_a_few_days_nobody_is_better() -> None:
    """However many labels they have: they may have been days that are not like others."""
    shop = Shop()
    assert {shop.next(100, 0.8, 0.4).judge for _ in range(TRIED - 1)} == {"hazard"}
    assert shop.next(100, 0.8, 0.4).judge == "rival"


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0.05, 0.95)), min_size=2, max_size=40))
def test_the_interval_is_that_of_days(days: list[tuple[int, float]]) -> None:
    """Beside a regression through the origin of a day's difference on its labels, its residuals weighed alike."""
    found = []
    for date, (count, p) in enumerate(days):
        record = TrackRecord()
        for i in range(count):
            record.score(p, 0.3, i % 3 == 0)
        found.append((date, record))
    n = np.array([record.labels for _, record in found if record.labels], dtype=float)
    apart = np.array([record.apart / 2**20 for _, record in found if record.labels])
    mean, half = ahead_by_days(tuple(found))
    if len(n) < 2:
        assert (mean, half) == (0.0, float("inf"))
        return
    wanted = apart.sum() / n.sum()
    residuals = apart - wanted * n
    error = residuals.std(ddof=1) * np.sqrt(len(n)) / n.sum()  # they add up to 0
    assert (mean, half) == (pytest.approx(wanted, abs=1e-9), pytest.approx(1.96 * error, abs=1e-9))


def test_who_is_better_by_chance_does_not_judge() -> None:
    models = []
    for seed in range(12):
        shop = Shop(seed)
        models += [shop.next(10, 0.4, 0.4) for _ in range(TRIED)][-1:]
    assert any(model.rival_recent.ahead[0] < 0 for model in models)
    assert sum(model.judge == "rival" for model in models) <= 1  # one in forty, of an interval of 95 %


def test_it_is_provisional_until_who_judges_has_beaten_the_baseline() -> None:
    shop = Shop()
    assert [shop.next(40, 0.55, 0.4).judge for _ in range(TRIED)][-1] == "rival"
    mean, half = ahead_by_days(shop.model.days)  # 0.55 is worse than 0.3, of four in ten; 0.4 is better than both
    more, wider = ahead_by_days(shop.model.rival_days)
    assert shop.model.rival_ahead == (mean + more, half + wider)
    assert mean > 0 > mean + more
    assert shop.model.provisional == (mean + more + half + wider >= 0)
    for _ in range(30):
        shop.next(400, 0.55, 0.4)
    assert not shop.model.provisional
    worse = Shop()
    models = [worse.next(400, 0.7, 0.6) for _ in range(TRIED)]  # 0.6 is better than 0.7, and worse than 0.3
    assert (models[-1].judge, models[-1].provisional) == ("rival", True)


def test_a_new_make_of_rival_has_no_record_yet() -> None:
    def other() -> Any:
        return preprocessing.StandardScaler() | linear_model.LogisticRegression(optim.AdaGrad(0.1))

    shop = Shop()
    assert [shop.next(20, 0.8, 0.4).judge for _ in range(TRIED)][-1] == "rival"
    scored(shop.counts, 400, 0.8, 0.4)
    at = BEGIN + shop.day * DAY
    sequence.keep(shop.counts.sequence, at - DAY, "u", bytes(22), True, DAY)
    model = computed(total([shop.counts]), at, shop.model, share=0.1, labels=1_000, maker=other)
    assert (model.judge, model.rival_days, model.rival.began, model.rival.labels) == ("hazard", (), version(at), 1)
    # What the old one predicted that was counted by then stays out.
    after = computed(total([shop.counts]), at + DAY, model, share=0.1, labels=1_000, maker=other)
    assert (after.rival_recent.labels, after.recent.labels) == (0, 20 * TRIED + 400)


def test_many_labels_are_thinned() -> None:
    counts = Counts(buyers=1_700_000)
    found = computed(counts, BEGIN, first("all"), share=0.1, labels=50_000)
    assert (found.thinning, 14 * sequence.MOST << found.rival_thinning) == (2, 1_792_000)
    week = computed(counts, BEGIN, first("all"), share=0.1, labels=50_000, every=7 * DAY)
    assert week.rival_thinning == found.rival_thinning + 3
