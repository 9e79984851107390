"""Recency alone, as an honest probability: a logistic hazard of one covariate, log(1 + days since the last occasion).

It is fitted on all periods of 14 days that ended before the cut, and rolled out as time passes. It ranks as recency
does.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from bench.models.cut import Cut
from bench.models.purchases import Floats, Purchases

STEP = 14
RIDGE = 0.01
"""Weight of a penalty on the two squared coefficients: without a label one half is said, not nothing."""


def periods(purchases: Purchases, cut: int) -> tuple[Floats, Floats, Floats]:
    """Periods of 14 days that ended before the cut, by days since the last occasion at their beginning.

    Returns
    -------
    Distinct numbers of days, the number of periods of each, and how many of these had an occasion.
    """
    since: list[Floats] = [np.empty(0)]
    ordered: list[Floats] = [np.empty(0)]
    for day in range(cut - STEP, 0, -STEP):
        buyers = purchases.buyers(day)
        since.append((day - 1 - purchases.last(buyers, day)) * 1.0)
        ordered.append((purchases.occasions(buyers, day, day + STEP) > 0) * 1.0)
    days, rank = np.unique(np.concatenate(since), return_inverse=True)
    return days, np.bincount(rank) * 1.0, np.bincount(rank, np.concatenate(ordered), len(days)) * 1.0


def fit(days: Floats, periods: Floats, ordered: Floats) -> Floats:
    """Constant and slope of the log odds over log(1 + days), by Newton's method."""
    x = np.column_stack([np.ones(len(days)), np.log1p(days)])
    weights = np.zeros(2)
    for _ in range(25):
        p = _sigmoid(x @ weights)
        curvature = (x * (periods * p * (1 - p))[:, None]).T @ x + RIDGE * np.eye(2)
        weights = weights + np.linalg.solve(curvature, x.T @ (ordered - periods * p) - RIDGE * weights)
    return weights


def p_order(weights: Floats, since: Floats, days: float) -> Floats:
    """P(an occasion within `days` days), `since` days after the last one. Within a step the hazard is even."""
    hazard = np.zeros(len(since))
    for step in range(ceil(days / STEP)):
        share = min(1.0, days / STEP - step)
        hazard += share * np.logaddexp(0.0, weights[0] + weights[1] * np.log1p(since + step * STEP))
    return -np.expm1(-hazard)


class Recency:
    """Implements `bench.models.cut.Predictor`."""

    def __init__(self, cut: Cut) -> None:
        self._since = dict(zip(cut.names, cut.since, strict=True))
        self._weights = fit(*periods(cut.purchases, cut.day))

    def __call__(self, buyers: Sequence[str], days: int) -> Floats:
        return p_order(self._weights, np.array([self._since[name] for name in buyers]), days)


def ask(cut: Cut) -> dict[str, Recency]:
    """The baseline at a cut."""
    return {"recency alone": Recency(cut)}


def _sigmoid(z: Floats) -> Floats:
    return 1 / (1 + np.exp(-z))
