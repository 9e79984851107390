"""The engine's own churn model at a cut: what its table says of the profiles in its store, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bench.models.cut import Cut, Engine, Predictor
from bench.models.histories import Folded
from bench.models.purchases import Floats
from models.churn import scoring
from models.churn.crossing import expected_gap
from models.churn.model import Model, first
from models.churn.odds import Odds
from models.churn.rollout import p_order, p_order_many, path, path_many
from models.features import SHOPPERS
from models.kernel.moment import slot
from models.kernel.settings import DAY
from models.orders.buying import Buying
from models.profile import codec
from sinks import read_model

LIVE = "who judges"
TITLES = {
    scoring.HAZARD: "hazard",
    scoring.RIVER: "River rival",
    scoring.PRIOR: "hazard, prior alone",
    scoring.MBG_NBD: "MBG/NBD, live",
    scoring.BASELINE: "recency × frequency",
}
"""Contestants as the tables call them."""


def ask(cut: Cut) -> Engine:
    """What the engine says at a cut, who judges first; those who know nothing yet are left out."""
    folded = cut.folded
    model = read_model.model(folded.store) or first(folded.settings.shop.churn_prior)
    known = buyings(folded)
    odds = {LIVE: model.odds} | {TITLES[name]: _always(one) for name, one in model.contestants.items()}
    predictors = {name: _predictor(known, folded.at / DAY, model, one) for name, one in odds.items()}
    return Engine(predictors, LIVE, np.array([expected_gap(known[name], model.level) for name in cut.names]))


def buyings(folded: Folded) -> dict[str, Buying]:
    """How every buyer of the store buys, by id, as the profile has it."""
    orders, found = SHOPPERS.named["orders"], {}
    for partition in range(folded.store.partitions()):
        for user, packed in folded.store.profiles(partition):
            history = slot(codec.decode(packed), orders)
            buying: Buying | None = history.buying() if history is not None else None
            if buying is not None and buying.occasions:
                found[user] = buying
    return found


def _always(odds: Odds) -> Callable[[float], Odds]:
    return lambda days: odds


def _predictor(known: Mapping[str, Buying], now: float, model: Model, judge: Callable[[float], Odds]) -> Predictor:
    """By the model's level and who judges by a horizon, at `now` (days since 1970)."""

    def predict(buyers: Sequence[str], days: int) -> Floats:
        odds, found = judge(days), [known[name] for name in buyers]
        if callable(odds):
            return np.array([p_order(path(buying, now, days, model.level, odds), days) for buying in found])
        return p_order_many(path_many(found, now, days, model.level, odds), days)

    return predict
