"""Labels for the churn model: every 14 days a snapshot of each buyer, and 14 days later what became of it.

A snapshot freezes the covariates, as half-precision numbers, and the prediction of the model in force. It matures by
the shopper's own timer, whether an order came or not; only then is it learned, once, and the stored prediction scored.
When a buyer's snapshots are due depends on a hash of the id, so that a day has a fourteenth of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Struct, field

from models.churn import baseline, longer, scoring, sequence
from models.churn.counts import NOWHERE, Counts, cell, move
from models.churn.covariates import STEP, covariates, pack, unpack
from models.churn.longer import Waiting
from models.churn.model import NAME, Model
from models.churn.odds import log_odds
from models.churn.posterior import sigmoid
from models.churn.rival import Maker, standard
from models.churn.rollout import at
from models.churn.sampling import STEP_MS, phase, stands_for
from models.churn.scoring import CONTESTANTS, GRAIN, HORIZONS
from models.churn.shares import tenth
from models.kernel.feature import Feature, View
from models.kernel.moment import Moment
from models.kernel.settings import DAY, Setting

if TYPE_CHECKING:
    from models.orders.buying import Buying
    from models.orders.history import OrderHistory


class ModelSettings(Struct, frozen=True):
    """How the churn model learns."""

    churn_horizon: Annotated[int, Setting("period", "risk is the probability of no order within this")] = 90 * DAY
    churn_labels: Annotated[int, Setting("positive", "with more labels a day some stand for all")] = 50_000
    churn_prior: Annotated[
        Literal["all", "without_cdnow", "without_online_retail", "without_ga360"],
        Setting("choice", "what the churn model begins with; tests on a shop that taught it take the one without"),
    ] = "all"
    churn_rival: Annotated[
        Maker | None,
        Setting("maker", "the churn model's rival: MODULE:FUNCTION that makes a classifier of River; off: none"),
    ] = standard


class State(Struct, array_like=True, gc=False):
    """What is pending, and what the shard counts of the buyer.

    Attributes
    ----------
    at
        When the pending snapshot was taken (ms); 0: none is pending.
    version
        Of the model that predicted.
    covariates
        Of the snapshot, packed (`models.churn.covariates.pack`).
    predicted, cell
        What all contestants predicted (`models.churn.scoring.pack`); the baseline's cell.
    weight
        How many buyers the label stands for; 0: the snapshot is no label.
    negative
        The end of the newest window that matured without an order (ms); 0: there was one, or it is too long ago.
    hazard
        Where the shard counts the buyer's cumulative hazard.
    occasions, first, last
        What the shard's level counts of the buyer: occasions, times (ms) of the first and of the newest.
    longer
        Predictions of longer horizons that are pending.
    """

    at: int = 0
    version: int = 0
    covariates: bytes = b""
    predicted: bytes = b""
    cell: int = 0
    weight: int = 0
    negative: int = 0
    hazard: int = NOWHERE
    occasions: int = 0
    first: int = 0
    last: int = 0
    longer: list[Waiting] = field(default_factory=list)


class Examples(Feature):
    """A rule about orders and time that says nothing: what it finds out goes into the shard's counts."""

    name = "examples"
    keeps = State
    raises = ("snapshot", "scored")
    reads = ("orders",)
    settings = ModelSettings
    counters = {  # noqa: RUF012
        "labels": "Snapshots of buyers that matured: learned by the churn model, once each",
        "label_revised": "Orders that were reported after the label that they make wrong had matured",
    }
    levels = {"risk:<tenth>": "Repeat buyers by risk, as of their newest snapshot; 0: below 10 %, 9: 90 % or more"}  # noqa: RUF012

    def evaluate(self, m: Moment) -> int:
        """Count what orders changed; at its due let the pending snapshot mature, and take the next one."""
        buying: Buying | None = m["buying"]
        if buying is None or not m.ctx.settings.table_every:
            return 0
        state, now = m.ensure(self), m.p.evaluated_at
        if m.raised & self.signals["orders"]:
            self._ordered(m, state, buying)
        if state.at and state.at + STEP_MS <= now:
            self._mature(m, state, state.at + STEP_MS)
        if state.longer:
            self._score_longer(m, state, buying, now)
        since = (now - phase(m.user)) % STEP_MS
        if m.timer and not since and buying.occasions:
            self._snapshot(m, state, buying, now)
        return now + STEP_MS - since if state.at or state.longer or buying.occasions else 0

    def _ordered(self, m: Moment, state: State, buying: Buying) -> None:
        """Let the shop's level count what changed, and tell of a label that turned out to be wrong."""
        counts = _counts(m)
        first, last = round(buying.first * DAY), round(buying.last * DAY)
        counts.buyers += bool(buying.occasions) - bool(state.occasions)
        counts.first += first * bool(buying.occasions) - state.first
        counts.repeats += max(buying.occasions - 1, 0) - max(state.occasions - 1, 0)
        if buying.occasions > state.occasions and last > state.last:
            counts.bought(buying, (last - state.last) / DAY if state.occasions else 0.0)
        state.occasions, state.first, state.last = buying.occasions, first * bool(buying.occasions), last
        if state.negative and _bought(m, state.negative - STEP_MS, state.negative):
            m.count("label_revised")
            state.negative = 0

    def _mature(self, m: Moment, state: State, due: int) -> None:
        """The pending snapshot's window is over: learn from it, and score what was predicted."""
        ordered = _bought(m, state.at, due)
        if state.weight:
            counts, model = _counts(m), _model(m)
            counts.learn(unpack(state.covariates), ordered, state.cell, model.hazard, state.weight)
            predicted = longer.spoken(state.predicted, state.version, model)
            scoring.score(counts.scores, HORIZONS[0], predicted, ordered)
            if stands_for(m.user, state.at, model.rival_thinning):
                known = (state.at - state.first) / DAY if 0 < state.first <= state.at else 0.0
                label = sequence.Label(due, state.covariates, ordered, known)
                sequence.keep(counts.sequence, m.user, label, m.ctx.settings.table_every)
            m.count("labels")
        state.negative = 0 if ordered else due
        state.at = 0

    def _score_longer(self, m: Moment, state: State, buying: Buying, now: int) -> None:
        """Score predictions of longer horizons of which is known what became of them."""
        history: OrderHistory = m.state("orders")
        for one in longer.matured(m.user, state.longer, now):
            longer.score(m.user, one, history, buying, _counts(m), _model(m))
            state.longer.remove(one)

    def _snapshot(self, m: Moment, state: State, buying: Buying, now: int) -> None:
        """Freeze what is known and predicted now. By no model before the shop's level is known."""
        model, days = _model(m), now / DAY
        if not model.version:
            return
        state.at, state.version = now, model.version
        state.covariates = pack(covariates(buying, days, model.level))
        state.cell, x = baseline.cell(buying, days), unpack(state.covariates)
        state.predicted = scoring.pack(
            sigmoid(log_odds(x, buying, days, odds)) if odds is not None else None
            for odds in map(model.contestants.get, CONTESTANTS)
        )
        state.weight = stands_for(m.user, now, model.thinning)
        if state.weight:
            state.longer += longer.made(m.user, buying, now, model)
        m.raised |= self.signals["snapshot"]
        if buying.repeats:
            self._count(m, state, cell(at(m["ahead"], m.ctx.settings.churn_horizon / DAY)))
            m.raised |= self.signals["scored"]
        else:
            self._count(m, state, NOWHERE)

    def _count(self, m: Moment, state: State, hazard: int) -> None:
        """Let the shard count the buyer's risk there."""
        move(_counts(m).hazards, state.hazard, hazard)
        for place, change in ((state.hazard, -1), (hazard, 1)):
            if place != NOWHERE:
                m.count(f"risk:{tenth(place)}", change)
        state.hazard = hazard

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """The newest prediction, as long as it is pending."""
        if state is None or not state.at:
            return {}
        within = f"order_within_{STEP:g}d"
        said = {
            within: round(scoring.unpack(state.predicted)[0] / GRAIN, 4),
            "predicted": state.at,
            "predicted_by": f"{NAME}/{state.version}",
        }
        return {"buyer": said}

    def forget(self, m: Moment, reason: str) -> None:
        """The buyer is counted no more; what labels taught stays."""
        state = m.own(self)
        if state is not None:
            counts = _counts(m)
            counts.buyers -= bool(state.occasions)
            counts.first -= state.first
            counts.repeats -= max(state.occasions - 1, 0)
            self._count(m, state, NOWHERE)


def _bought(m: Moment, after: int, until: int) -> bool:
    """Whether an occasion began in (after, until] (ms)."""
    history: OrderHistory = m.state("orders")
    return any(after < began <= until for began in history.occasions())


def _counts(m: Moment) -> Counts:
    m.ctx.effects.recounted.add(NAME)
    counts: Counts = m.ctx.sketches[NAME]
    return counts


def _model(m: Moment) -> Model:
    model: Model = m.ctx.tables[NAME]
    return model
