"""The rival of the hazard: a classifier of River that learns the same labels, one by one.

The table of a day has its state as plain numbers, so whoever computes the next table goes on from there: the labels of
the day are in one order, whatever the shards (`models.churn.sequence`), and what was learned is the same.

River is imported only where a label is to be learned, or ahead of that in the background (`kairos.wiring`): importing
it takes 1.5 s and 106 MB, most of it for scipy, which a worker has no other use for. To judge, a linear rival is folded
into weights of the covariates as they are, and River is not needed. A shop's own rival may be of any kind: then River's
model itself is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import log
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from models.churn.covariates import COVARIATES
from models.churn.odds import Odds
from models.learners.plain import Opaque, Plain, dump, load
from models.learners.protocol import finite

if TYPE_CHECKING:
    from models.orders.buying import Buying

Maker: TypeAlias = Callable[[], Any]
"""Makes a new classifier of River."""
UNSURE = 1e-6
"""No probability is nearer to 0 or 1 than this."""
LARGEST = 1 << 18
"""Bytes that a state may have as JSON: it is part of each day's table."""
CONSTANT, *NAMES = COVARIATES
"""It learns from the others: River's linear models have a constant of their own."""


class Rival(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, dict=True):
    """What the rival has learned by a boundary. One that is not linear predicts only after `revive`.

    Attributes
    ----------
    make, title
        What it is, in River's words, at length and in short: with another make it begins anew.
    began
        Version of the table with its first labels; 0: it has learned nothing.
    labels
        How many it has learned.
    state
        Plain numbers (`models.learners.plain`).
    weights
        Of the twelve covariates, if it is a linear model of them; else empty.
    failed
        Why it could not learn at the last boundary with labels: it has forgotten everything then, and begins anew.
    """

    make: str = ""
    began: int = 0
    labels: int = 0
    state: Plain = None
    weights: tuple[float, ...] = ()
    title: str = ""
    failed: str = ""

    def learned(self, labels: Sequence[tuple[Sequence[float], bool]], version: int, maker: Maker | None) -> Rival:
        """The rival after further labels, in their order: the twelve covariates each, and whether an order came.

        Parameters
        ----------
        version
            Of the table that is computed.
        maker
            Makes the classifier; None: there is no rival.
        """
        if maker is None:
            return Rival()
        if not labels:
            return self
        try:
            return self._learned(labels, version, maker())
        except (
            Exception
        ) as error:  # of a shop's own code, whatever it may be: the shop's other tables must not wait for it
            return Rival(failed=f"{type(error).__name__}: {error}")

    def _learned(self, labels: Sequence[tuple[Sequence[float], bool]], version: int, model: Any) -> Rival:
        before = self if self.make == repr(model) else Rival(repr(model), version, title=str(model))
        if before.labels:
            load(before.state, model)
        for x, ordered in labels:
            model.learn_one(named(x), ordered)
        state, count = dump(model), before.labels + len(labels)
        if (size := len(msgspec.json.encode(state))) > LARGEST:
            raise Opaque(f"the state has grown to {size:,} bytes, and {LARGEST:,} are the most")
        return replace(before, labels=count, state=state, weights=linear(model))

    def revive(self, maker: Maker | None) -> None:
        """Make ready to predict, where that needs River's model. If the make is another one it stays unable to."""
        if maker is not None and self.labels and not self.weights and self.make == repr(model := maker()):
            vars(self)["model"] = load(self.state, model)

    @property
    def ready(self) -> bool:
        """Whether it can predict."""
        return bool(self.weights) or "model" in vars(self)

    @property
    def odds(self) -> Odds:
        """What the log odds of an order within a step come from."""
        return self.weights or self._log_odds

    def _log_odds(self, x: Sequence[float], buying: Buying, now: float) -> float:
        try:
            p = finite(vars(self)["model"].predict_proba_one(named(x)).get(True, 0.5))
        except Exception:  # of a shop's own code: it knows nothing then, and its record shows it
            p = 0.5
        p = min(max(p, UNSURE), 1.0 - UNSURE)
        return log(p / (1.0 - p))


def standard() -> Any:
    """The rival where the shop has none of its own: a standardised logistic regression by AdaGrad (J. Duchi, E. Hazan,
    Y. Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", JMLR 12, 2011)."""
    from river import linear_model, optim, preprocessing

    return preprocessing.StandardScaler() | linear_model.LogisticRegression(optim.AdaGrad(0.05), intercept_lr=0.001)


def named(x: Iterable[float]) -> dict[str, float]:
    """The twelve covariates as River wants them: by name, without the constant."""
    return {name: value for name, value in zip(COVARIATES, x, strict=True) if name != CONSTANT}


def linear(model: Any) -> tuple[float, ...]:
    """The weights of the covariates as they are, of a standardised logistic regression; of any other model empty.

    With means μ and deviations s, Σ w·(x − μ)/s + b = Σ (w/s)·x + (b − Σ (w/s)·μ). River makes 0 of what never varied.

    >>> model = standard()
    >>> for i in range(9): model.learn_one(named((1.0, *[i % 3] * 11)), i % 3 == 0)
    >>> len(linear(model))
    12
    """
    from river import compose, linear_model, preprocessing

    steps = [*model.steps.values()] if isinstance(model, compose.Pipeline) else []
    if [type(step) for step in steps] != [preprocessing.StandardScaler, linear_model.LogisticRegression]:
        return ()
    scaler, regression = steps
    if not scaler.with_std or scaler.window_size is not None:
        return ()
    constant, found = regression.intercept, []
    for name in NAMES:
        deviation = scaler.vars[name] ** 0.5
        weight = regression.weights.get(name, 0.0) / deviation if deviation else 0.0
        constant -= weight * scaler.means[name]
        found.append(weight)
    return (constant, *found)
