"""The churn model of a day: an immutable table, named ``model/<date>`` in every message that was judged by it.

Computed from what all shards counted, and from the model before: what was believed then fades a little towards what
other shops taught (`Posterior.forget`), and the labels that matured since are added. The shop's level, the risk from
which alerts are raised, and the track record are as of the same boundary. So is the rival (`models.churn.rival`), which
learns the same labels beside it and judges in its place once it has proven better here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from models.churn import rival, sequence
from models.churn.baseline import share
from models.churn.counts import Counts
from models.churn.covariates import STEP, unpack
from models.churn.least_value import Came, least_value
from models.churn.least_value import extended as extended_came
from models.churn.level import Level
from models.churn.posterior import UNIT, Posterior, Weights
from models.churn.prior import shipped
from models.churn.rival import Maker, Rival
from models.churn.shares import NONE, tiers, top
from models.churn.track_record import Days, TrackRecord, ahead_by_days, extended, summed
from models.kernel.boundaries import boundary, version
from models.kernel.settings import DAY

NAME = "model"
PROVEN = 200
"""Matured labels without which a model has not been tried in this shop."""
TRIED = 28
"""Days with matured predictions without which a rival has not been tried: twice the time until a label is mature."""
WATCHED = 3
"""Times the share that is alerted about."""
WINDOW = 90
"""Days of the track record by which a model is judged."""
Judge = Literal["hazard", "rival"]
"""Who judges buyers by a model."""


class Model(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One day's model.

    Attributes
    ----------
    version
        0 for what other shops taught alone, else the date as a number: 20161001.
    prior
        Name of what other shops taught (`models.churn.prior`).
    hazard
        The hazard's weights of the covariates, in their order (`models.churn.covariates.COVARIATES`).
    posterior
        What is believed of the weights, and how firmly.
    level
        What the shop's orders are like.
    usual
        Mean covariates of the shop's labels: what reasons compare with. None: no labels yet.
    alert
        Risk from which alerts are raised: above 1 where too few repeat buyers are known.
    watch
        Risk from which a repeat buyer is among the three times as many next to those.
    thinning
        Of 2^thinning buyers one is a label, so that there are not too many.
    counts
        All that the shards had counted at the boundary, but for the sequence of labels.
    days
        The track record, day by day as it was added: date, and what that day added; the newest `WINDOW`.
    rival
        The rival, and `rival_days` its track record beside the hazard's.
    judge
        Whose risks are acted upon: the hazard's, or the rival's.
    rival_thinning
        Of 2^rival_thinning buyers one is a label that the rival learns.
    tiers
        What the top tenth of buyers is expected to spend within a year at least, and the top four tenths (minor units).
        None: too few buyers are known.
    came
        With a limit of alerts a day: those that came due in the last days (`models.churn.least_value`).
    least_value
        With such a limit: the value at stake from which alerts are raised (minor units).
    """

    version: int
    prior: str
    hazard: tuple[float, ...]
    posterior: Posterior
    level: Level = Level()
    usual: tuple[float, ...] | None = None
    alert: float = NONE
    watch: float = NONE
    thinning: int = 0
    counts: Counts = field(default_factory=Counts)
    days: Days = ()
    rival: Rival = Rival()
    rival_days: Days = ()
    judge: Judge = "hazard"
    rival_thinning: int = 0
    tiers: tuple[float, float] | None = None
    came: Came = ()
    least_value: int = 0

    @property
    def judging(self) -> int:
        """Always 0: rules that judge by the model look at snapshots, and not whenever it changes, which is daily."""
        return 0

    @property
    def name(self) -> str:
        """How outputs name it, with the rival's name where that judges."""
        return f"{NAME}/{self.version}" + (f"/{rival.NAME}" if self.judge == "rival" else "")

    @property
    def weights(self) -> Weights:
        """The weights of who judges."""
        return self.rival.odds if self.judge == "rival" else self.hazard

    @property
    def explaining(self) -> Sequence[float]:
        """The weights that reasons are given by: of who judges, but the hazard's where that is not linear."""
        return (self.judge == "rival" and self.rival.weights) or self.hazard

    def revived(self, maker: Maker | None) -> Model:
        """The model, its rival ready to predict; judging by the hazard where it cannot be."""
        self.rival.revive(maker)
        return self if self.judge == "hazard" or self.rival.ready else replace(self, judge="hazard")

    @property
    def alerts(self) -> bool:
        """Whether alerts are raised by it."""
        return self.alert <= 1

    @property
    def recent(self) -> TrackRecord:
        """The hazard's track record of the last `WINDOW` days."""
        return summed(self.days)

    @property
    def rival_recent(self) -> TrackRecord:
        """The rival's track record of the last `WINDOW` days; what it compares with is the hazard."""
        return summed(self.rival_days)

    @property
    def rival_ahead(self) -> tuple[float, float]:
        """Mean log loss of the rival less that of the baseline, and half of its 95 % interval (paired).

        It is the sum of what the rival is ahead of the hazard, and the hazard of the baseline: standard deviations of a
        sum are at most the sum of those, so the interval is at most that wide.
        """
        mean, half = ahead_by_days(self.days)
        more, wider = ahead_by_days(self.rival_days)
        return mean + more, half + wider

    @property
    def provisional(self) -> bool:
        """Whether who judges has not beaten the baseline in this shop yet: too few labels, or the 95 % interval of the
        paired difference of their log losses is not below 0."""
        mean, half = self.rival_ahead if self.judge == "rival" else ahead_by_days(self.days)
        return self.recent.labels < PROVEN or mean + half >= 0

    def baseline(self, cell: int) -> float:
        """What recency × frequency predicts for a cell (`models.churn.baseline`)."""
        return share(self.counts.cells, cell)

    def encode(self) -> bytes:
        """As JSON: what the store holds."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, stored: bytes) -> Model:
        """Read a model. Raises `msgspec.DecodeError`."""
        return msgspec.json.decode(stored, type=cls)


@cache
def first(prior: str) -> Model:
    """The one before any other: what other shops taught."""
    taught = shipped(prior)
    return Model(0, prior, taught.mean, taught.posterior)


def computed(
    counts: Counts,
    at: int,
    before: Model,
    *,
    share: float,
    labels: int,
    every: int = DAY,
    maker: Maker | None = rival.standard,
    most: int = 0,
) -> Model:
    """The model of a boundary.

    Parameters
    ----------
    counts
        The sum of what all shards had counted.
    at
        The boundary (ms).
    before
        The newest earlier model.
    share
        Of repeat buyers, how many are to be alerted about: those with the highest risk.
    labels
        How many may mature a day.
    every
        Time between two boundaries (ms).
    maker
        Makes the rival; None: there is none.
    most
        Alerts a day; 0: no limit.
    """
    if before.counts == Counts():
        # Whether there is a model of a boundary at which nothing was counted yet depends on which shard came first.
        before = first(before.prior)
    days = (at - boundary(before.version)) // DAY if before.version else 1
    posterior = before.posterior.forget(shipped(before.prior).posterior, days)
    posterior = posterior.learn(counts.labels.minus(before.counts.labels))
    n = counts.record.labels
    since = boundary(before.version) if before.version else at - every
    came = extended_came(before.came, since, at, before.counts.stakes, counts.stakes) if most else ()
    model = Model(
        version=version(at),
        prior=before.prior,
        hazard=tuple(posterior.weights()),
        posterior=posterior,
        level=counts.level(at),
        usual=tuple(value / UNIT / n for value in counts.covariates) if n else None,
        alert=top(counts.hazards, share),
        watch=top(counts.hazards, min(WATCHED * share, 1.0)),
        thinning=thinning(counts.buyers, labels),
        counts=replace(counts, sequence=bytearray()),
        days=extended(before.days, at - WINDOW * DAY, version(at), counts.record.plus(before.counts.record, -1)),
        rival_thinning=thinning(counts.buyers, max(1, sequence.MOST * DAY // every)),
        tiers=tiers(counts.values),
        came=came,
        least_value=least_value(came, at, most),
    )
    return _challenged(model, before, at, list(sequence.labels(counts.sequence, at - every, at)), maker)


def _challenged(model: Model, before: Model, at: int, labels: list[sequence.Label], maker: Maker | None) -> Model:
    """The model with its rival, who has learned the labels of a day, and with who of them judges.

    That is who judged before, until the other one's log loss is lower by more than chance: by the 95 % interval of the
    paired difference, by days, over the labels of `WINDOW` days: `PROVEN` or more of `TRIED` days or more.
    """
    learned = before.rival.learned([(unpack(x), ordered) for _, x, ordered in labels], model.version, maker)
    if learned.began != before.rival.began:  # another one begins, or it failed: nothing is known of how it does
        return replace(model, rival=learned)
    new = model.counts.rival.plus(before.counts.rival, -1)
    days = extended(before.rival_days, at - WINDOW * DAY, model.version, new)
    return replace(model, rival=learned, rival_days=days, judge=_better(before.judge, days))


def _better(judge: Judge, rival: Days) -> Judge:
    """Who is to judge, by the rival's track record beside the hazard's."""
    mean, half = ahead_by_days(rival)
    tried = sum(1 for _, record in rival if record.labels)
    if tried < TRIED or summed(rival).labels < PROVEN or abs(mean) <= half:
        return judge
    return "rival" if mean < 0 else "hazard"


def thinning(buyers: int, labels: int) -> int:
    """How often the number of labels a day is to be halved.

    >>> thinning(14_000, 1_000), thinning(14_001, 1_000), thinning(100_000_000, 50_000)
    (0, 1, 8)
    """
    return max(0, (-(-buyers // (labels * int(STEP))) - 1).bit_length())
