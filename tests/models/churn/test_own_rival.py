"""A shop's own rival in the whole engine: one that is linear, and one that is asked itself."""

from __future__ import annotations

from collections.abc import Callable
from math import log, prod
from typing import Any

import pytest
from msgspec.structs import replace

from kairos.commands.model import lines
from models.churn.alert_message import ChurnAlert
from models.churn.card import card
from models.churn.covariates import COVARIATES, STEP, covariates, unpack
from models.churn.model import Model, first
from models.churn.odds import log_odds
from models.churn.rival import Rival, standard
from models.churn.scoring import GRAIN, HAZARD, PRIOR, RIVER, SILENT
from models.churn.table import ModelTable
from models.features import ShopSettings
from models.kernel.settings import DAY
from models.orders.buying import Buying
from tests.models.churn.rivals import Breaking, counted, followed
from tests.models.churn.test_rival_judges import JUDGES, VERSION, buyer, buying, contestants, predicted, taught
from tests.models.shopper import Shopper


def river(make: Callable[[], Any]) -> Any:
    model = make()
    for x, ordered in taught():
        model.learn_one(dict(zip(COVARIATES[1:], x[1:], strict=True)), ordered)
    return model


def stored(make: Callable[[], Any], alert: float = 0.15, **fields: Any) -> bytes:
    """A table as it is stored."""
    rival = Rival().learned(taught(), VERSION, make)
    return replace(first("all"), version=VERSION, alert=alert, rival=rival, **fields).encode()


def judged(make: Callable[[], Any] | None, table: bytes, days: float) -> Shopper:
    """A buyer of three orders, where the settings name a rival, and a table comes into force."""
    shopper = Shopper(ShopSettings(currency="USD", churn_rival=make))
    ModelTable().enforce(shopper.ctx, table)
    return buyer(shopper.ctx.tables["model"], shopper).rests(days)


def alerts(shopper: Shopper) -> list[ChurnAlert]:
    return [said.output for said in shopper.ctx.effects.outputs if isinstance(said.output, ChurnAlert)]


@pytest.mark.parametrize(("make", "alert"), [(followed, 0.15), (counted, 0.018)])
def test_its_predictions_are_stored_and_acted_upon(make: Callable[[], Any], alert: float) -> None:
    shopper, theirs = judged(make, stored(make, alert, verdicts=JUDGES), 200), river(make)
    state, model = shopper.state("examples"), shopper.ctx.tables["model"]
    assert bool(model.rival.weights) == (make is followed)
    assert contestants(state.predicted)[RIVER] == pytest.approx(
        predicted(theirs, unpack(state.covariates)) * GRAIN, abs=0.51
    )
    [raised] = alerts(shopper)
    days = raised.as_of / DAY
    left = [1 - predicted(theirs, covariates(buying(shopper), days + k * STEP, model.level)) for k in range(7)]
    assert raised.model == f"model/{VERSION}/river"
    assert raised.risk == pytest.approx(prod(left[:6]) * left[6] ** (90 / STEP - 6), abs=1e-4)
    assert raised.reasons
    assert shopper.ctx.effects.counts["labels"] > 3


def test_after_another_was_named_the_hazard_judges_until_the_next_table() -> None:
    shopper = judged(standard, stored(counted, verdicts=JUDGES), 60)
    assert contestants(shopper.state("examples").predicted)[RIVER] == SILENT
    model: Model = shopper.ctx.tables["model"]
    assert (model.verdict(90).judge, model.odds(90)) == (HAZARD, model.hazard)
    assert contestants(judged(counted, stored(counted), 60).state("examples").predicted)[RIVER] != SILENT


def test_shards_share_an_unpacked_model_and_each_has_a_rival_of_its_own() -> None:
    table, shoppers = stored(counted), [Shopper(ShopSettings(currency="USD", churn_rival=counted)) for _ in range(2)]
    for shopper in shoppers:
        ModelTable().enforce(shopper.ctx, bytes(bytearray(table)))
    mine, theirs = (shopper.ctx.tables["model"] for shopper in shoppers)
    assert mine == theirs == Model.decode(table)
    assert mine.posterior is theirs.posterior
    assert vars(mine.rival)["model"] is not vars(theirs.rival)["model"]
    x = taught()[0][0]
    assert mine.rival.odds(x, Buying(), 0.0) == theirs.rival.odds(x, Buying(), 0.0)


def test_where_it_is_off_nothing_is_learned_and_what_was_is_dropped() -> None:
    shopper = judged(None, stored(followed), 60)
    packed, settings = ModelTable().frozen(shopper.ctx, dict), shopper.ctx.settings
    before = stored(followed, verdicts=JUDGES)
    at = (shopper.watermark // DAY + 1) * DAY
    found = Model.decode(ModelTable().computed(settings, at, [packed], before))
    assert (found.rival, found.verdict(90).judge) == (Rival(), PRIOR)


def test_a_rival_that_fails_begins_anew_and_stops_nobody() -> None:
    found = Rival().learned([*taught()], VERSION, Breaking)
    found.revive(Breaking)
    x = taught()[0][0]
    assert log_odds(x, Buying(), 0.0, found.odds) == pytest.approx(log(0.2 / 0.8))
    found = found.learned(taught()[:60], VERSION, Breaking)
    found.revive(Breaking)
    assert log_odds(x, Buying(), 0.0, found.odds) == 0.0
    found = found.learned(taught()[:60], VERSION, Breaking)
    assert found == Rival(failed="Opaque: the state has grown to 400,021 bytes, and 262,144 are the most")
    assert not found.ready
    told = list(lines(card(replace(first("all"), rival=found)), 1))
    assert [line for line in told if line.startswith("river")] == [
        f"river       could not learn, and begins anew: {found.failed}"
    ]
    assert found.learned(taught()[:60], VERSION + 1, Breaking).labels == 60
