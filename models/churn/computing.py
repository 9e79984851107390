"""How a day's churn model is computed: from what all shards counted, and from the model before.

What was believed then fades a little towards what other shops taught (`Posterior.forget`), and the labels that matured
since are added. Those who predict beside the hazard learn the same labels, and who judges is decided.
"""

from __future__ import annotations

from msgspec.structs import replace

from models.churn import contest, reservoir, rival, scoring, sequence
from models.churn.contest import WINDOW, Verdict
from models.churn.counts import Counts
from models.churn.covariates import STEP, unpack
from models.churn.drift import drift
from models.churn.least_value import extended as extended_came
from models.churn.least_value import least_value
from models.churn.mbg_nbd import MbgNbd, fitted
from models.churn.model import Model, first
from models.churn.posterior import KEEP, UNIT
from models.churn.prior import shipped
from models.churn.rival import Maker
from models.churn.scoring import HAZARD, HORIZONS, RIVER
from models.churn.shares import tiers, top
from models.kernel.boundaries import boundary, version
from models.kernel.settings import DAY

WATCHED = 3
"""Times the share that is alerted about."""


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
    n = counts.labels.labels
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
        rival_thinning=thinning(counts.buyers, max(1, sequence.MOST * DAY // every)),
        worth=_worth(counts, before, days),
        tiers=tiers(counts.values),
        came=came,
        least_value=least_value(came, at, most),
    )
    return _contested(model, before, list(sequence.labels(counts.sequence, at - every, at)), at, every, maker)


def _worth(counts: Counts, before: Model, days: int) -> tuple[float, float]:
    """Expected orders and those that came, faded by so many days, and what was added since."""
    kept = 1.0
    for _ in range(days):
        kept *= KEEP
    _, *new = (mine - theirs for mine, theirs in zip(counts.worth, before.counts.worth, strict=True))
    expected, came = (old * kept + more for old, more in zip(before.worth, (new[0] / UNIT, new[1]), strict=True))
    return expected, came


def _contested(
    model: Model, before: Model, labels: list[sequence.Label], at: int, every: int, maker: Maker | None
) -> Model:
    """The model with all who predict beside the hazard, who have learned the labels since the last boundary, and with
    who judges by the labels of `WINDOW` days."""
    learned = before.rival.learned([(unpack(one.covariates), one.ordered) for one in labels], model.version, maker)
    known, records, verdicts, noticed = before.days, before.records, before.verdicts, before.drift
    days = known
    if learned.began != before.rival.began:  # another one begins, or it failed: nothing is known of how it does
        days = scoring.without(days, RIVER)
        verdicts = {horizon: Verdict(HAZARD) if one.judge == RIVER else one for horizon, one in verdicts.items()}
    added = scoring.plus(model.counts.scores, before.counts.scores, -1)
    days = scoring.extended(days, at - WINDOW * DAY, model.version, added)
    if days != known:
        records, verdicts = scoring.encode(days), contest.decided(days, verdicts)
        noticed = tuple(drift((date, scoring.record(scores, HORIZONS[0], HAZARD)) for date, scores in days))
    sample, form = reservoir.renewed(before.reservoir, labels, at, every), before.closed_form
    if labels:
        form = fitted(reservoir.histories(sample), form or MbgNbd())
    return replace(
        model,
        rival=learned,
        records=records,
        drift=noticed,
        verdicts=verdicts,
        reservoir=sample,
        closed_form=form,
    )


def thinning(buyers: int, labels: int) -> int:
    """How often the number of labels a day is to be halved.

    >>> thinning(14_000, 1_000), thinning(14_001, 1_000), thinning(100_000_000, 50_000)
    (0, 1, 8)
    """
    return max(0, (-(-buyers // (labels * int(STEP))) - 1).bit_length())
