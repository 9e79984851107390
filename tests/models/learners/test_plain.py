"""States of River's models as plain numbers: into JSON and back between steps, beside a model that was left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import msgspec
import pytest
from river import base, ensemble, linear_model, naive_bayes, optim, preprocessing, stats, tree

from models.churn.rival import standard
from models.learners.plain import Opaque, dump, load


def labels(count: int, seed: int = 1) -> Iterator[tuple[dict[str, float], bool]]:
    """Rows of four numbers, and what comes of them."""
    random = Random(seed)
    for _ in range(count):
        x = {name: random.gauss(i, i + 1) for i, name in enumerate("abcd")}
        yield x, random.random() < 1 / (1 + 2.7 ** (x["a"] - x["b"] / 3))


def ftrl() -> Any:
    return preprocessing.StandardScaler() | linear_model.LogisticRegression(optim.FTRLProximal(alpha=0.05))


def penalised() -> Any:
    return preprocessing.StandardScaler() | linear_model.LogisticRegression(optim.SGD(0.01), l1=0.001)


def counted() -> Any:
    return preprocessing.Binarizer(1.0) | naive_bayes.BernoulliNB()


class Mean(base.Classifier):
    """The share of labels that came true: a model of a shop's own."""

    def __init__(self) -> None:
        self.seen: dict[bool, int] = {}
        self.newest: list[float] = []

    def learn_one(self, x: dict[str, float], y: bool) -> None:
        self.seen[y] = self.seen.get(y, 0) + 1
        self.newest = [*x.values()]

    def predict_proba_one(self, x: dict[str, float]) -> dict[bool, float]:
        p = (self.seen.get(True, 0) + 1) / (sum(self.seen.values()) + 2)
        return {True: p, False: 1 - p}


@pytest.mark.parametrize("make", [standard, ftrl, penalised, counted, Mean])
def test_a_model_that_is_stored_between_steps_is_the_one_that_is_not(make: Callable[[], Any]) -> None:
    whole, stored = make(), make()
    for i, (x, y) in enumerate(labels(4_000)):
        if i % 13 == 0:
            stored = load(msgspec.json.decode(msgspec.json.encode(dump(stored))), make())
        assert stored.predict_proba_one(x) == whole.predict_proba_one(x), i
        stored.learn_one(x, y)
        whole.learn_one(x, y)
    assert dump(stored) == dump(whole)
    assert whole.predict_proba_one(x)[True] not in (0.0, 0.5, 1.0)


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (tree.HoeffdingTreeClassifier(grace_period=50), "model._root"),
        (naive_bayes.GaussianNB(), "_rng"),
        (stats.EWMean(), "model._ewmean is a RsEWMean"),
        (ensemble.AdaBoostClassifier(linear_model.LogisticRegression(), seed=1), "model._rng is a Random"),
    ],
)
def test_what_is_not_plain_is_named(model: Any, named: str) -> None:
    for x, y in labels(200):
        if isinstance(model, stats.EWMean):
            model.update(x["a"])
        else:
            model.learn_one(x, y)
    with pytest.raises(Opaque, match=named):
        dump(model)


def test_numbers_that_are_not_finite_are_refused() -> None:
    model = Mean()
    model.newest = [float("nan")]
    with pytest.raises(Opaque, match=r"model.newest\[0\] is not a finite number: nan"):
        dump(model)


def test_an_object_that_holds_itself_is_refused() -> None:
    model = Mean()
    model.seen = {True: model}  # type: ignore[dict-item]
    with pytest.raises(Opaque, match="seen"):
        dump(model)


def test_what_a_new_model_has_no_place_for_is_refused() -> None:
    model = Mean()
    model.seen = {True: [1]}  # type: ignore[dict-item]
    with pytest.raises(Opaque, match=r"model.seen\[True\] is no container in a new model"):
        load(dump(model), Mean())
    with pytest.raises(Opaque, match=r"model\.learned is no object in a new model"):
        load({"learned": {"n": 1}}, Mean())
