"""Bounded steps: how far cuts move, and that nothing is missed by who looks only where a table may matter."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from models.features import SHOPPERS, ShopSettings
from models.kernel.boundaries import version
from models.kernel.settings import DAY, HOUR
from models.kernel.zones import day
from models.rfm import scores
from models.rfm.cuts import FIXED, Cuts
from models.rfm.sketch import NOTHING
from models.rfm.steps import bounded
from tests.models.rfm.shop import Shop
from tests.models.rfm.test_hysteresis import ZONES, acts
from tests.models.rfm.watch import Watch
from tests.models.shopper import E0

OWN = Cuts(20260101, 500, (10, 20, 30, 40), (2, 3, 4, 6), (100, 200, 300, 400), half_life=90 * DAY)


def run(seed: int, shop: ShopSettings) -> Shop:
    """A random shop of that seed, for a year."""
    rng = Random(seed)
    return Shop(shop, Watch()).runs(acts(rng, rng.randint(5, 40), 100), E0 + 300 * DAY)


@settings(deadline=None)
@given(
    st.integers(0, 2**32),
    st.builds(
        ShopSettings,
        time_zone=st.sampled_from(ZONES),
        table_every=st.sampled_from((DAY, DAY, 7 * DAY)),
        table_lag=st.sampled_from((0, HOUR, 20 * HOUR)),
        table_buyers=st.just(5),
        table_history=st.sampled_from((0, 30 * DAY)),
        half_life=st.sampled_from((5 * DAY, 20 * DAY, 90 * DAY)),
    ),
)
def test_who_looks_only_where_a_table_may_matter_is_told_the_same_as_who_looks_at_each(
    seed: int, shop: ShopSettings
) -> None:
    some = run(seed, shop)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scores, "first_move", lambda *_: 0)
        patch.setattr(scores, "notice", lambda *_: 0)
        every = run(seed, shop)
    assert some.tables == every.tables
    assert some.ctx.effects.outputs == every.ctx.effects.outputs
    assert any(not Cuts.decode(table).fixed for table in some.tables)
    assert some.timers_fired <= every.timers_fired


def test_by_fixed_cuts_a_buyer_is_looked_at_when_the_history_is_long_enough() -> None:
    """The history begins 20 days before the first order and must be 90 days long: 70 days later."""
    shop = ShopSettings()
    ctx, buyer = SHOPPERS.context(shop), scores.State(111, E0, 1, 1.0)
    first = day(E0, "UTC") - 20
    ctx.enforce("cuts", Cuts(20261001, 500, hours=(1,) * 24, since=first))
    assert ctx.version == 0
    look = scores.due(ctx, "u", buyer, E0)
    assert 0 <= look - (first + 90) * DAY - shop.table_lag < DAY
    assert 0 < scores.due(ctx, "u", buyer, look) - look <= DAY
    ctx.enforce("cuts", Cuts())
    assert 0 < scores.due(ctx, "u", buyer, E0) - E0 <= DAY


def test_a_buyer_far_from_every_cut_is_looked_at_seldom() -> None:
    """R falls after 100 days, and that cut may come nearer by a day a day: looks after about 1/2, 3/4 and 7/8 of it."""
    ctx, far = SHOPPERS.context(ShopSettings()), scores.State(555, E0, 30, 1e6)
    looks: list[int] = []
    now, cuts = E0, replace(OWN, recency=(100, 200, 300, 400))
    while now < E0 + 90 * DAY:
        ctx.enforce("cuts", replace(cuts, version=version(now - now % DAY)))
        now = scores.due(ctx, "u", far, now)
        looks.append((now - E0) // DAY)
    assert looks == pytest.approx([49, 74, 86, 92], abs=3)


cuts = st.lists(st.integers(2, 900), min_size=4, max_size=4).map(lambda found: tuple(sorted(found)))


@given(st.builds(replace, st.just(OWN), recency=cuts, frequency=cuts, monetary=cuts), st.integers(20260102, 20260131))
def test_no_cut_moves_further_than_the_days_between_allow(wanted: Cuts, version: int) -> None:
    days = version - 20260101
    thursdays = sum(20260101 < day <= version for day in (20260108, 20260115, 20260122, 20260129))
    found = bounded(replace(wanted, version=version), OWN)
    for axis, most in (("recency", days), ("frequency", thursdays), ("monetary", 2 * days)):
        ours, theirs, old = (getattr(table, axis) for table in (found, wanted, OWN))
        assert list(ours) == sorted(ours)
        for now, goal, was in zip(ours, theirs, old, strict=True):
            assert abs(now - was) <= most
            assert now == goal or abs(now - was) == most
            assert abs(now - goal) <= abs(was - goal)


def test_a_first_table_and_one_on_another_axis_take_their_cuts_at_once() -> None:
    far = replace(OWN, version=20260102, recency=(100, 200, 300, 400), monetary=(9, 99, 999, 9_999))
    assert bounded(far, FIXED) == bounded(far, Cuts(20260101, 150)) == far
    assert bounded(far, replace(OWN, half_life=30 * DAY)) == far
    assert bounded(far, replace(OWN, monetary=4 * (NOTHING + 1,))).monetary == far.monetary


def test_cuts_that_were_computed_stay_where_a_table_has_none() -> None:
    few = Cuts(20260102, 150, devices={"mobile": 3})
    assert bounded(few, OWN) == replace(OWN, version=20260102, buyers=150, devices={"mobile": 3})
    assert bounded(few, FIXED) == few
