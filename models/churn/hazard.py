"""The churn model's hazard as an estimator of River: for a pipeline, or `river.evaluate`, or a notebook.

It is the engine's own `Posterior`, learning by the engine's own sums. What River asks for is added: covariates by name,
which may come and go, frames of any library that River takes, and a state to go on from that is plain numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from river import base, utils

from models.churn.covariates import COVARIATES
from models.churn.posterior import KEEP, LabelSums, Posterior, dot, rows, sigmoid
from models.churn.prior import SHIPPED, shipped
from models.learners.protocol import State, finite

CONSTANT = COVARIATES[0]
"""Name of the covariate that is always 1, whatever a row says of it: a scaler before it would make 0 of it."""


Name: TypeAlias = str | int | float


class Hazard(base.MiniBatchClassifier):  # type: ignore[misc] # River has no types
    """Bayesian logistic regression of whether an order comes, with one Newton step per call of `learn`.

    `learn_many` on a day's labels is the shop's daily update. It is one step for all of them, so it is not the same as
    `learn_one` row by row. Learned is what `models.churn.posterior` says, in units of 2⁻²⁰: scale covariates that are
    much smaller than 1.

    Parameters
    ----------
    names
        Covariates known beforehand; the constant is the first.
    mean, precision
        Prior mean of their weights, and the upper triangle of its precision row by row. The default knows the constant
        alone.
    l2
        Prior precision (mean 0) of the weight of a covariate that was not known beforehand.
    keep
        What a call of `learn` leaves of all that was learned before. The rest is the prior's again.

    Examples
    --------
    >>> from river import preprocessing
    >>> model = preprocessing.StandardScaler() | Hazard()
    >>> for day in range(40): model.learn_one({"recency": day % 20}, day % 20 < 5)
    >>> model.predict_one({"recency": 2}), model.predict_one({"recency": 18})
    (True, False)
    """

    def __init__(
        self,
        names: tuple[str, ...] = (CONSTANT,),
        mean: tuple[float, ...] = (0.0,),
        precision: tuple[float, ...] = (1.0,),
        l2: float = 1.0,
        keep: float = 1.0,
    ) -> None:
        self.names, self.mean, self.precision, self.l2, self.keep = names, mean, precision, l2, keep
        self.known: tuple[Name, ...] = names
        self.prior = self.posterior = Posterior.prior(mean, precision)
        self.weights = self.posterior.weights()
        self._y_name: str | None = None

    @classmethod
    def shipped(cls, prior: str = SHIPPED, keep: float = KEEP) -> Hazard:
        """The shop's model as it begins: the twelve covariates, and a shipped prior by name."""
        found = shipped(prior)
        return cls(COVARIATES, found.mean, found.precision, keep=keep)

    def learn_one(self, x: Mapping[Name, float], y: bool, w: float = 1.0) -> None:
        """Take one step on one label, which stands for `w`. Raises ValueError if a number is not finite."""
        self._step(x, [(x, y, w)])

    def learn_many(self, X: Any, y: Any, w: Any = 1.0) -> None:  # River's names
        """Take one step on a batch.

        Parameters
        ----------
        X
            A frame (polars, pandas, ...), shape (n, covariates).
        y
            A series of n booleans.
        w
            How many labels each stands for: one number, or a series of n.

        Raises
        ------
        ValueError
            If a number is not finite: nothing is learned then.
        """
        frame, labels = utils.dataframe.into_frame(X), utils.dataframe.into_series(y)
        self._y_name = labels.name
        weights = [w] * len(frame) if isinstance(w, (int, float)) else utils.dataframe.into_series(w)
        found = (dict(zip(frame.columns, row, strict=True)) for row in utils.dataframe.to_numpy(frame).tolist())
        self._step(frame.columns, zip(found, labels, weights, strict=True))

    def _step(self, names: Iterable[Name], labelled: Iterable[tuple[Mapping[Name, float], bool, float]]) -> None:
        known = (*self.known, *sorted({*names} - {*self.known, CONSTANT}, key=str))
        prior, posterior = (_grown(d, len(known), self.l2) for d in (self.prior, self.posterior))
        pulled = posterior.forget(prior, keep=self.keep)
        weights, sums = pulled.weights(), LabelSums.zeros(len(known))
        for x, y, w in labelled:
            sums.add_label(_row(known, x), bool(y), weights, w)
        self.known, self.prior, self.posterior = known, prior, pulled.learn(sums)
        self.weights = self.posterior.weights()

    def predict_proba_one(self, x: Mapping[Name, float]) -> dict[bool, float]:
        """The probabilities that no order comes, and that one does. Raises ValueError if a number is not finite."""
        p = sigmoid(finite(dot(_row(self.known, x), self.weights)))
        return {False: 1.0 - p, True: p}

    def predict_proba_many(self, X: Any) -> Any:
        """The same for each row of a frame: a frame of its kind, with columns False and True."""
        frame = utils.dataframe.into_frame(X)
        p = self._probabilities(frame)
        return utils.dataframe.to_native_frame({False: 1.0 - p, True: p}, like=frame)

    def predict_many(self, X: Any) -> Any:
        """Whether an order is more likely than not, for each row of a frame: a series of its kind."""
        frame = utils.dataframe.into_frame(X)
        return utils.dataframe.to_native_series(self._probabilities(frame) > 0.5, name=self._y_name, like=frame)

    def _probabilities(self, frame: Any) -> NDArray[np.float64]:
        by = dict(zip(frame.columns, utils.dataframe.to_numpy(frame).T, strict=True))
        z = np.full(len(frame), self.weights[0])
        for name, weight in zip(self.known[1:], self.weights[1:], strict=True):
            if name in by:
                z += by[name] * weight
        if not np.isfinite(z).all():
            raise ValueError("not finite numbers among the covariates")
        p: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(z, -30.0, 30.0)))
        return p

    def dump(self) -> State:
        """The state: the number of covariates and their names, the posterior's precision and shift."""
        return [len(self.known), *self.known, *self.posterior.precision, *self.posterior.shift]

    @classmethod
    def load(cls, state: State, **params: Any) -> Hazard:
        """Go on from what `dump` gave, with the parameters of the model that gave it; from nothing where it is empty.

        Raises ValueError if the state is not one of this model: other names come first, or numbers are missing.
        """
        found = cls(**params)
        if not state:
            return found
        size = int(state[0])
        known, numbers = tuple(state[1 : size + 1]), [finite(float(x)) for x in state[size + 1 :]]
        triangle = size * (size + 1) // 2
        if known[: len(found.names)] != found.names or len(numbers) != triangle + size:
            raise ValueError(f"not the state of this model: {size} covariates, {len(numbers)} numbers")
        found.known, found.prior = known, _grown(found.prior, size, found.l2)
        found.posterior = Posterior(numbers[:triangle], numbers[triangle:])
        found.weights = found.posterior.weights()
        return found

    def _unit_test_skips(self) -> set[str]:
        """River's checks that do not apply: one step on a batch is not a step on each of its rows."""
        return {"check_learn_many_matches_learn_one"}


def _row(known: Sequence[Name], x: Mapping[Name, float]) -> list[float]:
    """The covariates in the order they are known; what a row does not have is 0."""
    return [1.0, *(x.get(name, 0.0) for name in known[1:])]


def _grown(distribution: Posterior, size: int, l2: float) -> Posterior:
    """The distribution with further weights, each of mean 0 and of precision `l2`, independent of the others."""
    before = len(distribution.shift)
    if before == size:
        return distribution
    triangle: list[float] = []
    for row in rows(distribution.precision, before):
        triangle += [*row, *[0.0] * (size - before)]
    for i in range(before, size):
        triangle += [l2, *[0.0] * (size - 1 - i)]
    return Posterior(triangle, [*distribution.shift, *[0.0] * (size - before)])
