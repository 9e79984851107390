"""One buyer where the rival judges: what it predicts is River's own, what the hazard learns stays the hazard's."""

from __future__ import annotations

from math import prod
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from models.churn import sequence
from models.churn.alert_message import ChurnAlert
from models.churn.contest import Verdict
from models.churn.counts import Counts
from models.churn.covariates import COVARIATES, STEP, covariates, pack, unpack
from models.churn.model import NAME, Model, first
from models.churn.posterior import dot, sigmoid
from models.churn.rival import Rival, standard
from models.churn.scoring import CONTESTANTS, GRAIN, HAZARD, HORIZONS, RIVER, SILENT, record, score
from models.churn.scoring import unpack as said
from models.kernel.moment import Moment
from models.kernel.settings import DAY
from models.orders.buying import Buying
from tests.models.shopper import E0, SHOPPERS, Shopper

VERSION = 20231114
JUDGES = {days: Verdict(RIVER, provisional=False) for days in HORIZONS}
"""The rival does."""


def taught() -> list[tuple[tuple[float, ...], bool]]:
    """Labels of a shop in which the longer ago the last order is, the fewer order."""
    random, found = Random(3), []
    for _ in range(400):
        x = unpack(pack((1.0, *[random.gauss(0, 1) for _ in COVARIATES[1:]])))
        found.append((x, random.random() < sigmoid(1 - x[1])))
    return found


def river() -> Any:
    """The rival, as River has it."""
    model = standard()
    for x, ordered in taught():
        model.learn_one(dict(zip(COVARIATES[1:], x[1:], strict=True)), ordered)
    return model


def predicted(model: Any, x: tuple[float, ...]) -> float:
    """P(an order within a step), in River's words."""
    p: float = model.predict_proba_one(dict(zip(COVARIATES[1:], x[1:], strict=True)))[True]
    return p


def shop(**fields: Any) -> Model:
    """A model with a rival that has learned, and alerts."""
    rival = Rival().learned(taught(), VERSION, standard)
    return replace(first("all"), version=VERSION, alert=0.3, rival=rival, **fields)


def buyer(model: Model, shopper: Shopper | None = None) -> Shopper:
    """Three orders in 40 days."""
    shopper = shopper or Shopper()
    shopper.ctx.enforce(NAME, model)
    for day in (0, 20, 40):
        shopper.buys(day, 5_000)
    return shopper


def counts(shopper: Shopper) -> Counts:
    found: Counts = shopper.ctx.sketches[NAME]
    return found


def learned(shopper: Shopper, name: str = HAZARD) -> int:
    """Labels of one step by which a contestant was scored."""
    return record(counts(shopper).scores, 14, name).labels


def buying(shopper: Shopper) -> Buying:
    assert shopper.p is not None
    found: Buying = Moment(shopper.ctx, "u", shopper.p, 0, 0, None, SHOPPERS)["buying"]
    return found


def test_alerts_are_the_rivals_and_say_so() -> None:
    model = shop(verdicts=JUDGES)
    shopper = buyer(model).rests(200)
    [raised] = [said.output for said in shopper.ctx.effects.outputs if isinstance(said.output, ChurnAlert)]
    assert raised.model == f"model/{VERSION}/river"
    days = raised.as_of / DAY
    steps = [predicted(river(), covariates(buying(shopper), days + k * STEP, model.level)) for k in range(7)]
    left = [1 - p for p in steps]
    assert raised.risk == pytest.approx(prod(left[:6]) * left[6] ** (90 / STEP - 6), abs=1e-4)
    assert raised.risk >= 0.3
    assert {change.table for change in shopper.changes if change.tag.startswith("churn:")} == {raised.model}
    hazard = shop(verdicts=dict.fromkeys(HORIZONS, Verdict(HAZARD)))
    outputs = buyer(hazard).rests(200).ctx.effects.outputs
    [other] = [one.output for one in outputs if isinstance(one.output, ChurnAlert)]
    assert (other.model, other.as_of == raised.as_of) == (f"model/{VERSION}", False)


def contestants(predicted: bytes) -> dict[str, int]:
    return dict(zip(CONTESTANTS, said(predicted), strict=True))


@pytest.mark.parametrize("judge", [HAZARD, RIVER])
def test_both_predict_and_the_hazard_learns_by_its_own_weights(judge: str) -> None:
    model = shop(verdicts=dict.fromkeys(HORIZONS, Verdict(judge)))
    shopper = buyer(model).rests(60)
    while not (state := shopper.state("examples")).at:
        shopper.rests((shopper.p.due - E0) / DAY)  # type: ignore[union-attr]
    x, stored = unpack(state.covariates), contestants(state.predicted)
    assert stored[RIVER] == pytest.approx(predicted(river(), x) * GRAIN, abs=0.51)
    assert stored[HAZARD] == pytest.approx(sigmoid(dot(x, model.hazard)) * GRAIN, abs=0.51)
    assert abs(stored[RIVER] - stored[HAZARD]) > 100
    at, wanted = state.at, Counts()
    shopper.ctx.sketches[NAME] = Counts()
    wanted.learn(x, False, state.cell, model.hazard, 1)
    shopper.until(at + round(STEP) * DAY + 1)
    found = counts(shopper)
    assert found.labels == wanted.labels
    score(wanted.scores, 14, [*stored.values()], False)
    assert found.scores[14] == wanted.scores[14]
    kept = list(sequence.labels(found.sequence, 0, 1 << 62))
    known = at / DAY - buying(shopper).first
    assert kept[-1] == (at + round(STEP) * DAY, pack(x), False, pytest.approx(known, rel=1e-6))


def test_a_rival_that_has_learned_nothing_predicts_nothing() -> None:
    shopper = buyer(replace(shop(), rival=Rival())).rests(120)
    assert contestants(shopper.state("examples").predicted)[RIVER] == SILENT
    assert learned(shopper, HAZARD) > learned(shopper, RIVER) == 0
    assert counts(shopper).sequence


def test_what_another_rival_predicted_is_not_scored() -> None:
    shopper = buyer(shop())
    while not shopper.state("examples").at:
        shopper.rests((shopper.p.due - E0) / DAY)  # type: ignore[union-attr]
    model, shopper.ctx.sketches[NAME] = shop(), Counts()
    shopper.ctx.enforce(NAME, replace(model, version=20231201, rival=replace(model.rival, began=20231201)))
    shopper.until(shopper.state("examples").at + round(STEP) * DAY + 1)
    assert (learned(shopper, HAZARD), learned(shopper, RIVER)) == (1, 0)


def test_of_many_buyers_only_some_are_kept_for_it() -> None:
    shopper = buyer(replace(shop(), rival_thinning=40)).rests(120)
    assert learned(shopper) > 2
    assert not counts(shopper).sequence


def test_only_the_last_days_labels_are_kept() -> None:
    shopper = buyer(shop()).rests(120)
    assert learned(shopper) > 2
    assert len(counts(shopper).sequence) == sequence.SIZE
