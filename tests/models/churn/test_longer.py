"""Predictions of longer horizons: made in turn, scored once by what came, and the shop's scale of orders."""

from __future__ import annotations

from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from models.churn import contest
from models.churn.computing import computed
from models.churn.counts import Counts
from models.churn.mbg_nbd import MbgNbd
from models.churn.model import NAME, Model, first
from models.churn.posterior import UNIT
from models.churn.prior import shipped
from models.churn.rollout import p_order, path
from models.churn.sampling import STEP_MS, begins, in_turn, phase, step
from models.churn.scoring import CONTESTANTS, GRAIN, HAZARD, MBG_NBD, PRIOR, SILENT, record, unpack
from models.churn.worth import QUARTER, YEAR, expected_orders, orders_expected
from models.kernel.events import Cancelled
from models.kernel.settings import DAY, HOUR
from tests.models.churn.test_examples import GRID, MODEL, buys, counts, occasions, pending, shopper
from tests.models.shopper import E0, Shopper


def waited(found: Shopper) -> dict[int, int]:
    """Horizon and step of what is pending."""
    return {one.horizon: one.step for one in pending(found).longer}


def test_it_freezes_what_each_predicts_then() -> None:
    form = MbgNbd(0.4, 30.0, 0.9, 2.0)
    found = shopper(replace(MODEL, closed_form=form))
    for day in (0, 3, 11):
        buys(found, E0 + day * DAY + HOUR)
    at = GRID
    while QUARTER not in waited(found):
        found.until(at + 1)
        at += STEP_MS
    at, [one] = at - STEP_MS, [one for one in pending(found).longer if one.horizon == QUARTER]
    buying, model, days = found.state("orders").buying(), found.ctx.tables[NAME], at / DAY
    assert (begins("u", one.step), one.version, one.occasions) == (at, MODEL.version, 3)
    said = dict(zip(CONTESTANTS, unpack(one.predicted), strict=True))
    assert said["river"] == SILENT
    assert said[HAZARD] == said[PRIOR]  # nothing was learned yet
    for name, odds in model.contestants.items():
        p = p_order(path(buying, days, QUARTER, model.level, odds), QUARTER)
        assert said[name] / GRAIN == pytest.approx(p, abs=1e-5)
    whole = form.p_order(2, buying.last - buying.first, days - buying.first, 90.0)
    assert said[MBG_NBD] / GRAIN == pytest.approx(whole, abs=0.002)  # a line within the last step
    expected = expected_orders(buying, days, model.level, shipped("all").orders_90)
    assert one.orders / 256 == pytest.approx(expected, abs=1 / 256)


@given(st.lists(st.integers(1, 40 * DAY), min_size=1, max_size=24), st.booleans())
def test_each_is_scored_once_by_the_occasions_of_its_own_days(gaps: list[int], often: bool) -> None:
    """Whatever is bought, and however often: more than is kept one by one, too."""
    found, at, bought = shopper(), E0 + HOUR, []
    for gap in gaps:
        for _ in range(7 if often else 1):
            bought.append(at)
            buys(found, at)
            at += max(1, gap // 7) if often else gap
    end = at + 130 * DAY
    found.until(end)
    began, first_grid = occasions(bought), bought[0] + STEP_MS - (bought[0] - phase("u")) % STEP_MS
    for horizon in (30, 90):
        period = ceil(horizon / 14)
        steps = range(step("u", first_grid), step("u", end - 1) + 1)
        due = [n for n in steps if in_turn("u", n, period) and begins("u", n + period) < end]
        assert all(later - one == period for one, later in pairwise(due))
        came = [sum(begins("u", n) < x <= begins("u", n) + horizon * DAY for x in began) for n in due]
        scored = record(counts(found).scores, horizon, HAZARD)
        assert (scored.labels, scored.ordered) == (len(due), sum(map(bool, came)))
        if horizon == 90:
            labels, _, orders = counts(found).worth
            assert labels == len(due)
            assert orders == sum(came)


def test_who_cancels_everything_is_scored_all_the_same() -> None:
    found = buys(shopper(), E0 + HOUR, "only").rests(120)
    assert waited(found).keys() == {30, 90}
    found.does(Cancelled("only"), found.watermark)
    before = record(counts(found).scores, 90, HAZARD).labels
    found.rests(400)
    assert waited(found) == {}
    after = record(counts(found).scores, 90, HAZARD)
    assert (after.labels, after.ordered) == (before + 1, 0)


# How many orders come.


def shop(expected: float, came: int, days: int) -> Model:
    """A shop in which as many orders were expected each day, and came."""
    model, counted = first("all"), Counts(buyers=1)
    for day in range(days):
        labels, all_expected, all_came = counted.worth
        counted.worth = [labels + 1, all_expected + round(expected * UNIT), all_came + came]
        packed = Counts.decode(counted.encode())
        model = computed(packed, (20_000 + day) * DAY, model, share=0.1, labels=1_000)
    return model


def test_expected_orders_are_at_the_shops_own_scale() -> None:
    """Twenty orders speak for the shipped numbers; what is long ago fades."""
    few = shop(1.0, 2, 1)
    assert few.orders_scale == pytest.approx((2 + 20) / (1 + 20))
    many = shop(5.0, 10, 100)
    fades = sum(0.995**k for k in range(100))
    assert many.worth == pytest.approx((5 * fades, 10 * fades))
    assert many.orders_scale == pytest.approx((10 * fades + 20) / (5 * fades + 20))
    buying = buys(shopper(), E0).state("orders").buying()
    for days, theta in ((QUARTER, shipped("all").orders_90), (YEAR, shipped("all").orders_365)):
        taught = expected_orders(buying, E0 / DAY + 9, many.level, theta)
        assert orders_expected(buying, E0 / DAY + 9, days, many) == pytest.approx(many.orders_scale * taught)


def test_a_shop_of_which_nothing_matured_has_the_shipped_numbers() -> None:
    assert first("all").orders_scale == 1.0
    assert contest.verdict({}, 90).judge == PRIOR
