"""The contest: who judges by each horizon, whose predictions are then acted upon.

All who predict are scored on the same labels (`models.churn.scoring`). Who judges is decided each day, by the labels of
`WINDOW` days.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, sqrt
from typing import NamedTuple, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from models.churn.posterior import UNIT
from models.churn.scoring import BASELINE, CONTESTANTS, HAZARD, HORIZONS, PRIOR, Days
from models.kernel.boundaries import boundary
from models.kernel.settings import DAY

PROVEN = 200
"""Matured labels without which nothing was tried in this shop."""
PERIODS = 3
"""As many times the horizon must days with labels be, for chance to be told from season. Of the hazard's first days
labels are of predictions by which nothing had been learned yet."""
REACH = 2
"""Days are weighed together up to so many horizons apart."""
WINDOW = 90
"""Days of labels by which the contest is decided."""


class Difference(NamedTuple):
    """The log loss of a contestant less that of another one.

    Attributes
    ----------
    mean
        Of the labels.
    half
        Half of its interval, about 95 %; infinite with fewer than two days.
    days, labels
        On which, and by how many, both were compared.
    """

    mean: float
    half: float
    days: int
    labels: int

    def tried(self, horizon: int) -> bool:
        """Whether there were days and labels enough."""
        return self.days >= PERIODS * horizon and self.labels >= PROVEN

    def better(self, horizon: int) -> bool:
        """Whether the first one is better by more than chance."""
        return self.tried(horizon) and self.mean + self.half < 0


class Losses(NamedTuple):
    """What all contestants lost by one horizon on each of n days with labels.

    Attributes
    ----------
    horizon
        Days.
    at
        When (days since 1970).
    labels, losses
        Labels that each predicted, and the sums of their log loss: shape (n, contestants).
    """

    horizon: int
    at: NDArray[np.float64]
    labels: NDArray[np.float64]
    losses: NDArray[np.float64]

    def difference(self, name: str, other: str) -> Difference:
        """Compare two contestants on the days on which both predicted all labels that matured.

        Labels of one day have their weather, or holiday, in common, and so have those of days that are near each other.
        So the interval is that of days: of a ratio of two sums over them (W. G. Cochran, "Sampling Techniques", 1977,
        section 6.4), their residuals weighed as of predictions whose horizons overlap (F. X. Diebold and R. S. Mariano,
        "Comparing Predictive Accuracy", Journal of Business & Economic Statistics 13, 1995; weights of W. K. Newey and
        K. D. West, Econometrica 55, 1987).
        """
        mine, theirs, first = (CONTESTANTS.index(one) for one in (name, other, HAZARD))
        labels = self.labels[:, first]
        both = (labels > 0) & (self.labels[:, mine] == labels) & (self.labels[:, theirs] == labels)
        at, n, apart = self.at[both], labels[both], (self.losses[:, mine] - self.losses[:, theirs])[both]
        days, total = len(n), n.sum()
        mean = float(apart.sum() / total) if days else 0.0
        if days < 2:
            return Difference(mean, inf, days, int(total))
        residuals = apart - mean * n
        near = np.clip(1.0 - np.abs(at[:, None] - at) / (REACH * self.horizon), 0.0, None)
        spread = max(0.0, float(residuals @ near @ residuals)) * days / (days - 1)
        return Difference(mean, critical(REACH * self.horizon / days) * sqrt(spread) / float(total), days, int(total))


def losses(days: Days, horizon: int) -> Losses:
    """What all contestants lost by a horizon, day by day."""
    known = [(date, scores[horizon]) for date, scores in days if horizon in scores]
    numbers = [[(one.labels, one.loss / UNIT) for one in records] for _, records in known]
    table = np.array(numbers, dtype=np.float64).reshape(len(known), len(CONTESTANTS), 2)
    at = np.array([boundary(date) / DAY for date, _ in known])
    return Losses(horizon, at, table[:, :, 0], table[:, :, 1])


def critical(share: float) -> float:
    """Standard errors of the interval, where days that are weighed together reach over a share of all days.

    Of 98 %: N. M. Kiefer and T. J. Vogelsang, "A New Asymptotic Theory for Heteroskedasticity-Autocorrelation Robust
    Tests", Econometric Theory 21, 2005, table 1. Where labels of neighbouring days overlap as far as they can, 94 in a
    hundred intervals of 90 days have the truth within, and 90 in a hundred of 42 days.

    >>> round(critical(0.0), 3), round(critical(28 / 42), 3), round(critical(1.0), 3)
    (2.326, 5.071, 6.119)
    """
    b = min(share, 1.0)
    return 2.3263 + 4.1618 * b + 0.5368 * b**2 - 0.9060 * b**3


class Verdict(Struct, frozen=True, array_like=True):
    """Who judges by a horizon, and whether that one has not beaten the baseline in this shop yet."""

    judge: str = PRIOR
    provisional: bool = True


Verdicts: TypeAlias = dict[int, Verdict]
"""By horizon (days)."""


def verdict(verdicts: Mapping[int, Verdict], days: float) -> Verdict:
    """The verdict on a horizon of any length: that of the longest one that is not longer.

    >>> verdict({14: Verdict("hazard"), 30: Verdict("river")}, 29.0).judge
    'hazard'
    """
    return verdicts.get(max((h for h in HORIZONS if h <= days), default=HORIZONS[0]), Verdict())


def decided(days: Days, before: Mapping[int, Verdict]) -> Verdicts:
    """The verdicts after the newest day.

    The prior judges until the hazard has been tried. Then the hazard does, unless another one is better by more than
    chance, and as long as that one remains better. So is the baseline beaten. A horizon of which fewer than
    `PERIODS` periods have matured has the verdict of the next shorter one.
    """
    shorter, found = Verdict(), dict[int, Verdict]()
    for horizon in HORIZONS:
        lost, was = losses(days, horizon), before.get(horizon, shorter)
        if lost.difference(HAZARD, PRIOR).tried(horizon):
            judge = _judge(lost, was.judge)
            ahead = lost.difference(judge, BASELINE)
            beaten = ahead.better(horizon) or (was == Verdict(judge, provisional=False) and ahead.mean < 0)
            shorter = Verdict(judge, not beaten)
        found[horizon] = shorter
    return found


def _judge(lost: Losses, incumbent: str) -> str:
    """Who is to judge by a horizon where the hazard has been tried."""
    horizon = lost.horizon
    apart = {name: lost.difference(name, HAZARD) for name in CONTESTANTS if name != HAZARD}
    better = [
        name
        for name, found in apart.items()
        if found.better(horizon) or (name == incumbent != PRIOR and found.mean < 0)
    ]
    return min(better, key=lambda name: apart[name].mean, default=HAZARD)
