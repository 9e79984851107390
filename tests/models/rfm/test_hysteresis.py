"""Scores that hold still: in random shops with a table every day, and at a cut worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.features import ShopSettings
from models.kernel.events import Amended, Browsed, Cancelled, Event, Ordered, Refunded
from models.kernel.settings import DAY, HOUR
from models.rfm import scores
from models.rfm.cuts import FIXED, Cuts
from models.rfm.hysteresis import Scored, afresh, held
from tests.models.rfm.shop import Act, Shop
from tests.models.rfm.watch import Watch
from tests.models.shopper import E0, Shopper

ZONES = ("UTC", "Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin", "Pacific/Kiritimati")


def acts(rng: Random, buyers: int, days: int) -> list[Act]:
    """Orders in waves: on some days everybody comes, of others nobody; some are late, cancelled or changed."""
    sales = [rng.randrange(days) for _ in range(rng.randint(0, 3))]
    found: list[Act] = [(E0, E0, f"b{n}", Ordered(f"first{n}", 2_000 + n, True)) for n in range(buyers)]
    for number in range(rng.randint(buyers, 3 * buyers)):
        day = rng.choice(sales) if sales and rng.random() < 0.4 else int(days * rng.random() ** rng.choice((0.5, 1, 2)))
        at, user = E0 + day * DAY + rng.randrange(DAY), f"b{int(2 * buyers * rng.random() ** 2)}"
        amount = rng.choice((0, 2_500, round(rng.lognormvariate(8, 1))))
        late = rng.choice((0, 0, 0, rng.randrange(20 * DAY)))
        found.append((at, at - late, user, Ordered(f"o{number}", amount, True)))
        later = at + rng.randrange(1, 40 * DAY)
        follows: list[Event] = [
            Browsed("", 0, "p"),
            Cancelled(f"o{number}"),
            Refunded(f"r{number}", f"o{number}", amount // 3),
            Amended(f"o{number}", amount + 500, True),
        ]
        if rng.random() < 0.5:
            found.append((later, later, user, rng.choice(follows[: rng.choice((1, 4))])))
    return sorted(found, key=lambda act: act[0])


def lives(seed: int, shop: Any) -> Watch:
    """A random shop of that seed, watched for a hundred days."""
    rng, watch = Random(seed), Watch()
    run = Shop(shop, watch).runs(acts(rng, rng.randint(5, 40), 70), E0 + 100 * DAY)
    assert len(run.tables) >= 10
    assert any(not Cuts.decode(table).fixed for table in run.tables)
    return watch


@settings(deadline=None)
@given(
    st.integers(0, 2**32), st.sampled_from(ZONES), st.sampled_from((DAY, DAY, 7 * DAY)), st.sampled_from((0, 30 * DAY))
)
def test_without_an_own_order_r_never_rises_and_no_segment_comes_back(
    seed: int, zone: str, every: int, least: int
) -> None:
    shop = ShopSettings(time_zone=zone, table_every=every, table_buyers=5, table_history=least, half_life=20 * DAY)
    assert lives(seed, shop).moved


def test_a_shop_without_hysteresis_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the test above proves nothing."""
    monkeypatch.setattr("models.rfm.hysteresis.held", lambda had, *now: afresh(*now))
    with pytest.raises(AssertionError, match=r"rose|again"):
        lives(1, ShopSettings(table_every=DAY, table_buyers=5, table_history=0, half_life=20 * DAY))


@given(st.sampled_from(ZONES), st.integers(0, 400 * DAY), st.integers(0, 200))
def test_r_falls_at_the_shops_midnights(zone: str, ordered: int, days: int) -> None:
    """By fixed cuts: 14, 30, 60 and 120 calendar days after the day of the order, by a calendar on paper."""
    here = ZoneInfo(zone)
    bought = datetime.fromtimestamp((E0 + ordered) / 1000, here)
    midnight = datetime.combine(bought.date() + timedelta(days=days), datetime.min.time(), here)
    now = round(midnight.timestamp() * 1000)
    shopper = Shopper(ShopSettings(table_every=0, time_zone=zone)).does(Ordered("o", 1_000, True), E0 + ordered)
    for at, known in ((now, days), (now + HOUR, days), (now + 23 * HOUR - 1, days)):
        if at > E0 + ordered:
            shopper.until(at + 1)
            assert shopper.state("scores").scores // 100 == 5 - sum(known >= cut for cut in (14, 30, 60, 120))
    falls = shopper.state("scores").falls(FIXED, zone)
    due = [cut for cut in (14, 30, 60, 120) if cut > days]
    assert bool(falls) == bool(due)
    if due:
        shown = datetime.fromtimestamp(falls / 1000, here)
        assert (shown.date() - bought.date()).days == due[0]
        assert (shown - timedelta(milliseconds=1)).date() < shown.date()


@given(
    st.builds(Scored, *3 * [st.integers(1, 5)], st.sampled_from((-1, 0, 1))),
    st.lists(st.integers(2, 40), min_size=3, max_size=3).map(sorted),
    st.integers(1, 60),
)
def test_f_moves_only_beyond_a_whole_order_and_one_way(had: Scored, cuts: list[int], orders: int) -> None:
    table = Cuts(20260101, 500, frequency=(2, *cuts), half_life=90 * DAY)  # type: ignore[arg-type]
    new = held(had, table, 0, orders, 100.0, E0)
    near = {table.f(orders + more) for more in (-1, 0, 1)}
    if new.f != had.f:
        assert had.f not in range(min(near), max(near) + 1)
        assert new.f in near
        assert (new.f > had.f) == (new.way > 0)
        assert new.way * had.way >= 0
    else:
        assert new.way == had.way
        assert min(near) <= had.f <= max(near) or had.way


def test_a_table_moves_m_where_it_passes_a_buyer_by_a_tenth() -> None:
    had, last = Scored(5, 1, 3), E0
    for below, score in ((1_000, 3), (1_099, 3), (1_101, 2)):
        table = Cuts(0, 500, monetary=(100, below, 5_000, 9_000))
        assert held(had, table, 0, 1, 1_000.0, last).m == score
    for above, score in ((1_000, 3), (910, 3), (909, 4)):
        table = Cuts(0, 500, monetary=(100, 200, above, 9_000))
        assert held(had, table, 0, 1, 1_000.0, last).m == score


def test_an_own_order_event_scores_by_the_table_without_a_margin() -> None:
    shopper = Shopper(cuts=Cuts(20231101, 500, (5, 10, 15, 20), (2, 3, 4, 5), (1, 2, 3, 4)))
    for day in (0, 1, 2):
        shopper.buys(day)
    assert shopper.state("scores").scores == 535
    shopper.ctx.enforce("cuts", Cuts(20231102, 500, (5, 10, 15, 20), (2, 4, 6, 8), (1, 2, 3, 4)))
    assert shopper.looks(3).state("scores").scores == 535
    assert shopper.buys(4, order="o2", amount=20_000).state("scores").scores == 535  # known: no event at all
    assert shopper.does(Amended("o2", 20_000, True), E0 + 4 * DAY).state("scores").scores == 525


def test_a_state_stored_before_knows_no_way() -> None:
    old = msgspec.msgpack.encode([543, E0, 4, 900.0, 900, [19_675, 4, 300]])
    assert msgspec.msgpack.decode(old, type=scores.State).way == 0
