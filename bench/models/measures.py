"""How good probabilities are: AUC, log loss, Brier score and expected calibration error, with intervals.

Every measure takes weights. A bootstrap resample of shoppers is nothing else than a whole number for each of them: how
often they were drawn. Without weights each counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from bench.models.purchases import Flags, Floats

EDGE = 1e-6
"""A probability is at least this and at most 1 less this in the log loss."""
BINS = 10
PERCENTILES = (2.5, 97.5)

Weights = Floats | None
Measure = Callable[[Flags, Floats, Weights], float]


class Interval(NamedTuple):
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float


class Bin(NamedTuple):
    """Shoppers of like probability: their number, mean probability, and share of those who ordered."""

    size: float
    predicted: float
    observed: float


def auc(y: Flags, p: Floats, weights: Weights = None) -> float:
    """The chance that who ordered was given more than who did not, ties counting half (NaN if one kind is missing).

    >>> auc(np.array([True, False, True]), np.array([0.9, 0.5, 0.5]))
    0.75
    """
    w = _weights(y, weights)
    _, rank = np.unique(p, return_inverse=True)
    ordered, stayed = np.bincount(rank, w * y), np.bincount(rank, w * ~y)
    pairs = ordered.sum() * stayed.sum()
    return float(ordered @ (np.cumsum(stayed) - stayed / 2) / pairs) if pairs else float("nan")


def log_loss(y: Flags, p: Floats, weights: Weights = None) -> float:
    """The mean of -ln(probability of what happened).

    >>> round(log_loss(np.array([True, False]), np.array([0.5, 0.5])), 4)
    0.6931
    """
    kept = np.clip(p, EDGE, 1 - EDGE)
    return float(np.average(-np.where(y, np.log(kept), np.log1p(-kept)), weights=weights))


def brier(y: Flags, p: Floats, weights: Weights = None) -> float:
    """The mean squared difference of probability and outcome.

    >>> brier(np.array([True, False]), np.array([0.5, 0.5]))
    0.25
    """
    return float(np.average((p - y) ** 2, weights=weights))


def ece(y: Flags, p: Floats, weights: Weights = None) -> float:
    """The mean distance of probability and share over ten bins of equally many shoppers.

    Naeini, Cooper and Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning, *AAAI* 29;
    there with bins of equal width. Chance adds to it, and a resample has more chance than the shoppers themselves.
    """
    found = list(bins(y, p, weights))
    return sum(b.size * abs(b.observed - b.predicted) for b in found) / sum(b.size for b in found)


def bins(y: Flags, p: Floats, weights: Weights = None, count: int = BINS) -> Iterator[Bin]:
    """Shoppers by their probability in so many bins of nearly equal weight, the lowest first; empty ones are left out.

    >>> p = np.array([0.1, 0.9, 0.3, 0.7])
    >>> [tuple(map(float, b)) for b in bins(p > 0.5, p, None, 2)]
    [(2.0, 0.2, 0.0), (2.0, 0.8, 1.0)]
    """
    order = np.argsort(p, kind="stable")
    w = _weights(y, weights)[order]
    middle = (np.cumsum(w) - w / 2) / w.sum()
    number = np.minimum((middle * count).astype(np.int64), count - 1)
    sizes, predicted, observed = (np.bincount(number, w * v, count) for v in (np.ones(len(w)), p[order], y[order]))
    for size, of_p, of_y in zip(sizes, predicted, observed, strict=True):
        if size:
            yield Bin(float(size), float(of_p / size), float(of_y / size))


MEASURES: Mapping[str, Measure] = {"auc": auc, "log_loss": log_loss, "brier": brier, "ece": ece}


def resamples(shoppers: int, count: int, seed: int = 0) -> Floats:
    """How often each shopper is drawn in each of so many resamples, with replacement: (count, shoppers)."""
    draw = np.random.default_rng(seed)
    return np.stack([np.bincount(draw.integers(0, shoppers, shoppers), minlength=shoppers) * 1.0 for _ in range(count)])


def spread(measure: Measure, y: Flags, p: Floats, drawn: Floats) -> Floats:
    """A measure of each resample. Predictions that are measured on the same resamples can be compared in pairs."""
    return np.array([measure(y, p, weights) for weights in drawn])


def interval(value: float, of_resamples: Floats) -> Interval:
    """A figure with the percentile interval of its resamples (Efron and Tibshirani 1993, *An Introduction to the
    Bootstrap*, chapter 13)."""
    low, high = np.nanpercentile(of_resamples, PERCENTILES)
    return Interval(value, float(low), float(high))


def _weights(y: Flags, weights: Weights) -> Floats:
    return np.ones(len(y)) if weights is None else weights
