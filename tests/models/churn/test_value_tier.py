"""`value_next_year`: the tenth of all buyers who are expected to spend most, and the next three tenths."""

from __future__ import annotations

from collections import Counter
from functools import cache
from math import log1p

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from models.churn.computing import computed
from models.churn.counts import NOWHERE, Counts, bound, cell, total
from models.churn.level import Level
from models.churn.model import NAME, Model, first
from models.churn.outlook import outlook
from models.churn.shares import KNOWN, MARGIN, cut, tier, tiers
from models.churn.worth import spending
from models.features import SHOPPERS
from models.kernel.events import Browsed, Cancelled
from models.kernel.moment import slot
from models.kernel.outputs import TagChange
from models.kernel.settings import DAY
from models.kernel.tags import name
from models.orders.buying import Buying
from tests.models.churn.shops import BEGIN, FoldedShop, sales
from tests.models.shopper import E0, Shopper

FAMILY = "value_next_year:"
LEVEL = Level(rate=0.02, gap_mean=log1p(30), gap_sd=0.8, amount=log1p(50), items=log1p(2))
MODEL = replace(first("all"), version=20231114, level=LEVEL)
BUYER_TTL = 3 * 365


def judged(*cuts: float, model: Model = MODEL) -> Shopper:
    shopper = Shopper()
    shopper.ctx.enforce(NAME, replace(model, tiers=cuts or None))
    return shopper


def counts(shopper: Shopper) -> Counts:
    found: Counts = shopper.ctx.sketches[NAME]
    return found


def expected(shopper: Shopper, days: float) -> int:
    """What the buyer is expected to spend in the year from some days after `E0` on."""
    assert shopper.p is not None
    buying: Buying = slot(shopper.p, SHOPPERS.named["orders"]).buying()
    return spending(buying, E0 / DAY + days, MODEL)


# Which value has which tier.

histograms = st.dictionaries(st.integers(60, 90), st.integers(1, 30), min_size=2, max_size=10)


@given(histograms)
def test_the_top_tenth_and_the_next_three(values: dict[int, int]) -> None:
    """As many buyers as whole cells allow, by buyers one by one."""
    buyers = sorted((bound(at) for at, n in values.items() for _ in range(n)), reverse=True)
    found = tiers(values)
    assert (found is None) == (len(buyers) < KNOWN)
    for least, part in zip(found or (), (0.1, 0.4), strict=False):
        within = [value for value in buyers if value >= least]
        assert len(within) <= part * len(buyers)
        below = buyers[len(within)]
        assert sum(value >= below for value in buyers) > part * len(buyers)


@given(histograms, st.floats(0, 400))
def test_from_the_highest_is_from_the_lowest_the_other_way_round(values: dict[int, int], most: float) -> None:
    mirrored = {-at - 1: n for at, n in values.items()}
    assert cut(values, most, descending=True) == -cut(mirrored, most)


def test_no_cells_no_cut() -> None:
    with pytest.raises(ValueError, match="nothing is counted"):
        cut({}, 1)


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=30), st.sampled_from([None, 0, 1, 2]))
def test_a_tier_is_left_downwards_by_a_margin_only(values: list[float], held: int | None) -> None:
    high, medium = 10_000.0, 1_000.0
    for value in values:
        new = tier([value / high, value / medium], held)
        plain = 0 if value >= high else 1 if value >= medium else 2
        assert new <= plain
        if held is None or new < held:
            assert new == plain
        elif new < plain:
            assert value * MARGIN >= (high, medium)[new] * (1 - 1e-12)
        held = new


# One buyer.


def test_what_is_expected_is_what_people_are_shown() -> None:
    shopper = judged(1.0, 1.0).buys(0, 9_000).buys(20, 7_000)
    assert shopper.p is not None
    buying: Buying = slot(shopper.p, SHOPPERS.named["orders"]).buying()
    shown = outlook(buying, E0 + 20 * DAY, 90 * DAY, MODEL)
    assert shown.value_next_year == expected(shopper, 20)
    assert shown.value_next_year == pytest.approx(shown.expected_orders_365d * 100 * np.expm1(buying.amount), rel=0.3)
    [change] = [change for change in shopper.changes if change.tag.startswith(FAMILY)]
    assert (change.kind, change.tag, change.table) == ("entered", "value_next_year:high", MODEL.name)
    first_order = expected(judged().buys(0, 9_000), 0)
    assert change.reason == f"expected to spend {first_order} in USD minor units within a year"


def test_an_order_raises_the_tier_and_silence_lowers_it_with_a_snapshot() -> None:
    plain = judged().buys(0, 5_000)
    one = expected(plain, 0)
    two = expected(plain.buys(10, 50_000), 10)
    assert two > 2 * one
    shopper = judged(two, one + 1).buys(0, 5_000)
    assert shopper.told(FAMILY) == [("entered", "value_next_year:low", 0)]
    shopper.buys(10, 50_000)
    assert shopper.told(FAMILY)[1:] == [
        ("exited", "value_next_year:low", 10), ("entered", "value_next_year:high", 10),
    ]  # fmt: skip
    shopper.rests(10 + 700)
    later = shopper.told(FAMILY)[3:]
    assert [(kind, tag) for kind, tag, _ in later] == [
        ("exited", "value_next_year:high"), ("entered", "value_next_year:medium"),
        ("exited", "value_next_year:medium"), ("entered", "value_next_year:low"),
    ]  # fmt: skip
    for change in shopper.changes:
        if change.tag == "value_next_year:high" and change.kind == "exited":
            days = (change.as_of - E0) / DAY
            assert expected(shopper, days) * MARGIN < two <= expected(shopper, days - 14) * MARGIN
            assert change.as_of == snapshot(shopper, change)


def snapshot(shopper: Shopper, change: TagChange) -> int:
    """The snapshot next to a change: whole periods away from the pending one (ms)."""
    at: int = shopper.state("examples").at
    return at - round((at - change.as_of) / (14 * DAY)) * 14 * DAY


def test_without_a_valid_order_there_is_none() -> None:
    shopper = judged(1e9, 1.0).buys(0, 5_000, "a").rests(20)
    assert shopper.held >= {"value_next_year:medium"}
    assert sum(counts(shopper).values.values()) == 1
    shopper.does(Cancelled("a"), E0 + 20 * DAY)
    assert not {tag for tag in shopper.held if tag.startswith(FAMILY)}
    assert shopper.changes[-1].reason == "no valid order left"
    assert counts(shopper).values == {}
    assert judged(1e9, 1.0).looks(0, "p").looks(1, "p").told(FAMILY) == []


def test_while_too_few_buyers_are_known_nothing_is_said_but_buyers_are_counted() -> None:
    shopper = judged().buys(0, 5_000).rests(60)
    assert shopper.told(FAMILY) == []
    [(at, n)] = counts(shopper).values.items()
    assert n == 1
    assert at == cell(expected(shopper, (shopper.state("examples").at - E0) / DAY))
    assert shopper.state("value_next_year").cell == at


def test_a_buyer_who_is_forgotten_is_counted_no_more_and_leaves_the_tier() -> None:
    shopper = judged(1e9, 1.0).buys(0, 5_000).rests(BUYER_TTL + 1)
    assert shopper.p is None
    assert counts(shopper).values == {}
    assert shopper.told(FAMILY)[-1][0] == "exited"


def test_it_is_not_evaluated_by_clicks(monkeypatch: pytest.MonkeyPatch) -> None:
    shopper, looked = judged(1e9, 1.0).buys(0, 5_000), Counter[str]()
    feature = SHOPPERS.named["value_next_year"]
    monkeypatch.setattr("models.churn.value_tier.spending", lambda *_: looked.update(["looked"]) or 1)
    reads = feature.signals["orders"] | feature.signals["snapshot"]
    assert SHOPPERS._reads[SHOPPERS.features.index(feature)] == reads
    for i in range(50):
        shopper.does(Browsed("shoes", 1, "p"), E0 + i)
    assert looked == {}
    shopper.rests(15)
    assert looked["looked"] == 1


# A shop.


@cache
def grown() -> FoldedShop:
    """A shop of 150 buyers, with its models, over five months."""
    return FoldedShop().run(sales(3, 150, 150.0, leave=0.1), BEGIN + 150 * DAY)


def test_in_a_shop_about_a_tenth_are_high_and_three_tenths_medium() -> None:
    shop = grown()
    held = Counter(
        name(key, [], SHOPPERS.tags)
        for p in shop.profiles.values() if p is not None
        for key in (p.tags or [])[::2] if isinstance(key, int) and 15 <= key <= 17
    )  # fmt: skip
    buyers = len(shop.profiles)
    assert sum(held.values()) == buyers
    assert 0.03 < held["value_next_year:high"] / buyers < 0.2
    assert 0.2 < held["value_next_year:medium"] / buyers < 0.4
    assert sum(shop.counts.values.values()) == sum(
        slot(p, SHOPPERS.named["value_next_year"]).cell != NOWHERE for p in shop.profiles.values() if p is not None
    )


def test_it_tells_who_spends() -> None:
    """What is spent in the next half year, on average, by the tier held at its beginning: in the same shop, as it goes
    on."""
    shop, bought = FoldedShop(), sales(5, 150, 320.0, leave=0.1)
    begin = BEGIN + 150 * DAY
    shop.run([sale for sale in bought if sale.at < begin], begin)
    spent: Counter[str] = Counter()
    for sale in bought:
        if sale.at >= begin:
            spent[sale.user] += sale.amount
    means = []
    for key in (15, 16, 17):
        users = [user for user, p in shop.profiles.items() if p is not None and key in (p.tags or [])]
        means.append(sum(spent[user] for user in users) / len(users))
    assert means[0] > 1.5 * means[1] > 2 * means[2]


def test_the_cuts_are_those_of_all_buyers_however_they_are_split() -> None:
    shards = [Counts() for _ in range(3)]
    for number, (at, n) in enumerate(grown().counts.values.items()):
        shards[number % 3].values[at] = n
    model = computed(total(shards), BEGIN + 150 * DAY, first("all"), share=0.1, labels=50_000)
    states = [slot(p, SHOPPERS.named["value_next_year"]) for p in grown().profiles.values() if p is not None]
    cells = sorted((state.cell for state in states if state.cell != NOWHERE), reverse=True)
    assert model.tiers is not None
    for least, part in zip(model.tiers, (0.1, 0.4), strict=True):
        within = sum(bound(at) >= least for at in cells)
        assert within <= part * len(cells) < sum(at >= cells[within] for at in cells)
    assert Model.decode(model.encode()).tiers == model.tiers
