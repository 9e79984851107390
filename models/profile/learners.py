"""The registry of learners: one entry each, with what it is fed and where its state is kept.

The contract of all of them is in `models.learners.protocol`; a test runs it over this list, and `kairos learners` shows
it with sizes and times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log, log1p
from typing import Any, NamedTuple

from models.churn.covariates import AMOUNT_PRIOR, COVARIATES
from models.churn.hazard import Hazard
from models.churn.posterior import KEEP
from models.churn.prior import shipped
from models.habits import weekend_shopper
from models.habits.families import CHANNELS, DEVICES, HOURS, WEEKDAYS
from models.habits.habits import MOST_CHANNELS, MOST_DEVICES
from models.kernel.settings import UNITS, SharedSettings
from models.learners.beta import BetaCounts, BetaShare
from models.learners.exponentially_weighted import EWStatistics
from models.learners.faded import FadedStatistics
from models.learners.gaussian import GaussianScorer
from models.learners.shrunk_mean import ShrunkMean
from models.orders import buying, discount_share
from models.orders.history import RING
from models.orders.order_values import GRACE

Step = tuple[Any, ...]
"""The arguments of one call of `learn_one`."""


class Listed(NamedTuple):
    """One learner.

    Attributes
    ----------
    name
        What it is called.
    learns
        Of whom it learns what.
    river
        River's classes that give the same answers, by their dotted names.
    kept
        Where its state is stored, in words; "": nowhere, it is worked out from what is stored already.
    load
        The learner that goes on from a dumped state; `[]`: from nothing, as it stands in a profile.
    steps
        A typical sequence of observations.
    """

    name: str
    learns: str
    river: tuple[str, ...]
    kept: str
    load: Callable[[Any], Any]
    steps: Sequence[Step]

    def typical(self) -> Any:
        """The learner after its typical sequence."""
        learner = self.load([])
        for step in self.steps:
            learner.learn_one(*step)
        return learner


def _each(*values: Any) -> list[Step]:
    return [(value,) for value in values]


FADING = SharedSettings().fading
OLDER = f"in the profile, from order {RING + 1} on (of the newest {RING} it is worked out anew)"
VISITS = "in the profile, from the first visit on"
EW, BETA = ("river.stats.EWMean", "river.stats.EWVar"), ("river.proba.Beta",)
FADED, MEAN, SCORER = ("river.stats.Mean", "river.stats.Var"), ("river.stats.Mean",), ("river.anomaly.GaussianScorer",)

GAPS = (31.25, 24.5, 40.0, 28.125, 35.75, 21.0, 30.5, 44.25)
"""Days between occasions."""
AMOUNTS = (4_250, 3_900, 5_600, 2_995, 4_700, 8_150, 3_500, 4_999)
"""Of orders, in minor units."""
LABELS = [
    (dict.fromkeys(COVARIATES, 0.0) | {"log_recency": log1p(days), "log_repeats": log1p(repeats)}, days < 40)
    for days, repeats in zip(GAPS, range(8), strict=True)
]


def _hazard(state: Any) -> Hazard:
    prior = shipped()
    return Hazard.load(state, names=COVARIATES, mean=prior.mean, precision=prior.precision, keep=KEEP)


LEARNERS = (
    Listed(
        "gap", "a buyer's days between purchase occasions: mean, variance", EW, OLDER,
        lambda state: EWStatistics.load(state, FADING), _each(*GAPS),
    ),
    Listed(
        "log_gap", "the same as logarithms, for people: mean, variance", EW, OLDER,
        lambda state: EWStatistics.load(state, FADING), _each(*map(log, GAPS)),
    ),
    Listed(
        "log_gap_faded", "log(1 + the same), for the churn model: mean, variance", FADED, OLDER,
        lambda state: FadedStatistics.load(state, buying.FADING), _each(*map(log1p, GAPS)),
    ),
    Listed(
        "log_order", "logarithms of a buyer's order amounts: mean, variance", EW, OLDER,
        lambda state: EWStatistics.load(state, FADING), _each(*map(log, AMOUNTS)),
    ),
    Listed(
        "order_size", "the same: how unusual the newest one is", SCORER, OLDER,
        lambda state: GaussianScorer.load(state, GRACE), _each(*map(log, AMOUNTS)),
    ),
    Listed(
        "log_basket", "log(1 + what a buyer spends at an occasion): mean, the shop's as prior", MEAN, OLDER,
        lambda state: ShrunkMean.load(state, AMOUNT_PRIOR), _each(*(log1p(amount / UNITS) for amount in AMOUNTS)),
    ),
    Listed(
        "hours", "hours of a shopper's visits: shares, the shop's as prior", BETA, VISITS,
        lambda state: BetaCounts.load(state, HOURS.strength, len(HOURS.kinds)), _each(20, 21, 20, 12, 20, 9, 21, 20),
    ),
    Listed(
        "weekdays", "weekdays of the days on which a shopper comes: shares, the shop's as prior", BETA, VISITS,
        lambda state: BetaCounts.load(state, WEEKDAYS.strength, len(WEEKDAYS.kinds)), _each(5, 2, 5, 6, 5, 0, 5, 2),
    ),
    Listed(
        "devices", "devices of a shopper's visits: shares, the shop's as prior", BETA, VISITS,
        lambda state: BetaCounts.load(state, DEVICES.strength, MOST_DEVICES), _each(0, 0, 1, 0, 0, 1, 0, 0),
    ),
    Listed(
        "channels", "channels of a shopper's visits: shares, the shop's as prior", BETA, VISITS,
        lambda state: BetaCounts.load(state, CHANNELS.strength, MOST_CHANNELS), _each(2, 3, 2, 2, 4, 3, 2, 2),
    ),
    Listed(
        "weekend", "whether a buyer's orders are made on a weekend: share, two days of seven as prior", BETA,
        "in the profile, from the first order on",
        lambda state: BetaShare.load(state, weekend_shopper.STRENGTH), _each(0, 1, 0, 0, 1, 1, 0, 1),
    ),
    Listed(
        "discounts", "whether a buyer's orders are made with a discount: share, the shop's as prior", BETA, "",
        lambda state: BetaShare.load(state, discount_share.STRENGTH), _each(0, 1, 0, 0, 1, 0, 0, 1),
    ),
    Listed(
        "hazard", "whether a buyer orders within 14 days, of all buyers of the shop: probability",
        ("river.base.MiniBatchClassifier",), "in the table of the churn model, one for all", _hazard, LABELS,
    ),
)  # fmt: skip
"""All learners."""
