"""The model card: what a churn model is made of, and how its predictions did in this shop, beside its baseline.

Everything is read off the table itself, so that whoever has the table has the card.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite, sqrt

from msgspec import Struct
from msgspec.structs import replace
from river.drift import ADWIN

from models.churn.covariates import COVARIATES, STEP
from models.churn.level import Level
from models.churn.model import WINDOW, Judge, Model
from models.churn.posterior import UNIT
from models.churn.track_record import BINS, TrackRecord, ahead_by_days

SURE = 0.002
"""Probability of a false notice, as far as ADWIN promises: River's default."""
GRACE = 10
"""Days before which ADWIN notices nothing."""


class Score(Struct, frozen=True):
    """How stored predictions did, over some matured labels.

    Attributes
    ----------
    labels, base_rate
        How many, and the share of them with an order; `predicted_rate` is what was expected of it.
    log_loss, baseline_log_loss
        Mean −ln of the probability given to what happened, by the model and by recency × frequency.
    difference, interval
        Model less baseline, and half of its 95 % interval, paired; None with fewer than two labels.
    auc, brier
        Area under the ROC curve; mean squared error.
    calibration
        By cell of predictions: where it begins, labels, share of them with an order; cells without labels are left out.
    """

    labels: int
    base_rate: float
    log_loss: float
    baseline_log_loss: float
    difference: float
    interval: float | None
    auc: float
    brier: float
    predicted_rate: float
    calibration: tuple[tuple[float, int, float], ...]


class RivalCard(Struct, frozen=True):
    """The rival of the hazard, described.

    Attributes
    ----------
    title, make
        What it is, in River's words, in short and at length.
    since, labels_learned
        Version of the first model with it; how many labels it has learned since.
    recent
        Its track record of the newest days, as the card's; what it compares with, `baseline_log_loss`, is the hazard's,
        and the interval is that of days.
    to_baseline, to_baseline_interval
        Its log loss less that of recency × frequency, over the same predictions, and half of the 95 % interval, which
        is no wider; None with fewer than two days of labels.
    """

    title: str
    make: str
    since: int
    labels_learned: int
    recent: Score
    to_baseline: float
    to_baseline_interval: float | None


class Card(Struct, frozen=True):
    """A model, described.

    Attributes
    ----------
    model
        Its name.
    step_days
        Of what it predicts: an order within so many days.
    provisional
        Whether it has not beaten its baseline here yet.
    alerts_from
        Risk from which alerts are raised; None: the overdue rule judges, since too few repeat buyers are known.
    buyers, repeat_orders
        What the shop's level was taken from.
    level
        What the shop's orders are like.
    weights
        By covariate, of who judges; the hazard's where that is not linear.
    recent, all_time
        The track record of the hazard in the newest `window_days` days, and in all.
    drift
        Dates on which the buyers were found to order more, or less, than the model expects: a notice, no more.
    judge, rival
        Whose risks are acted upon, and the rival; None: it has learned nothing yet.
    rival_failed
        Why the rival could not learn, if so.
    """

    model: str
    step_days: float
    provisional: bool
    alerts_from: float | None
    buyers: int
    repeat_orders: int
    level: Level
    weights: dict[str, float]
    window_days: int
    recent: Score
    all_time: Score
    drift: tuple[int, ...]
    judge: Judge
    rival: RivalCard | None
    rival_failed: str | None


def card(model: Model) -> Card:
    """The card of a model."""
    return Card(
        model=model.name,
        step_days=STEP,
        provisional=model.provisional,
        alerts_from=model.alert if model.alerts else None,
        buyers=model.counts.buyers,
        repeat_orders=model.counts.repeats,
        level=model.level,
        weights=dict(zip(COVARIATES, model.explaining, strict=True)),
        window_days=WINDOW,
        recent=replace(score(model.recent), interval=_finite(ahead_by_days(model.days)[1])),
        all_time=score(model.counts.record),
        drift=tuple(drift(model.days)),
        judge=model.judge,
        rival=_rival(model) if model.rival.labels else None,
        rival_failed=model.rival.failed or None,
    )


def _rival(model: Model) -> RivalCard:
    rival, record = model.rival, model.rival_recent
    mean, half = model.rival_ahead
    return RivalCard(
        title=rival.title,
        make=" ".join(rival.make.split()),
        since=rival.began,
        labels_learned=rival.labels,
        recent=replace(score(record), interval=_finite(ahead_by_days(model.rival_days)[1])),
        to_baseline=mean,
        to_baseline_interval=_finite(half),
    )


def _finite(half: float) -> float | None:
    return half if isfinite(half) else None


def drift(days: Sequence[tuple[int, TrackRecord]]) -> Iterator[int]:
    """Dates at which what happened, less what was expected, changed.

    By ADWIN (A. Bifet, R. Gavaldà, "Learning from Time-Changing Data with Adaptive Windowing", SDM 2007), over days,
    each in standard deviations of its number of orders as expected. A day's mean would not do: ADWIN's bound takes it
    for one observation between 0 and 1, and of 90 of these nothing that happens to a shop is beyond chance. It looks
    at all days anew each time, since River keeps its state where it cannot be read.
    """
    window = ADWIN(delta=SURE, clock=1, grace_period=GRACE, min_window_length=GRACE // 2)
    for date, record in days:
        if record.labels:
            expected = record.expected / UNIT
            variance = expected * (1.0 - expected / record.labels)
            window.update((record.ordered - expected) / sqrt(max(variance, 1.0)))
            if window.drift_detected:
                yield date


def score(record: TrackRecord) -> Score:
    """What a track record says.

    >>> record = TrackRecord()
    >>> for ordered in (True, False, False, False): record.score(0.22, 0.5, ordered)
    >>> found = score(record)
    >>> found.labels, found.base_rate, round(found.log_loss, 3), found.calibration
    (4, 0.25, 0.565, ((0.2, 4, 0.25),))
    """
    mean, half = record.ahead
    cells = enumerate(zip(record.missed, record.met, strict=True))
    n = record.labels or 1
    return Score(
        labels=record.labels,
        base_rate=record.ordered / n,
        log_loss=record.log_loss,
        baseline_log_loss=record.base / UNIT / n,
        difference=mean,
        interval=half if record.labels > 1 else None,
        auc=record.auc,
        brier=record.brier_score,
        predicted_rate=record.expected / UNIT / n,
        calibration=tuple((i / BINS, missed + met, met / (missed + met)) for i, (missed, met) in cells if missed + met),
    )
