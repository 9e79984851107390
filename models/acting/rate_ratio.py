"""An exact test, valid at any look, of how the rates of two arms compare: a beta-binomial e-process.

Trials are given to the holdout by chance, with its share s. So of those who *convert* each is a treated one with the
probability q = (1 − s)ρ / ((1 − s)ρ + s), whatever the rates are, if ρ is the treated rate divided by the holdout's;
without an effect q = 1 − s. Two counts say all: x₁ converted trials that are treated, x₀ held out.

The e-value of a ratio is the likelihood of the counts, mixed over all q by a beta prior, divided by that under the
ratio's own q. If the ratio is true, it is a martingale that begins at 1, and by Ville's inequality it ever reaches 1/α
in at most α of all experiments: no normal approximation, from the first conversion on. (Ramdas, Grünwald, Vovk and
Shafer, *Game-theoretic statistics and safe anytime-valid inference*, Statistical Science 38, 2023; the mixture is that
of Robbins, 1970.) The ratios whose e-value is less than 1/α are a confidence sequence.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, lgamma, log, log1p

PRIOR = 30.0
"""Conversions that the prior is worth: Beta(30(1 − s), 30s), which expects no effect."""
ROUNDS = 60
"""Halvings by which an end of the interval is found."""


def log_e_value(treated: float, holdout: float, share: float, log_ratio: float = 0.0) -> float:
    """The natural logarithm of a ratio's e-value.

    Parameters
    ----------
    treated, holdout
        Converted trials of the arms: x₁, x₀.
    share
        Of the holdout, above 0 and below 1.
    log_ratio
        Natural logarithm of the ratio ρ; 0: no effect.

    >>> log_e_value(0, 0, 0.1)
    0.0
    >>> round(exp(log_e_value(1, 0, 0.1)), 3), round(exp(log_e_value(420, 20, 0.1)), 1)
    (1.0, 1288.1)
    """
    odds = log((1 - share) / share) + log_ratio  # of q, as a logarithm
    a, b = PRIOR * (1 - share), PRIOR * share
    mixed = _log_beta(a + treated, b + holdout) - _log_beta(a, b)
    return mixed + treated * _softplus(-odds) + holdout * _softplus(odds)


def interval(treated: int, holdout: int, share: float, alpha: float) -> tuple[float, float]:
    """The ratios whose e-value is less than 1/α: from 0 on where no conversion is treated, up to infinity where none is
    held out.

    >>> low, high = interval(420, 20, 0.1, 0.05)
    >>> round(low, 2), round(high, 2)
    (1.23, 5.16)
    >>> interval(0, 0, 0.1, 0.05)
    (0.0, inf)
    """
    bound = -log(alpha)

    def outside(log_ratio: float) -> bool:
        return log_e_value(treated, holdout, share, log_ratio) >= bound

    seen = log((treated + 0.5) / (holdout + 0.5)) - log((1 - share) / share)
    low = exp(_border(seen, -1.0, outside)) if treated else 0.0
    high = exp(_border(seen, 1.0, outside)) if holdout else inf
    return low, high


def _border(inside: float, step: float, outside: Callable[[float], bool]) -> float:
    """Where one comes out, on the way from a place inside. The e-value has one minimum, so there is one such place."""
    near, far = inside, inside + step
    while not outside(far):
        near, far = far, far + 2 * (far - inside)
    for _ in range(ROUNDS):
        middle = (near + far) / 2
        near, far = (near, middle) if outside(middle) else (middle, far)
    return (near + far) / 2


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _softplus(x: float) -> float:
    """The logarithm of 1 + eˣ."""
    return max(x, 0.0) + log1p(exp(-abs(x)))
