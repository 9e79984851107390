"""The engine's own churn model at a cut: what its table says of the profiles in its store, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bench.models.cut import Cut, Engine, Predictor
from bench.models.histories import Folded
from bench.models.purchases import Floats
from models.churn.crossing import expected_gap
from models.churn.model import Model, first
from models.churn.prior import shipped
from models.churn.rollout import p_order_many, path_many
from models.features import SHOPPERS
from models.kernel.moment import slot
from models.kernel.settings import DAY
from models.orders.buying import Buying
from models.profile import codec
from sinks import read_model

HAZARD, RIVAL, PRIOR = "hazard", "River rival", "hazard, prior alone"
JUDGES = {"hazard": HAZARD, "rival": RIVAL}


def ask(cut: Cut) -> Engine:
    """What the engine says at a cut, who judges first.

    The rival is there once it has learned a label. *Prior alone* has the shop's level, which needs no labels, and the
    weights that other shops taught.
    """
    folded = cut.folded
    model = read_model.model(folded.store) or first(folded.settings.shop.churn_prior)
    known = buyings(folded)
    weights = {HAZARD: model.hazard, RIVAL: model.rival.weights, PRIOR: shipped(model.prior).mean}
    live = JUDGES[model.judge]
    predictors = {
        name: _predictor(known, folded.at / DAY, model, weights[name]) for name in (live, *weights) if weights[name]
    }
    return Engine(predictors, live, np.array([expected_gap(known[name], model.level) for name in cut.names]))


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


def _predictor(known: Mapping[str, Buying], now: float, model: Model, weights: Sequence[float]) -> Predictor:
    """By the model's level and these weights, at `now` (days since 1970)."""

    def p_order(buyers: Sequence[str], days: int) -> Floats:
        return p_order_many(path_many([known[name] for name in buyers], now, days, model.level, weights), days)

    return p_order
