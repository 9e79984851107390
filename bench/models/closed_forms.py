"""The closed forms of the literature: who buys how often and drops out when, by four numbers a shop. Time is in weeks.

All three let a buyer purchase at a rate of one's own, gamma distributed over buyers (shape r, rate α), while active.

- BG/NBD: after each *repeat* purchase a buyer drops out with a probability of one's own, beta distributed (a, b). Who
  has not bought again is active for sure. Fader, Hardie and Lee (2005), "Counting your customers" the easy way: an
  alternative to the Pareto/NBD model, *Marketing Science* 24(2), 275-284.
- MBG/NBD: the same, and also after the first purchase. Batislam, Denizel and Filiztekin (2007), Empirical validation
  and comparison of models for customer base analysis, *International Journal of Research in Marketing* 24(3), 201-209.
- Pareto/NBD: a buyer drops out at a rate of one's own, gamma distributed (shape s, rate β), whenever that is.
  Schmittlein, Morrison and Colombo (1987), Counting your customers: who are they and what will they do next?,
  *Management Science* 33(1), 1-24; as written by Fader and Hardie (2005), A note on deriving the Pareto/NBD model.

One identity answers for all of them whether a buyer purchases within the next h weeks, exactly: who does not leaves the
same history behind at T + h, so that P(X = 0 in (T, T + h]) = L(x, tx, T + h) / L(x, tx, T).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import betaln, gammaln  # River brings scipy

from bench.models.purchases import Floats, Histories

YEAR = 52.0
VANISHED = 40.0
"""e to the minus this is nothing beside 1."""
_nodes, _shares = np.polynomial.legendre.leggauss(32)
NODES, SHARES = (_nodes + 1) / 2, _shares / 2
"""Of Gauss-Legendre quadrature over 0 to 1."""

Parameters = tuple[float, float, float, float]


class ClosedForm(NamedTuple):
    """A model: its name, what its four parameters are called, the log likelihood of each history, and the mean
    probability that an active buyer drops out: after a purchase, or where dropout needs none, within a year."""

    name: str
    symbols: tuple[str, str, str, str]
    log_likelihood: Callable[[Parameters, Histories], Floats]
    dropout: Callable[[Parameters], float]


def bg_nbd(parameters: Parameters, buyers: Histories) -> Floats:
    """Log likelihood of each buyer by BG/NBD, equation 6 of Fader, Hardie and Lee."""
    r, alpha, a, b = parameters
    x, tx, T = buyers
    active = -(r + x) * np.log(alpha + T)
    again = np.maximum(x, 1)
    dropped = np.where(x > 0, np.log(a) - np.log(b + again - 1) - (r + x) * np.log(alpha + tx), -np.inf)
    bought = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    return bought + betaln(a, b + x) - betaln(a, b) + np.logaddexp(active, dropped)


def mbg_nbd(parameters: Parameters, buyers: Histories) -> Floats:
    """Log likelihood of each buyer by MBG/NBD."""
    r, alpha, a, b = parameters
    x, tx, T = buyers
    active = betaln(a, b + x + 1) - (r + x) * np.log(alpha + T)
    dropped = betaln(a + 1, b + x) - (r + x) * np.log(alpha + tx)
    return gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b) + np.logaddexp(active, dropped)


def pareto_nbd(parameters: Parameters, buyers: Histories) -> Floats:
    """Log likelihood of each buyer by Pareto/NBD, with equation 17 of the note of 2005: active to the end, or not."""
    r, alpha, s, beta = parameters
    x, _, T = buyers
    active = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
    dropped = np.log(s) + _dropout(parameters, buyers)
    return gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.logaddexp(active, dropped)


def _dropout(parameters: Parameters, buyers: Histories) -> Floats:
    """log A₀, A₀ = ∫ (α + u)^-(r + x) (β + u)^-(s + 1) du over the moments of dropout, tx ≤ u ≤ T.

    By quadrature over v = log((m + u) / (m + tx)), m the smaller of α and β, along which both factors are smooth; as
    far as the first one has not vanished. The published form, a difference of Gauss's hypergeometric functions,
    overflows after some hundred purchases.
    """
    r, alpha, s, beta = parameters
    x, tx, T = buyers
    powers = (r + x, s + 1 + 0 * x)
    near, far = powers if alpha < beta else powers[::-1]
    m, most = min(alpha, beta) + tx, max(alpha, beta) + tx
    end = np.minimum(np.log1p((T - tx) / m), VANISHED / np.maximum(near - 1, 1e-9))
    v = end[:, None] * NODES
    heights = (1 - near)[:, None] * v - far[:, None] * np.log1p((m / most)[:, None] * np.expm1(v))
    with np.errstate(divide="ignore"):  # log 0 where no time is left to drop out in
        area = np.log(end * (np.exp(heights) @ SHARES))
    return (1 - near) * np.log(m) - far * np.log(most) + area


def _after_purchase(parameters: Parameters) -> float:
    _, _, a, b = parameters
    return a / (a + b)


def _within_year(parameters: Parameters) -> float:
    _, _, s, beta = parameters
    return float(1 - (beta / (beta + YEAR)) ** s)


BG_NBD = ClosedForm("BG/NBD", ("r", "α", "a", "b"), bg_nbd, _after_purchase)
MBG_NBD = ClosedForm("MBG/NBD", ("r", "α", "a", "b"), mbg_nbd, _after_purchase)
PARETO_NBD = ClosedForm("Pareto/NBD", ("r", "α", "s", "β"), pareto_nbd, _within_year)
CLOSED_FORMS = (BG_NBD, MBG_NBD, PARETO_NBD)
