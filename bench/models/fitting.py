"""Closed forms fitted by maximum likelihood, and what a fitted one predicts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from bench.models.closed_forms import ClosedForm, Parameters
from bench.models.purchases import WEEK, Floats, Histories

EDGE = 7.0
"""Logs of parameters stay within ± this."""
NEAR = 0.01
EXACT = {"ftol": 1e-13, "gtol": 1e-8}
"""The search goes on until parameters hold to the digits that are printed in the literature."""
NO_DROPOUT = 0.01
"""A mean probability of dropping out below this is none."""


class Fitted(NamedTuple):
    """A closed form with the parameters that make a shop's histories likeliest, and that log likelihood."""

    model: ClosedForm
    parameters: Parameters
    log_likelihood: float

    @property
    def degenerate(self) -> str:
        """Why the fit is none in the sense of the model; empty if it is one.

        A degenerate fit still predicts, but its parameters say nothing about the shop.
        """
        if self.model.dropout(self.parameters) < NO_DROPOUT:
            return "no dropout"
        pairs = zip(self.model.symbols, self.parameters, strict=True)
        return ", ".join(f"{symbol} at its bound" for symbol, value in pairs if abs(np.log(value)) > EDGE - NEAR)

    def p_order(self, buyers: Histories, days: float) -> Floats:
        """P(at least one purchase in the next so many days) of each buyer; see `bench.models.closed_forms`."""
        later = buyers._replace(T=buyers.T + days / WEEK)
        likelihood = self.model.log_likelihood
        return -np.expm1(np.minimum(likelihood(self.parameters, later) - likelihood(self.parameters, buyers), 0.0))


def fit(model: ClosedForm, buyers: Histories, ridge: float = 0.0) -> Fitted:
    """The parameters of maximum likelihood.

    Parameters
    ----------
    buyers
        All buyers of the shop; equal histories are evaluated once.
    ridge
        Weight of a penalty on the squared logs of the parameters, a buyer: for young shops, whose likelihood is flat.

    Raises
    ------
    ValueError
        There are no buyers, or the search ends where the likelihood is not finite.
    """
    if not len(buyers.x):
        raise ValueError(f"{model.name}: no buyers to fit")
    distinct, counts = np.unique(np.column_stack(buyers), axis=0, return_counts=True)
    histories, share = Histories(*distinct.T), counts / counts.sum()

    def cost(logs: Floats) -> float:
        return float(ridge * logs @ logs - share @ model.log_likelihood(_parameters(logs), histories))

    start, bounds = np.array([0.0, 1.0, 0.0, 1.0]), [(-EDGE, EDGE)] * 4
    found = minimize(cost, start, method="L-BFGS-B", jac="3-point", bounds=bounds, options=EXACT)
    parameters = _parameters(found.x)
    total = float(counts @ model.log_likelihood(parameters, histories))
    if not np.isfinite(total):
        raise ValueError(f"{model.name}: the likelihood is not finite at {parameters}")
    return Fitted(model, parameters, total)


def _parameters(logs: Floats) -> Parameters:
    r, scale, shape, other = np.exp(logs)
    return float(r), float(scale), float(shape), float(other)
