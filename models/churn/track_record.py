"""The track record of predictions: how those that were stored compare with what happened.

Integer sums, so that the records of shards add up to the same numbers however labels were split among them.
"""

from __future__ import annotations

from math import log

from msgspec import Struct, field

from models.churn.posterior import UNIT

BINS = 20
"""Cells of the histograms of predictions: AUC and calibration are read off them."""
LEAST = 1e-4
"""A prediction is scored as at least this, and at most 1 less this."""


class TrackRecord(Struct, array_like=True):
    """Sums over matured labels; of losses in units of 2⁻²⁰.

    Attributes
    ----------
    labels, ordered
        How many, and those of them with an order.
    expected
        Sum of the predictions: how many labels with an order were expected.
    loss, brier
        Sums of −ln of the probability given to what happened, and of the squared error.
    missed, met
        Histograms of predictions, of labels without and with an order: `BINS` cells of equal width.
    """

    labels: int = 0
    ordered: int = 0
    expected: int = 0
    loss: int = 0
    brier: int = 0
    missed: list[int] = field(default_factory=lambda: [0] * BINS)
    met: list[int] = field(default_factory=lambda: [0] * BINS)

    def score(self, predicted: float, ordered: bool) -> None:
        """Score one stored prediction by what happened."""
        self.labels += 1
        self.ordered += ordered
        self.expected += round(predicted * UNIT)
        self.loss += round(loss(predicted, ordered) * UNIT)
        self.brier += round((predicted - ordered) ** 2 * UNIT)
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
        """Mean log loss; 0 without labels."""
        return self.loss / UNIT / self.labels if self.labels else 0.0

    @property
    def brier_score(self) -> float:
        """Mean squared error; 0 without labels."""
        return self.brier / UNIT / self.labels if self.labels else 0.0

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


_NUMBERS = ("labels", "ordered", "expected", "loss", "brier")


def loss(predicted: float, ordered: bool) -> float:
    """−ln of the probability that was given to what happened.

    >>> round(loss(0.5, True), 4), loss(0.0, False) < 0.0002, round(loss(0.0, True), 2)
    (0.6931, True, 9.21)
    """
    p = min(max(predicted, LEAST), 1 - LEAST)
    return -log(p if ordered else 1 - p)
