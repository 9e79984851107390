"""How many more trials an experiment needs."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, log, log10

from models.acting.rate_ratio import PRIOR, log_e_value

SMALLEST = 0.2
"""The smallest lift of interest: while what was seen is less, that many trials are told that would show this one."""
SHOWN, SHOWN_HOLDOUT = 25, 5
"""Converted trials before anything is told of a lift: in all, and of the holdout."""
MOST = 1e12
"""Conversions beyond which nothing is planned."""


def planned(treated: int, holdout: int, share: float) -> float:
    """The lift that is planned for: what was seen, drawn towards none by as much as `rate_ratio.PRIOR` conversions
    without an effect, since what few conversions show is mostly chance; at least `SMALLEST` either way.

    >>> round(planned(1170, 100, 0.1), 3), planned(10, 1, 0.1), planned(800, 100, 0.1)
    (0.291, 0.2, -0.2)
    """
    found = (PRIOR * (1 - share) + treated) / (PRIOR * share + holdout) * share / (1 - share) - 1
    return max(found, SMALLEST) if found >= 0 else min(found, -SMALLEST)


def more_trials(treated: int, holdout: int, trials: int, share: float, alpha: float) -> int | None:
    """About how many more trials decide the experiment, if the planned lift is the true one.

    Each further conversion is then a treated one with the probability q = (1 − s)ρ / ((1 − s)ρ + s), of the holdout's
    share s and the planned ratio ρ = 1 + lift. If k further ones come in just these shares, the e-value of "no effect"
    reaches 1/α at some k; that many take k / (conversions a trial so far) trials. By then about two thirds of
    experiments with such a lift are decided.

    Parameters
    ----------
    treated, holdout
        Converted trials of the arms.
    trials
        Begun, in both arms.

    Returns
    -------
    Rounded up to two digits; 0 if the experiment is decided; None if nothing converted yet.

    >>> more_trials(1170, 100, 20_000, 0.1, 0.05), more_trials(11_700, 1000, 200_000, 0.1, 0.05)
    (11000, 0)
    """
    if not treated + holdout:
        return None
    ratio = 1 + planned(treated, holdout, share)
    q = ratio * (1 - share) / (ratio * (1 - share) + share)

    def undecided(further: float) -> bool:
        return log_e_value(treated + q * further, holdout + (1 - q) * further, share) < -log(alpha)

    further = _first(undecided)
    return None if further is None else _rounded(further * trials / (treated + holdout))


def _first(undecided: Callable[[float], bool]) -> float | None:
    """The number of further conversions that decide, to a part in a thousand; None if they are too many to tell."""
    if not undecided(0.0):
        return 0.0
    low, high = 0.0, 1.0
    while undecided(high):
        low, high = high, 2 * high
        if high > MOST:
            return None
    while high - low > high / 1000:
        middle = (low + high) / 2
        low, high = (middle, high) if undecided(middle) else (low, middle)
    return high


def trials_to_show(treated: int, holdout: int, trials: int) -> int | None:
    """About how many more trials there must be before anything is told, at the rates seen so far.

    Parameters
    ----------
    treated, holdout
        Converted trials of the arms.
    trials
        Begun, in both arms.

    Returns
    -------
    Rounded up to two digits; 0 if enough was seen; None if the rate is not known, since nothing converted yet.

    >>> trials_to_show(20, 2, 1000), trials_to_show(20, 0, 1000), trials_to_show(90, 5, 1000)
    (1500, None, 0)
    """
    conversions, needed = treated + holdout, 0.0
    if conversions < SHOWN:
        if not conversions:
            return None
        needed = (SHOWN - conversions) * trials / conversions
    if holdout < SHOWN_HOLDOUT:
        if not holdout:
            return None
        needed = max(needed, (SHOWN_HOLDOUT - holdout) * trials / holdout)
    return _rounded(needed)


def _rounded(number: float) -> int:
    """A number rounded up to two digits.

    >>> _rounded(0.0), _rounded(7.2), _rounded(9531.0)
    (0, 8, 9600)
    """
    if number <= 0:
        return 0
    step = int(10.0 ** max(0, int(log10(number)) - 1))
    return ceil(number / step) * step
