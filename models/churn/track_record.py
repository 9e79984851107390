"""The track record of predictions: how those that were stored compare with what happened, beside the baseline's.

Integer sums, so that the records of shards add up to the same numbers however labels were split among them.
"""

from __future__ import annotations

from math import log, sqrt

from msgspec import Struct, field

from models.churn.posterior import UNIT
from models.kernel.boundaries import boundary

BINS = 20
"""Cells of the histograms of predictions: AUC and calibration are read off them."""
LEAST, NARROW = 1e-4, 1.96
"""A prediction is scored as at least this, and at most 1 less this; and standard errors of a 95 % interval."""


class TrackRecord(Struct, array_like=True):
    """Sums over matured labels; of losses in units of 2⁻²⁰.

    Attributes
    ----------
    labels, ordered
        How many, and those of them with an order.
    expected
        Sum of the predictions: how many orders the model expected.
    loss, brier
        Of the model: sums of −ln of the probability given to what happened, and of the squared error.
    base
        Log loss of the baseline.
    apart, squares
        Sums of the differences of both log losses, model less baseline, and of their squares.
    missed, met
        Histograms of predictions, of labels without and with an order: `BINS` cells of equal width.
    """

    labels: int = 0
    ordered: int = 0
    expected: int = 0
    loss: int = 0
    brier: int = 0
    base: int = 0
    apart: int = 0
    squares: int = 0
    missed: list[int] = field(default_factory=lambda: [0] * BINS)
    met: list[int] = field(default_factory=lambda: [0] * BINS)

    def score(self, predicted: float, baseline: float, ordered: bool) -> None:
        """Score one stored prediction, and the baseline's, by what happened."""
        mine, theirs = (loss(p, ordered) for p in (predicted, baseline))
        self.labels += 1
        self.ordered += ordered
        self.expected += round(predicted * UNIT)
        self.loss += round(mine * UNIT)
        self.brier += round((predicted - ordered) ** 2 * UNIT)
        self.base += round(theirs * UNIT)
        self.apart += round((mine - theirs) * UNIT)
        self.squares += round((mine - theirs) ** 2 * UNIT)
        histogram = self.met if ordered else self.missed
        histogram[min(int(predicted * BINS), BINS - 1)] += 1

    def plus(self, other: TrackRecord, sign: int = 1) -> TrackRecord:
        """The sum of two records; with `sign` -1 what this one has more than the other."""
        numbers = [getattr(self, name) + sign * getattr(other, name) for name in _NUMBERS]
        histograms = [
            [mine + sign * theirs for mine, theirs in zip(getattr(self, name), getattr(other, name), strict=True)]
            for name in ("missed", "met")
        ]
        return TrackRecord(*numbers, *histograms)

    # What it says.

    @property
    def log_loss(self) -> float:
        """Mean log loss of the model; 0 without labels."""
        return self.loss / UNIT / self.labels if self.labels else 0.0

    @property
    def brier_score(self) -> float:
        """Mean squared error of the model; 0 without labels."""
        return self.brier / UNIT / self.labels if self.labels else 0.0

    @property
    def ahead(self) -> tuple[float, float]:
        """Mean log loss of the model less that of the baseline, and half the width of its 95 % interval (paired;
        infinite with fewer than two labels)."""
        if self.labels < 2:
            return 0.0, float("inf")
        mean = self.apart / UNIT / self.labels
        spread = max(0.0, self.squares / UNIT - self.labels * mean * mean) / (self.labels - 1)
        return mean, NARROW * sqrt(spread / self.labels)

    @property
    def auc(self) -> float:
        """Area under the ROC curve: the probability that a buyer who ordered was given more than one who did not, ties
        within a cell of the histograms counting half; 0.5 where there are none of one kind."""
        below, found = 0, 0.0
        for missed, met in zip(self.missed, self.met, strict=True):
            found += met * (below + missed / 2)
            below += missed
        pairs = self.ordered * (self.labels - self.ordered)
        return found / pairs if pairs else 0.5


_NUMBERS = ("labels", "ordered", "expected", "loss", "brier", "base", "apart", "squares")


Days = tuple[tuple[int, TrackRecord], ...]
"""A track record day by day: the date as a number (20161001), and what was added on it."""


def extended(days: Days, since: int, date: int, new: TrackRecord) -> Days:
    """A track record with a further day, without those up to `since` (ms)."""
    return (*(day for day in days if boundary(day[0]) > since), (date, new))


def summed(days: Days) -> TrackRecord:
    """The sum over all days."""
    found = TrackRecord()
    for _, record in days:
        found = found.plus(record)
    return found


def ahead_by_days(days: Days) -> tuple[float, float]:
    """Mean log loss of the model less that of the baseline, and half the width of its 95 % interval (paired).

    Labels of one day have their weather, or holiday, in common. So the interval is that of days: of a ratio of two sums
    over them (W. G. Cochran, "Sampling Techniques", 1977, section 6.4). It is infinite with fewer than two days that
    have labels.
    """
    sums = [(record.labels, record.apart / UNIT) for _, record in days if record.labels]
    labels = sum(n for n, _ in sums)
    if len(sums) < 2:
        return 0.0, float("inf")
    mean = sum(apart for _, apart in sums) / labels
    spread = sum((apart - mean * n) ** 2 for n, apart in sums) * len(sums) / (len(sums) - 1)
    return mean, NARROW * sqrt(spread) / labels


def loss(predicted: float, ordered: bool) -> float:
    """−ln of the probability that was given to what happened.

    >>> round(loss(0.5, True), 4), loss(0.0, False) < 0.0002, round(loss(0.0, True), 2)
    (0.6931, True, 9.21)
    """
    p = min(max(predicted, LEAST), 1 - LEAST)
    return -log(p if ordered else 1 - p)
