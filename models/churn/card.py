"""The model card: what a churn model is made of, and how all who predict did in this shop, side by side.

Everything is read off the table itself, so that whoever has the table has the card.
"""

from __future__ import annotations

from math import isfinite

from msgspec import Struct

from models.churn import contest, scoring
from models.churn.contest import WINDOW, Losses
from models.churn.covariates import COVARIATES, STEP
from models.churn.level import Level
from models.churn.mbg_nbd import MbgNbd
from models.churn.model import Model
from models.churn.posterior import UNIT
from models.churn.scoring import CONTESTANTS, HORIZONS, Days
from models.churn.track_record import BINS, TrackRecord


class Score(Struct, frozen=True):
    """How stored predictions did, over some matured labels.

    Attributes
    ----------
    labels, base_rate
        How many, and the share of them with an order; `predicted_rate` is what was expected of it.
    log_loss
        Mean −ln of the probability given to what happened.
    auc, brier
        Area under the ROC curve; mean squared error.
    calibration
        By cell of predictions: where it begins, labels, share of them with an order; cells without labels are left out.
    """

    labels: int
    base_rate: float
    predicted_rate: float
    log_loss: float
    auc: float
    brier: float
    calibration: tuple[tuple[float, int, float], ...]


class Contestant(Struct, frozen=True):
    """One who predicts, beside the others.

    Attributes
    ----------
    name
        As in `models.churn.scoring`.
    judges
        Whether its predictions are acted upon.
    recent, all_time
        Its scores over the newest `window_days` days, and over all.
    difference, interval
        Its log loss of the newest days less that of who judges, paired, and half of its interval, about 95 %; None
        where both cannot be compared.
    """

    name: str
    judges: bool
    recent: Score
    all_time: Score
    difference: float | None
    interval: float | None


class HorizonCard(Struct, frozen=True):
    """The contest by one horizon.

    Attributes
    ----------
    days
        Within which an order is predicted.
    judge
        Whose predictions are acted upon.
    provisional
        Whether that one has not beaten recency × frequency in this shop yet.
    contestants
        All who predict.
    """

    days: int
    judge: str
    provisional: bool
    contestants: tuple[Contestant, ...]


class RivalCard(Struct, frozen=True):
    """The classifier of River: what it is, in River's words, in short and at length; since which model, by its version;
    how many labels it has learned since then."""

    title: str
    make: str
    since: int
    labels_learned: int


class Card(Struct, frozen=True):
    """A model, described.

    Attributes
    ----------
    model
        Its name.
    step_days
        Of what it predicts: an order within so many days.
    alerts_from
        Risk from which alerts are raised; None: the overdue rule judges, since too few repeat buyers are known.
    buyers, repeat_orders
        What the shop's level was taken from.
    level
        What the shop's orders are like.
    weights
        The hazard's, by covariate.
    window_days
        Of labels that the contest is decided by.
    horizons
        The contest, by horizon.
    drift
        Dates on which the buyers were found to order more, or less, than the hazard expects: a notice, no more.
    rival
        The classifier of River; None: it has learned nothing yet.
    rival_failed
        Why it could not learn, if so.
    closed_form
        Parameters of MBG/NBD, α in days; None: it was not fitted yet.
    orders_expected, orders_came
        Orders within 90 days of buyers known for so long: those that other shops' numbers expect, and those that came;
        they fade as labels do. `orders_scale` is what is made of it.
    """

    model: str
    step_days: float
    alerts_from: float | None
    buyers: int
    repeat_orders: int
    level: Level
    weights: dict[str, float]
    window_days: int
    horizons: tuple[HorizonCard, ...]
    drift: tuple[int, ...]
    rival: RivalCard | None
    rival_failed: str | None
    closed_form: MbgNbd | None
    orders_expected: float
    orders_came: float
    orders_scale: float


def card(model: Model) -> Card:
    """The card of a model."""
    rival, all_ = model.rival, model.days
    expected, came = model.worth
    return Card(
        model=model.name,
        step_days=STEP,
        alerts_from=model.alert if model.alerts else None,
        buyers=model.counts.buyers,
        repeat_orders=model.counts.repeats,
        level=model.level,
        weights=dict(zip(COVARIATES, model.hazard, strict=True)),
        window_days=WINDOW,
        horizons=tuple(_horizon(model, all_, days) for days in HORIZONS),
        drift=model.drift,
        rival=RivalCard(rival.title, " ".join(rival.make.split()), rival.began, rival.labels) if rival.labels else None,
        rival_failed=rival.failed or None,
        closed_form=model.closed_form,
        orders_expected=expected,
        orders_came=came,
        orders_scale=model.orders_scale,
    )


def _horizon(model: Model, all_: Days, days: int) -> HorizonCard:
    verdict, lost = model.verdict(days), contest.losses(all_, days)
    return HorizonCard(
        days=days,
        judge=verdict.judge,
        provisional=verdict.provisional,
        contestants=tuple(_contestant(model, all_, lost, name, verdict.judge) for name in CONTESTANTS),
    )


def _contestant(model: Model, all_: Days, lost: Losses, name: str, judge: str) -> Contestant:
    days, apart = lost.horizon, lost.difference(name, judge)
    compared = name != judge and apart.labels > 0
    return Contestant(
        name=name,
        judges=name == judge,
        recent=score(scoring.summed(all_, days, name)),
        all_time=score(scoring.record(model.counts.scores, days, name)),
        difference=apart.mean if compared else None,
        interval=apart.half if compared and isfinite(apart.half) else None,
    )


def score(record: TrackRecord) -> Score:
    """What a track record says.

    >>> record = TrackRecord()
    >>> for ordered in (True, False, False, False): record.score(0.22, ordered)
    >>> found = score(record)
    >>> found.labels, found.base_rate, round(found.log_loss, 3), found.calibration
    (4, 0.25, 0.565, ((0.2, 4, 0.25),))
    """
    cells = enumerate(zip(record.missed, record.met, strict=True))
    n = record.labels or 1
    return Score(
        labels=record.labels,
        base_rate=record.ordered / n,
        predicted_rate=record.expected / UNIT / n,
        log_loss=record.log_loss,
        auc=record.auc,
        brier=record.brier_score,
        calibration=tuple((i / BINS, missed + met, met / (missed + met)) for i, (missed, met) in cells if missed + met),
    )
