"""MBG/NBD, the closed form of the literature that a churn model has to beat: who buys how often and drops out when, by
four numbers a shop.

While active a buyer purchases at a rate of one's own, gamma distributed over buyers (shape r, rate α), and drops out
after each purchase, the first one too, with a probability of one's own, beta distributed (a, b). E. P. Batislam, M.
Denizel and A. Filiztekin, "Empirical validation and comparison of models for customer base analysis", International
Journal of Research in Marketing 24(3), 2007. Of who bought again x times, tx days after the first purchase at last, and
is known for T days:

    P(active)               = 1 / (1 + a/(b + x) · ((α + T)/(α + tx))^(r + x))
    P(order within h days)  = P(active) · (1 − ((α + T)/(α + T + h))^(r + x))
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, log1p
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from models.churn.covariates import STEP

if TYPE_CHECKING:
    from models.orders.buying import Buying

USUAL = 0.6, 50.0, 0.6, 1.5
"""r, α (days), a and b of a shop of which nothing is known: of the size that CDNOW's are."""
WORTH = 0.25
"""Precision of the logs about `USUAL`: within e^±4 anything is likely. So the few buyers of a young shop, or a shop in
which nobody drops out, whose likelihoods are flat, do not send a parameter to infinity."""
ROUNDS, NEAR = 60, 1e-7
"""Steps of the search at most, and the change of the cost (a buyer) at which it ends."""
MOST = 1_000
"""More repeats count as so many."""
DIGITS = 8
"""Parameters are kept to so many decimals: the last bits of a machine's library do not show."""

Floats = NDArray[np.float64]


class Histories(NamedTuple):
    """What a shop's buyers did, n numbers each: repeats; days from the first purchase to the newest, and to now."""

    x: Floats
    tx: Floats
    T: Floats


class MbgNbd(Struct, frozen=True, array_like=True):
    """The closed form with the parameters of a shop; α in days."""

    r: float = USUAL[0]
    alpha: float = USUAL[1]
    a: float = USUAL[2]
    b: float = USUAL[3]

    def active(self, x: int, tx: float, T: float) -> float:
        """P(not dropped out by T)."""
        x = min(x, MOST)
        odds = log(self.a / (self.b + x)) + (self.r + x) * log1p((T - tx) / (self.alpha + tx))
        return 1.0 / (1.0 + exp(min(odds, 700.0)))

    def p_order(self, x: int, tx: float, T: float, days: float) -> float:
        """P(order within so many days after T).

        >>> form = MbgNbd(0.5, 50.0, 0.8, 1.2)
        >>> [round(form.p_order(x, tx, 100.0, 30.0), 3) for x, tx in ((0, 0.0), (3, 90.0), (3, 20.0))]
        [0.04, 0.38, 0.126]
        """
        none = -(self.r + min(x, MOST)) * log1p(days / (self.alpha + T))
        return self.active(x, tx, T) * (1.0 - exp(none))

    def log_odds(self, x: Sequence[float], buying: Buying, now: float) -> float:
        """Log odds of an order within a step after `now` (days), if none came until then; the covariates `x` are not
        looked at."""
        known = max(now - buying.first, 0.0)
        p = self.p_order(buying.repeats, min(buying.last - buying.first, known), known, STEP)
        p = min(max(p, 1e-12), 1.0 - 1e-12)
        return log(p / (1.0 - p))


def fitted(buyers: Histories, start: MbgNbd) -> MbgNbd:
    """The likeliest parameters, `WORTH` beside them: by the outer product of gradients (E. Berndt, B. Hall, R. Hall and
    J. Hausman, "Estimation and Inference in Nonlinear Structural Models", Annals of Economic and Social Measurement
    3(4), 1974), each step halved until the cost falls.

    Parameters
    ----------
    buyers
        One or more.
    start
        Where the search begins.
    """
    distinct, counts = np.unique(np.column_stack(buyers), axis=0, return_counts=True)
    histories, weights = Histories(*distinct.T), counts.astype(np.float64)
    logs, usual = np.log([start.r, start.alpha, start.a, start.b]), np.log(USUAL)
    cost, gradients = _cost(logs, usual, histories, weights)
    for _ in range(ROUNDS):
        slope = gradients @ weights - WORTH * (logs - usual)
        curvature = (gradients * weights) @ gradients.T + WORTH * np.eye(len(logs))
        step, before = np.linalg.solve(curvature, slope), cost
        step /= max(1.0, np.abs(step).max())
        for halving in range(20):
            found, turned = _cost(logs + step / 2**halving, usual, histories, weights)
            if found < cost:
                logs, cost, gradients = logs + step / 2**halving, found, turned
                break
        if before - cost <= NEAR * weights.sum():
            break
    return MbgNbd(*(round(float(value), DIGITS) for value in np.exp(logs)))


def _cost(logs: Floats, usual: Floats, buyers: Histories, weights: Floats) -> tuple[float, Floats]:
    """The cost to be made least, and the gradients of the log likelihood of each buyer, shape (4, n)."""
    likelihood, gradients = log_likelihood(np.exp(logs), buyers)
    apart = logs - usual
    return float(0.5 * WORTH * apart @ apart - weights @ likelihood), gradients


def log_likelihood(parameters: Floats, buyers: Histories) -> tuple[Floats, Floats]:
    """The log likelihood of each buyer, and its gradients by the logs of r, α, a and b, shape (4, n)."""
    r, alpha, a, b = parameters
    repeats = np.minimum(buyers.x, MOST).astype(np.int64)
    x, tx, T = repeats.astype(np.float64), buyers.tx, buyers.T
    i = np.arange(repeats.max() + 1.0)
    bought, by_r = (np.append(0.0, np.cumsum(terms))[repeats] for terms in (np.log(r + i), 1.0 / (r + i)))
    stayed, by_b, by_a = (
        np.cumsum(terms)[repeats]
        for terms in (np.log((b + i) / (a + b + i)), 1.0 / (b + i) - 1.0 / (a + b + i), -1.0 / (a + b + i))
    )
    active = -(r + x) * np.log(alpha + T)
    dropped = np.log(a / (b + x)) - (r + x) * np.log(alpha + tx)
    either = np.logaddexp(active, dropped)
    alive = np.exp(active - either)
    gone = 1.0 - alive
    gradients = np.stack((
        r * (by_r + np.log(alpha) - alive * np.log(alpha + T) - gone * np.log(alpha + tx)),
        r - alpha * (r + x) * (alive / (alpha + T) + gone / (alpha + tx)),
        a * (by_a + gone / a),
        b * (by_b - gone / (b + x)),
    ))  # fmt: skip
    return bought + r * np.log(alpha) + stayed + either, gradients
