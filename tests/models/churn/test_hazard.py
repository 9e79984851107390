"""The hazard as River sees it: River's own checks, a pipeline, frames, and the same numbers as the engine's."""

from __future__ import annotations

from math import inf, nan
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from msgspec import msgpack
from river import checks, compose, evaluate, linear_model, metrics, preprocessing

from models.churn.covariates import COVARIATES
from models.churn.hazard import Hazard
from models.churn.posterior import SIZE, LabelSums
from models.churn.prior import shipped
from tests.reference import hazard as reference

Example = tuple[dict[str, float], bool]


def examples(n: int, seed: int = 1, names: tuple[str, ...] = COVARIATES) -> list[Example]:
    """Examples whose labels follow a logistic regression."""
    random, found = Random(seed), []
    true = [random.gauss(0, 1) for _ in names]
    for _ in range(n):
        x = {name: random.gauss(0, 1) for name in names} | {"one": 1.0}
        z = sum(weight * x[name] for weight, name in zip(true, names, strict=True))
        found.append((x, random.random() < 1 / (1 + np.exp(-z))))
    return found


def frames(batch: list[Example], of: str) -> tuple[Any, Any]:
    """A batch as a frame and a series."""
    xs, ys = [x for x, _ in batch], [y for _, y in batch]
    return (pl.DataFrame(xs), pl.Series("y", ys)) if of == "polars" else (pd.DataFrame(xs), pd.Series(ys, name="y"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "model", [Hazard(), Hazard.shipped(), Hazard(l2=0.1, keep=0.99)], ids=["bare", "shipped", "own"]
)
def test_it_passes_rivers_own_checks(model: Hazard) -> None:
    names = [check.__name__ for check in checks.yield_checks(model)]
    assert "check_predict_proba_many_matches_predict_proba_one" in names
    assert len(names) > 40
    checks.check_estimator(model)


@pytest.mark.parametrize("of", ["polars", "pandas"])
def test_learning_by_days_is_the_recipe(of: str) -> None:
    prior = shipped()
    whole = np.zeros((SIZE, SIZE))
    whole[np.triu_indices(SIZE)] = prior.precision
    whole += np.triu(whole, 1).T
    recipe, model, stream = reference.Hazard(prior.mean, whole), Hazard.shipped(), examples(600)
    for begin in range(0, 600, 30):
        batch = stream[begin : begin + 30]
        x = np.array([list(row.values()) for row, _ in batch])
        X, y = frames(batch, of)
        assert model.predict_proba_many(X).to_numpy()[:, 1] == pytest.approx(recipe.predict(x), abs=1e-5)
        recipe.learn(x, np.array([label for _, label in batch], dtype=float))
        model.learn_many(X, y)
        assert model.weights == pytest.approx(recipe.m, abs=1e-5)
    assert model.known == COVARIATES


def test_one_label_at_a_time_is_the_engines_posterior() -> None:
    model, prior = Hazard.shipped(keep=1.0), shipped().posterior
    posterior = prior
    for x, y in examples(50):
        sums = LabelSums()
        sums.add_label([x[name] for name in COVARIATES], y, posterior.weights(), 2.0)
        posterior = posterior.learn(sums)
        model.learn_one(x, y, w=2.0)
        assert model.posterior == posterior


@pytest.mark.parametrize("of", ["polars", "pandas"])
def test_many_are_predicted_like_one(of: str) -> None:
    model, stream = Hazard.shipped(), examples(60)
    X, y = frames(stream[:30], of)
    model.learn_many(X, y, w=y.astype(float) * 2 + 1 if of == "pandas" else y.cast(float) * 2 + 1)
    X, _ = frames(stream[30:], of)
    many, labels = model.predict_proba_many(X), model.predict_many(X)
    assert type(many) is type(X)
    for i, (x, _) in enumerate(stream[30:]):
        one = model.predict_proba_one(x)
        assert many.to_numpy()[i] == pytest.approx([one[False], one[True]], rel=1e-12)
        assert labels[i] == model.predict_one(x)
    assert labels.name == "y"


def test_it_stands_in_a_pipeline_and_learns() -> None:
    stream = examples(1_500, 3, ("one", "a", "b", "c"))
    shifted = [({name: 50 + 9 * value for name, value in x.items() if name != "one"}, y) for x, y in stream]
    ours = preprocessing.StandardScaler() | Hazard()
    theirs = preprocessing.StandardScaler() | linear_model.LogisticRegression()
    share = sum(y for _, y in stream) / len(stream)
    base = -share * np.log(share) - (1 - share) * np.log(1 - share)
    scores = [evaluate.progressive_val_score(iter(shifted), model, metrics.LogLoss()).get() for model in (ours, theirs)]
    assert scores[0] < min(scores[1], 0.95 * base)
    chosen = compose.Select("a", "b") | Hazard()
    assert evaluate.progressive_val_score(iter(shifted), chosen, metrics.ROCAUC()).get() > 0.5
    assert chosen["Hazard"].known == ("one", "a", "b")
    with_batches = preprocessing.StandardScaler() | Hazard()
    for begin in range(0, 1_500, 50):
        with_batches.learn_many(*frames(shifted[begin : begin + 50], "polars"))
    assert with_batches.predict_proba_many(frames(shifted[:9], "polars")[0]).shape == (9, 2)


def test_it_goes_on_from_plain_numbers_as_if_nothing_had_happened() -> None:
    stream = examples(80, 4, ("one", "a", "b", "c", "d"))
    model, params = Hazard(l2=0.5, keep=0.98), {"l2": 0.5, "keep": 0.98}
    for i, (x, y) in enumerate(stream):
        model.learn_one(x if i > 20 else {"b": x["b"]}, y)
        if i % 10 == 0:
            state = model.dump()
            assert all(type(part) in (int, float, str) for part in state)
            model = Hazard.load(msgpack.decode(msgpack.encode(state)), **params)
            assert model.dump() == state
    straight = Hazard(**params)
    for i, (x, y) in enumerate(stream):
        straight.learn_one(x if i > 20 else {"b": x["b"]}, y)
    assert straight.dump() == model.dump()
    assert straight.predict_proba_one(stream[0][0]) == model.predict_proba_one(stream[0][0])
    assert model.known == ("one", "b", "a", "c", "d")
    assert Hazard.load([], **params).dump() == Hazard(**params).dump()
    with pytest.raises(ValueError, match="not the state of this model"):
        Hazard.load(model.dump()[:-1], **params)
    with pytest.raises(ValueError, match="not the state of this model"):
        Hazard.load(model.dump(), names=("one", "z"), mean=(0.0, 0.0), precision=(1.0, 0.0, 1.0))


def test_a_covariate_that_comes_later_starts_at_its_own_prior() -> None:
    model = Hazard(l2=4.0)
    model.learn_one({"a": 1.0}, True)
    before = model.predict_proba_one({"a": 2.0})
    model.learn_one({"a": 0.0, "b": 0.0}, True, w=0.0)
    assert model.predict_proba_one({"a": 2.0, "b": 7.0}) == before
    assert model.posterior.precision[-1] == pytest.approx(4.0)


@pytest.mark.parametrize("bad", [inf, -inf, nan])
def test_what_is_not_finite_is_refused_and_changes_nothing(bad: float) -> None:
    model = Hazard.shipped()
    before = model.dump()
    (x, y), X = examples(1)[0], frames(examples(3), "polars")[0]
    for refused in (
        lambda: model.learn_one(x | {"overdue": bad}, y),
        lambda: model.learn_one(x, y, bad),
        lambda: model.learn_many(X.with_columns(overdue=pl.Series([0.0, bad, 0.0])), pl.Series([True] * 3)),
        lambda: model.predict_proba_one(x | {"overdue": bad}),
        lambda: model.predict_proba_many(X.with_columns(overdue=pl.Series([0.0, bad, 0.0]))),
        lambda: Hazard.load([*before[:-1], bad], names=COVARIATES),
    ):
        with pytest.raises(ValueError, match="finite"):
            refused()
    assert model.dump() == before
