"""The rival beside River itself."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from river import linear_model, optim, preprocessing

from models.churn import sequence
from models.churn.computing import computed
from models.churn.counts import Counts, total
from models.churn.covariates import COVARIATES, pack, unpack
from models.churn.model import Model, first
from models.churn.posterior import dot, sigmoid
from models.churn.rival import Rival, linear, named, standard
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
            sequence.keep(counts.sequence, f"u{i}", sequence.Label(at, pack(x), ordered, 100.0 + i), DAY)
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


def test_many_labels_are_thinned() -> None:
    counts = Counts(buyers=1_700_000)
    found = computed(counts, BEGIN, first("all"), share=0.1, labels=50_000)
    assert (found.thinning, 14 * sequence.MOST << found.rival_thinning) == (2, 1_792_000)
    week = computed(counts, BEGIN, first("all"), share=0.1, labels=50_000, every=7 * DAY)
    assert week.rival_thinning == found.rival_thinning + 3
