"""An asymptotic confidence sequence of a difference between two rates: an interval that may be looked at any time.

Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, *Time-uniform central limit theory and asymptotic confidence
sequences* (Annals of Statistics 52, 2024), equation 9. An interval of one fixed sample size, looked at again and again,
is wrong in far more than α of all experiments; this one is wrong at any look in about α of them, once the counts are
large enough for a normal approximation.
"""

from __future__ import annotations

from math import log, sqrt

TIGHTEST = 20_000
"""t*: the number of trials at which the interval is the tightest it can be. Half of all experiments with a lift of 30 %
over a rate of 5 % and a tenth held out are decided near it; between 10,000 and 40,000 hardly anything changes."""


def half_width(trials: int, error: float, alpha: float, tightest: int = TIGHTEST) -> float:
    """Half the width of the interval around an estimate.

    Parameters
    ----------
    trials
        So far, in both arms: n.
    error
        Standard error of the estimate at this n.
    alpha
        In what share of experiments the interval may be wrong at any look.
    tightest
        t*, in trials.

    Returns
    -------
    Of equation 9, with σ = error · √n and ρ² = (−2 ln α + ln(1 − 2 ln α)) / t*.

    >>> round(half_width(20_000, 0.005, 0.05), 4), round(1.96 * 0.005, 4)
    (0.0152, 0.0098)
    """
    rho2 = (-2 * log(alpha) + log(1 - 2 * log(alpha))) / tightest
    spread = trials * rho2 + 1
    return error * sqrt(2 * spread / (trials * rho2) * log(sqrt(spread) / alpha))


def difference(
    treated: tuple[int, int], holdout: tuple[int, int], alpha: float, tightest: int = TIGHTEST
) -> tuple[float, float]:
    """The interval of the difference between the rates of two arms.

    Parameters
    ----------
    treated, holdout
        Begun and converted trials; at least one of each arm was begun.

    Returns
    -------
    Its ends, from −1 to 1.

    >>> low, high = difference((18_000, 1_170), (2_000, 100), 0.05)
    >>> round(low, 4), round(high, 4)
    (-0.0008, 0.0308)
    """
    (n1, x1), (n0, x0) = treated, holdout
    p1, p0 = x1 / n1, x0 / n0
    error = sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    half = half_width(n1 + n0, error, alpha, tightest)
    return max(-1.0, p1 - p0 - half), min(1.0, p1 - p0 + half)
