"""What the hazard of one step says of any horizon: the no-purchase path.

As long as nothing is bought, a buyer's covariates of later moments are known in advance, and with them the hazard of
each step to come. Their −log(1 − p), summed, is the cumulative hazard H: the buyer orders within d days with
probability 1 − e^(−H(d)). Within a step H is a straight line. Discrete-time survival analysis: J. D. Singer and J. B.
Willett, "It's About Time", Journal of Educational Statistics 18, 1993.

A path is H at now, one step later, two steps later, ... With `_many` a path is an array, shape (steps + 1, n): a column
a buyer. A product of matrices would round differently for different numbers of rows, and with the libraries of another
machine; a buyer's risk must not depend on who else is in the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, exp, expm1, log, log1p
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.churn.covariates import STEP, aged, aged_many, columns, standing
from models.churn.level import Level
from models.churn.odds import Odds, log_odds

if TYPE_CHECKING:
    from models.orders.buying import Buying

LEAST, MOST = -log1p(-1e-7), -log(1e-7)
"""Bounds of one step's hazard −log(1 − p): nothing is ever certain."""


def path(buying: Buying, now: float, days: float, level: Level, odds: Odds) -> list[float]:
    """The cumulative hazard from `now` on, at each step until `days` have passed.

    Parameters
    ----------
    buying
        The occasions of a buyer, one or more.
    now
        Days since 1970.
    days
        The horizon.
    level
        The shop's, as of the real day.
    odds
        Of who predicts.
    """
    return rolled(ages(buying, now, days, level), buying, odds)


def ages(buying: Buying, now: float, days: float, level: Level) -> list[tuple[float, tuple[float, ...]]]:
    """The moments of a path at which its steps begin (days), each with the covariates then: for all who predict.
    Parameters as of `path`."""
    stays = standing(buying, level)
    moments = (now + k * STEP for k in range(ceil(days / STEP)))
    return [(moment, aged(buying, stays, moment)) for moment in moments]


def rolled(ages: Sequence[tuple[float, tuple[float, ...]]], buying: Buying, odds: Odds) -> list[float]:
    """The path of one who predicts, by its `ages`."""
    total, found = 0.0, [0.0]
    for moment, x in ages:
        z = log_odds(x, buying, moment, odds)
        # -log(1 - sigmoid(z)) = log(1 + e^z), which is z where e^z is large.
        hazard = log1p(exp(z)) if z < 30.0 else z
        total += LEAST if hazard < LEAST else MOST if hazard > MOST else hazard
        found.append(total)
    return found


def at(path: Sequence[float], days: float) -> float:
    """The cumulative hazard after `days`. Raises ValueError if the path ends before.

    >>> at([0.0, 1.0, 3.0], 14), at([0.0, 1.0, 3.0], 21), at([0.0, 1.0, 3.0], 28)
    (1.0, 2.0, 3.0)
    """
    k, part = _place(len(path), days)
    return path[k] + part * (path[k + 1] - path[k]) if part else path[k]


def p_order(path: Sequence[float], days: float) -> float:
    """P(order within `days`)."""
    return -expm1(-at(path, days))


def next_order(path: Sequence[float], days: float, share: float = 0.5) -> float:
    """When the next order is expected, in days from now: when a share of P(order within `days`) has come about.

    A half: that is the median of those who order within `days`.

    >>> round(next_order([0.0, 0.1, 0.2], 28), 2)
    13.3
    """
    reached = -log1p(-share * p_order(path, days))
    k = next(k for k in range(len(path) - 1) if path[k + 1] >= reached)
    return min((k + (reached - path[k]) / (path[k + 1] - path[k])) * STEP, days)


def risk(buying: Buying, now: float, days: float, level: Level, odds: Odds) -> float:
    """P(no order within `days`). Parameters as of `path`."""
    return exp(-at(path(buying, now, days, level, odds), days))


def risks_along(path: Sequence[float], horizon: float, steps: int) -> list[float]:
    """P(no order within `horizon` days) at the path's beginning and one step, two steps, ... later: `steps` moments.

    Raises ValueError if the path ends within the last one's horizon.
    """
    k, part = _place(len(path) - steps + 1, horizon)
    found = []
    for i in range(steps):
        ends = path[i + k] + part * (path[i + k + 1] - path[i + k]) if part else path[i + k]
        found.append(exp(path[i] - ends))
    return found


def risks_ahead(buying: Buying, now: float, horizon: float, steps: int, level: Level, odds: Odds) -> list[float]:
    """P(no order within `horizon` days) at now, now + 14 days, ... (`steps` moments), as long as nothing is bought.

    Of one path: the risk at a later moment needs only its later steps. Other parameters as of `path`.
    """
    whole = path(buying, now, horizon + (steps - 1) * STEP, level, odds)
    return risks_along(whole, horizon, steps)


def path_many(
    buyers: Sequence[Buying], now: float | NDArray[np.float64], days: float, level: Level, weights: Sequence[float]
) -> NDArray[np.float64]:
    """The paths of many buyers, a column each; `now` is one moment for all, or one for each."""
    rows = columns(buyers, level)
    found = np.zeros((ceil(days / STEP) + 1, len(buyers)))
    for k in range(len(found) - 1):
        x, z = aged_many(rows, now + k * STEP).T, np.zeros(len(buyers))
        for weight, values in zip(weights, x, strict=True):  # not by a matrix product: see above
            z += weight * values
        found[k + 1] = found[k] + np.clip(np.logaddexp(0.0, z), LEAST, MOST)
    return found


def p_order_many(path: NDArray[np.float64], days: float) -> NDArray[np.float64]:
    """P(order within `days`) of each column. Raises ValueError if the path ends before."""
    k, part = _place(len(path), days)
    reached = path[k] + part * (path[k + 1] - path[k]) if part else path[k]
    ordered: NDArray[np.float64] = -np.expm1(-reached)
    return ordered


def next_order_many(path: NDArray[np.float64], days: float) -> NDArray[np.float64]:
    """When each column's next order is expected, in days from now."""
    half = -np.log1p(-0.5 * p_order_many(path, days))
    k, each = (path[1:] < half).sum(axis=0), np.arange(path.shape[1])
    begin, end = path[k, each], path[k + 1, each]
    found: NDArray[np.float64] = np.minimum((k + (half - begin) / (end - begin)) * STEP, days)
    return found


def _place(rows: int, days: float) -> tuple[int, float]:
    """Steps that are over after `days`, and how much of the next one is."""
    k, rest = divmod(days, STEP)
    if not 0 <= k < rows or (rest and k == rows - 1):
        raise ValueError(f"the path has {max(rows - 1, 0)} steps of {STEP:g} days, too few for {days:g} days")
    return int(k), rest / STEP
