"""Churn alerts: when they are raised, how often, by whose timer, and what ends them; and what they say."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from math import isfinite, log1p
from typing import NamedTuple

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple, replace

from models.churn.alert_message import ChurnAlert
from models.churn.contest import Verdict
from models.churn.counts import NOWHERE, bound
from models.churn.level import Level
from models.churn.model import NAME, Model, first
from models.churn.overdue import MODEL as OVERDUE
from models.churn.scoring import HAZARD, HORIZONS
from models.features import SHOPPERS, ShopSettings
from models.kernel.events import Cancelled, Line, Ordered
from models.kernel.moment import slot
from models.kernel.settings import DAY, HOUR
from tests.kairos.contract.judges import asyncapi_judge, judge
from tests.models.churn.shops import BEGIN, FoldedShop, sales
from tests.models.shopper import E0, Shopper
from tests.reference import hazard as reference

STEP = 14 * DAY
COOLDOWN = 30 * DAY
LEVEL = Level(rate=0.02, gap_mean=log1p(30), gap_sd=0.8, amount=log1p(50), items=log1p(2))
JUDGES = dict.fromkeys(HORIZONS, Verdict(HAZARD, provisional=False))
MODEL = replace(first("all"), version=20231114, alert=0.5, level=LEVEL, verdicts=JUDGES)
BASE = E0 - E0 % DAY

levels = st.builds(
    Level,
    rate=st.floats(0.002, 0.5),
    gap_mean=st.floats(log1p(1), log1p(120)),
    gap_sd=st.floats(0.3, 1.5),
    amount=st.just(log1p(50)),
    items=st.just(log1p(2)),
)
thresholds = st.floats(0.01, 0.99)
gaps = st.lists(st.integers(HOUR, 3 * DAY) | st.integers(DAY, 60 * DAY), min_size=1, max_size=8)


class Watched(Shopper):
    """A shopper whose alerts are looked at as they come: none may be raised by a timer that may not act."""

    def until(self, watermark: int) -> Shopper:
        while self.p is not None and self.p.due < watermark:
            due, before = self.p.due, len(raised(self))
            acts = SHOPPERS.acts(self.p, due)
            super().until(due + 1)
            assert acts or len(raised(self)) == before
        return super().until(watermark)


def alerts(shopper: Shopper) -> list[ChurnAlert]:
    return [said.output for said in shopper.ctx.effects.outputs if isinstance(said.output, ChurnAlert)]


def raised(shopper: Shopper) -> list[ChurnAlert]:
    return [alert for alert in alerts(shopper) if alert.kind == "raised"]


def judged(model: Model = MODEL, **settings: object) -> Watched:
    found = Watched(ShopSettings(currency="USD", **settings))
    found.ctx.enforce(NAME, model)
    return found


def buys(shopper: Shopper, *times: int) -> Shopper:
    for at in times:
        shopper.does(Ordered(f"o{at}", 5_000, True, lines=(Line("p", 2),)), at)
    return shopper


def times(between: list[int]) -> list[int]:
    """Of orders, by the gaps between them (ms)."""
    return [BASE + sum(between[:i]) for i in range(len(between) + 1)]


class Told(NamedTuple):
    """The buyer by the reference: risk and own usual gap at any time (ms)."""

    shoppers: reference.Shoppers
    model: Model

    def risk(self, at: float, horizon: float = 90.0) -> float:
        weights, shop = np.array(self.model.hazard), reference.Shop(*astuple(self.model.level))
        path = reference.path(
            self.shoppers, np.array([0]), at / DAY, horizon, shop, lambda x: reference.sigmoid(x @ weights)
        )
        return float(1 - reference.p_order(path, horizon)[0])

    @property
    def gate(self) -> float:
        mean, _ = reference.own_gap(self.shoppers, np.array([0]), reference.Shop(*astuple(self.model.level)))
        return float((self.shoppers.last[0] + np.exp(mean[0]) - 1) * DAY)


def told(bought: list[int], model: Model = MODEL) -> Told:
    shoppers, one = reference.Shoppers(1), np.array([0])
    began = 0
    for at in bought:
        if at - began >= DAY:
            shoppers.order(one, at / DAY, np.array([50.0]), np.array([2.0]))
            began = at
        else:  # one more order of the same occasion
            for name, more in (("amount", 50.0), ("items", 2.0)):
                values = getattr(shoppers, name)
                before = values[0]
                values[0] = np.log(np.exp(before) + more)
                if name == "amount":
                    shoppers.amounts[0] += values[0] - before
    return Told(shoppers, model)


# When.


@given(gaps, levels, thresholds)
def test_never_within_three_days_of_an_order_nor_within_the_own_usual_gap(
    between: list[int], level: Level, threshold: float
) -> None:
    model, bought = replace(MODEL, level=level, alert=threshold), times(between)
    shopper = buys(judged(model), *bought).until(bought[-1] + 400 * DAY)
    for alert in raised(shopper):
        before = [at for at in bought if at <= alert.as_of]
        assert alert.last_order == before[-1]
        assert alert.as_of - before[-1] >= 3 * DAY
        assert alert.as_of >= told(before, model).gate - 1


@given(gaps, levels, thresholds)
def test_once_for_a_newest_order_and_cleared_by_the_next(between: list[int], level: Level, threshold: float) -> None:
    bought = times(between)
    shopper = buys(judged(replace(MODEL, level=level, alert=threshold)), *bought).until(bought[-1] + 400 * DAY)
    said = alerts(shopper)
    orders = [alert.last_order for alert in raised(shopper)]
    assert len(set(orders)) == len(orders)
    for one, two in pairwise(said):
        assert (one.kind, two.kind) in {("raised", "cleared"), ("cleared", "raised")}
        if two.kind == "cleared":
            assert two.retract == (one.id,)
            assert two.as_of in bought
            assert two.as_of == min(at for at in bought if at > one.as_of)
    assert all(b.as_of - a.as_of >= COOLDOWN for a, b in pairwise(raised(shopper)))


@given(st.lists(st.integers(DAY, 60 * DAY), min_size=1, max_size=6), levels, thresholds)
def test_it_is_raised_where_the_risk_reaches_the_threshold(between: list[int], level: Level, threshold: float) -> None:
    """Within a day, by the reference's path; unless the own usual gap was not over, or the risk had been there for
    long when the buyer became one who repeats."""
    model, bought = replace(MODEL, level=level, alert=threshold), times(between)
    shopper, buyer = buys(judged(model), *bought), told(bought, model)
    end = bought[-1] + 300 * DAY
    earlier = raised(shopper)
    shopper.until(end)
    start = max(buyer.gate, bought[-1] + 3 * DAY, earlier[-1].as_of + COOLDOWN if earlier else 0)
    new = raised(shopper)[len(earlier) :]
    if not new:
        assert start > end - STEP or buyer.risk(max(start, end - STEP)) < threshold
        return
    [alert] = new
    assert alert.as_of >= start - 1
    assert buyer.risk(alert.as_of) >= threshold - 0.01
    if alert.as_of - DAY > start:
        assert buyer.risk(alert.as_of - DAY) < threshold + 0.001
    assert alert.risk == pytest.approx(buyer.risk(alert.as_of), abs=1e-4)


@given(gaps, levels)
def test_the_risk_never_falls_while_nothing_is_bought(between: list[int], level: Level) -> None:
    """By the shipped prior, after the own usual gap. That is why its crossing can be a timer."""
    buyer = told(times(between), replace(MODEL, level=level))
    risks = [buyer.risk(buyer.gate + days * DAY) for days in range(0, 200, 10)]
    assert all(b >= a - 0.02 for a, b in pairwise(risks))


# Who, and when not.


def quiet(model: Model, **settings: object) -> Watched:
    """A shopper whom the overdue rule never finds: it needs more orders than there are."""
    return judged(model, overdue_occasions=99, **settings)


UNKNOWN = replace(MODEL, alert=2.0)
"""No threshold: too few repeat buyers are known."""
BOUGHT = [BASE, BASE + 10 * DAY, BASE + 20 * DAY]


@cache
def reaches(level: float) -> int:
    """When the risk of who bought at these times reaches a level: to the hour, by the reference."""
    buyer, before, after = told(BOUGHT), BOUGHT[-1], BOUGHT[-1] + 400 * DAY
    assert buyer.risk(before) < level <= buyer.risk(after)
    while after - before > HOUR:
        middle = (before + after) // 2
        before, after = (before, middle) if buyer.risk(middle) >= level else (middle, after)
    return after


@pytest.mark.parametrize(("days", "alerted"), [(1, True), (20, True), (27, True), (29, False), (100, False)])
def test_a_moment_more_than_four_weeks_past_is_no_news(days: int, alerted: bool) -> None:
    """The first threshold comes so many days after the crossing, just before a snapshot looks."""
    shopper = buys(quiet(UNKNOWN), *BOUGHT)
    shopper.until(BOUGHT[-1] + 150 * DAY)
    now = shopper.state("examples").at + STEP
    level = told(BOUGHT).risk(now - days * DAY)
    shopper.until(now)
    assert not raised(shopper)
    shopper.ctx.enforce(NAME, replace(MODEL, alert=level))
    shopper.until(now + 2)
    assert [alert.as_of for alert in raised(shopper)] == ([now + 1] if alerted else [])
    shopper.until(now + 200 * DAY)
    assert len(raised(shopper)) == alerted


def test_what_a_snapshot_finds_is_raised_by_a_timer_of_its_own() -> None:
    """At the snapshot's own timer nobody may be asked to act: with `hold` that timer fires, and the alert's waits."""
    shopper = buys(quiet(UNKNOWN), *BOUGHT).until(reaches(0.6) + DAY)
    shopper.ctx.enforce(NAME, replace(MODEL, alert=0.6))
    assert shopper.p is not None
    due = shopper.state("examples").at + STEP
    shopper.until(due)
    assert (shopper.p.due, SHOPPERS.acts(shopper.p, due)) == (due, False)
    shopper.until(due + 1)
    assert raised(shopper) == []
    assert (shopper.p.due, SHOPPERS.acts(shopper.p, due + 1)) == (due + 1, True)
    assert len(raised(shopper.until(due + 2))) == 1


def test_an_order_meanwhile_takes_the_alert_back_before_it_is_raised() -> None:
    shopper = buys(judged(), *BOUGHT)
    [alert] = raised(buys(judged(), *BOUGHT).until(BOUGHT[-1] + 200 * DAY))
    buys(shopper, alert.as_of - 1).until(alert.as_of + 3 * DAY)
    assert alerts(shopper) == []


@pytest.mark.parametrize("gap", [3, 10, 30, 60])
def test_one_order_is_no_habit(gap: int) -> None:
    """However risky, and however short the shop's usual gap is. Two orders within a day are one occasion."""
    model = replace(MODEL, alert=0.01, level=replace(LEVEL, gap_mean=log1p(gap)))
    for bought in ([BASE], [BASE, BASE + HOUR]):
        assert alerts(buys(quiet(model), *bought).until(BASE + 400 * DAY)) == []
        assert len(raised(buys(quiet(model), *bought, BASE + 2 * DAY).until(BASE + 400 * DAY))) == 1


def test_thirty_days_pass_between_two_alerts() -> None:
    """Of a buyer who orders again right after the first, and is above the threshold at once."""
    model = replace(MODEL, alert=0.02)
    for cooldown, least in ((COOLDOWN, COOLDOWN), (0, 3 * DAY)):
        shopper = buys(judged(model, churn_cooldown=cooldown), *BOUGHT).until(BOUGHT[-1] + 16 * DAY)
        [one] = raised(shopper)
        buys(shopper, BOUGHT[-1] + 16 * DAY + 1).until(one.as_of + 100 * DAY)
        _, two = raised(shopper)
        assert least <= two.as_of - one.as_of
        assert (two.as_of - one.as_of < COOLDOWN) == (not cooldown)
        assert two.as_of - one.as_of < COOLDOWN + DAY


@pytest.mark.parametrize("ends", [Ordered("new", 900, True), None])
def test_an_alert_is_cleared_by_an_order_or_when_no_order_is_left(ends: Ordered | None) -> None:
    shopper = buys(judged(), *BOUGHT).until(BOUGHT[-1] + 200 * DAY)
    [one] = alerts(shopper)
    now = BOUGHT[-1] + 200 * DAY
    for event in [ends] if ends else [Cancelled(f"o{at}") for at in BOUGHT]:
        shopper.does(event, now)
    [_, cleared] = alerts(shopper)
    assert (cleared.kind, cleared.retract, cleared.as_of) == ("cleared", (one.id,), now)
    assert (cleared.model, cleared.reasons) == (one.model if ends else OVERDUE, ())
    assert cleared.reason == ("ordered again" if ends else "no valid order left")
    assert cleared.risk is None


def test_a_repeat_of_a_known_order_clears_nothing() -> None:
    shopper = buys(judged(), *BOUGHT).until(BOUGHT[-1] + 200 * DAY)
    shopper.does(Ordered(f"o{BOUGHT[-1]}", 5_000, True), BOUGHT[-1])
    assert len(alerts(shopper)) == 1


def test_without_a_threshold_the_overdue_rule_judges() -> None:
    """Three usual gaps of ten days."""
    [alert] = raised(buys(judged(UNKNOWN), *BOUGHT).until(BOUGHT[-1] + 100 * DAY))
    assert (alert.model, alert.as_of) == (OVERDUE, BOUGHT[-1] + 30 * DAY)
    assert (alert.risk, alert.horizon_days, alert.reasons, alert.provisional) == (None, None, (), False)
    [tableless] = raised(buys(judged(UNKNOWN, table_every=0), *BOUGHT).until(BOUGHT[-1] + 100 * DAY))
    assert tableless == alert
    known = replace(MODEL, alert=0.9)
    [wanted] = raised(buys(judged(known, churn_by="overdue"), *BOUGHT).until(BOUGHT[-1] + 100 * DAY))
    assert wanted == alert
    [other] = raised(buys(judged(known), *BOUGHT).until(BOUGHT[-1] + 300 * DAY))
    assert other.model == known.name


def test_the_rule_of_a_new_model_holds_from_the_next_look_on() -> None:
    """The overdue rule's timer finds a model that judges, and goes on with that one's moment."""
    shopper = buys(judged(UNKNOWN), *BOUGHT)
    shopper.ctx.enforce(NAME, replace(MODEL, alert=0.9))
    [alert] = raised(shopper.until(BOUGHT[-1] + 300 * DAY))
    assert alert.model == MODEL.name
    assert alert.as_of == pytest.approx(reaches(0.9), abs=DAY)


# What they say.


@pytest.fixture(scope="module")
def shop() -> FoldedShop:
    """Of a shop whose buyers leave, over half a year."""
    return FoldedShop(ShopSettings(currency="EUR")).run(sales(7, 150, 170.0, leave=0.15), BEGIN + 200 * DAY)


def test_its_messages_are_as_the_contract_tells(shop: FoldedShop) -> None:
    strict, older = judge("churn-alerts.json", closed=True), asyncapi_judge("ChurnAlert")
    messages = [msgspec.json.decode(msgspec.json.encode(alert)) for alert in shop.alerts]
    assert [error.message for message in messages for error in strict.iter_errors(message)] == []
    assert all(older.is_valid(message) for message in messages)
    by_model = [message for message in messages if message["model"].startswith("model/")]
    assert {message["kind"] for message in messages} == {"raised", "suppressed", "cleared"}
    assert len(by_model) > 20


def test_its_numbers_are_finite_and_make_sense(shop: FoldedShop) -> None:
    for alert in shop.alerts:
        numbers = [value for value in astuple(alert) if isinstance(value, (int, float))]
        assert all(map(isfinite, numbers))
        if alert.kind == "raised" and alert.model.startswith("model/"):
            model = next(m for m in shop.models.values() if m.judged_by(90) == alert.model)
            assert alert.risk is not None
            assert alert.risk >= model.alert - 1e-4
            assert alert.risk_after_order is not None
            assert alert.risk_after_order <= alert.risk
            assert alert.as_of < alert.expected_next_order <= alert.as_of + 90 * DAY
            assert (alert.horizon_days, alert.provisional) == (90, model.verdict(90).provisional)
            assert alert.expires_at == alert.as_of + 30 * DAY
            assert 1 <= len(alert.reasons) <= 3
            assert f"{alert.risk:.0%} sure not to order within 90 d: {alert.reasons[0]}" == alert.reason
            assert alert.value_at_stake >= 0


def test_in_a_shop_nobody_is_alerted_about_too_soon_or_too_often(shop: FoldedShop) -> None:
    bought: dict[str, list[int]] = {}
    for sale in sales(7, 150, 170.0, leave=0.15):
        bought.setdefault(sale.user, []).append(sale.at)
    newest: dict[str, int] = {}
    for alert in shop.alerts:
        if alert.kind == "raised":
            before = max(at for at in bought[alert.user_id] if at <= alert.as_of)
            assert alert.last_order == before <= alert.as_of - 3 * DAY
            assert alert.as_of - newest.get(alert.user_id, 0) >= COOLDOWN
            newest[alert.user_id] = alert.as_of


def test_about_the_riskiest_share_of_repeat_buyers_is_above_the_threshold(shop: FoldedShop) -> None:
    model = shop.newest
    assert model.alerts
    buyers = [p for p in shop.profiles.values() if p is not None]
    repeating = [p for p in buyers if slot(p, SHOPPERS.named["orders"]).buying().repeats]
    seen = [p for p in repeating if slot(p, SHOPPERS.named["examples"]).hazard != NOWHERE]
    hazards = shop.counts.hazards
    assert sum(hazards.values()) == len(seen) > 50
    above = sum(n for at, n in model.counts.hazards.items() if np.exp(-bound(at + 1)) >= model.alert)
    assert 0.03 * len(seen) < above <= 0.10 * len(seen)
