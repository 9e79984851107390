"""The churn model of a day: an immutable table, named ``model/<date>`` in every message that was judged by it.

`models.churn.computing` computes it. The shop's level, the risk from which alerts are raised, and the track records are
as of the same boundary as the hazard. So are those who predict beside it (`models.churn.contest`), one of whom judges
in its place where that is better here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from models.churn import contest, scoring
from models.churn.baseline import RecencyFrequency
from models.churn.contest import Verdict, Verdicts
from models.churn.counts import Counts
from models.churn.least_value import Came
from models.churn.level import Level
from models.churn.mbg_nbd import MbgNbd
from models.churn.odds import Odds
from models.churn.posterior import Posterior
from models.churn.prior import shipped
from models.churn.rival import Maker, Rival
from models.churn.scoring import BASELINE, HAZARD, MBG_NBD, PRIOR, RIVER, Days
from models.churn.shares import NONE

NAME = "model"
DOUBT = 20.0
"""Orders that the shipped expected numbers of orders are worth beside the shop's own."""


class Model(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, dict=True):
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
    records
        The track records, day by day as they were added, packed (`models.churn.scoring.encode`): the newest `WINDOW`.
    verdicts
        Who judges, by horizon.
    rival
        The classifier of River.
    rival_thinning
        Of 2^rival_thinning buyers one is a label that the rival learns, and the reservoir takes.
    reservoir
        What some buyers did (`models.churn.reservoir`), and `closed_form` what was fitted to it; None: nothing yet.
    worth
        Orders within 90 days that were expected, and that came, fading as labels do (`models.churn.worth`).
    tiers
        What the top tenth of buyers is expected to spend within a year at least, and the top four tenths (minor units).
        None: too few buyers are known.
    came
        With a limit of alerts a day: those that came due in the last days (`models.churn.least_value`).
    least_value
        With such a limit: the value at stake from which alerts are raised (minor units).
    drift
        Dates on which the buyers were found to order more, or less, than expected (`models.churn.drift`).
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
    records: bytes = b""
    verdicts: Verdicts = {}
    rival: Rival = Rival()
    rival_thinning: int = 0
    reservoir: bytes = b""
    closed_form: MbgNbd | None = None
    worth: tuple[float, float] = (0.0, 0.0)
    tiers: tuple[float, float] | None = None
    came: Came = ()
    least_value: int = 0
    drift: tuple[int, ...] = ()

    @property
    def judging(self) -> int:
        """Always 0: rules that judge by the model look at snapshots, and not whenever it changes, which is daily."""
        return 0

    @property
    def days(self) -> Days:
        """The track records: date, and what that day added."""
        return scoring.decode(self.records)

    def verdict(self, days: float) -> Verdict:
        """Who judges by a horizon."""
        return contest.verdict(self.verdicts, days)

    @property
    def name(self) -> str:
        """How outputs name the table."""
        return f"{NAME}/{self.version}"

    def judged_by(self, days: float) -> str:
        """How outputs name who judges by a horizon: the table, and who that is unless it is the hazard."""
        judge = self.verdict(days).judge
        return self.name if judge == HAZARD else f"{self.name}/{judge}"

    def odds(self, days: float) -> Odds:
        """What who judges by a horizon predicts."""
        return self.contestants[self.verdict(days).judge]

    @property
    def contestants(self) -> Mapping[str, Odds]:
        """All who predict, without those who know nothing yet."""
        found: dict[str, Odds] | None = vars(self).get("contestants")
        if found is None:
            found = {HAZARD: self.hazard, PRIOR: shipped(self.prior).mean}
            if self.rival.ready:
                found[RIVER] = self.rival.odds
            if self.closed_form is not None:
                found[MBG_NBD] = self.closed_form.log_odds
            found[BASELINE] = RecencyFrequency(self.counts.cells).log_odds
            vars(self)["contestants"] = found
        return found

    def explaining(self, days: float) -> Sequence[float]:
        """The weights that reasons are given by: of who judges, but the hazard's where that is not linear."""
        odds = self.odds(days)
        return self.hazard if callable(odds) else odds

    def revived(self, maker: Maker | None) -> Model:
        """The model, its rival ready to predict; judging by the hazard where it cannot be."""
        self.rival.revive(maker)
        if self.rival.ready:
            return self
        verdicts = {days: Verdict(HAZARD) if one.judge == RIVER else one for days, one in self.verdicts.items()}
        return replace(self, verdicts=verdicts)

    @property
    def alerts(self) -> bool:
        """Whether alerts are raised by it."""
        return self.alert <= 1

    @property
    def orders_scale(self) -> float:
        """How many times the shipped expected number of orders come in this shop (`DOUBT` orders speak for once)."""
        expected, came = self.worth
        return (came + DOUBT) / (expected + DOUBT)

    def encode(self) -> bytes:
        """As JSON: what the store holds."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, stored: bytes) -> Model:
        """Read a model. Raises `msgspec.DecodeError`."""
        return _decode(stored)


# Made once, here: where two threads make the decoder of a type at the same time, msgspec 0.22 may crash.
_decode = msgspec.json.Decoder(Model).decode


@cache
def first(prior: str) -> Model:
    """The one before any other: what other shops taught."""
    taught = shipped(prior)
    return Model(0, prior, taught.mean, taught.posterior)
