"""At most so many churn alerts a day: over all shards never more, and the rest waits and may be raised later."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import pairwise
from random import Random
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from models.churn.alert_message import ChurnAlert
from models.churn.computing import computed
from models.churn.counts import Counts, bound, cell
from models.churn.daily_limit import KEPT, part
from models.churn.least_value import WINDOW, Came, extended, least_value
from models.churn.model import NAME, Model, first
from models.features import SHOPPERS, ShopSettings
from models.kernel.boundaries import boundary, version
from models.kernel.events import Line, Ordered
from models.kernel.moment import Moment, slot
from models.kernel.settings import DAY
from models.profile.describe import describe
from tests.models.churn.shops import BEGIN, FOREVER, FoldedShop, Sale, sales
from tests.models.churn.test_alert import BASE, BOUGHT, MODEL, UNKNOWN, alerts, buys, judged, raised
from tests.models.shopper import Shopper

RISKY = replace(MODEL, alert=0.3)

# The parts of the shards.


@given(st.integers(1, 40), st.integers(10_000, 30_000), st.integers(1, 24))
def test_the_parts_of_all_shards_are_the_number_and_in_time_all_get_the_same(most: int, day: int, shards: int) -> None:
    for shift in range(3):
        assert sum(part(most, day + shift, shard, shards) for shard in range(shards)) == most
    over = [sum(part(most, day + shift, shard, shards) for shift in range(shards)) for shard in range(shards)]
    assert set(over) == {most}


# The least value.

parts = st.lists(st.dictionaries(st.integers(60, 70), st.integers(1, 9), max_size=5), max_size=4)


@given(parts, st.integers(1, 12))
def test_above_the_least_value_the_mean_of_a_day_is_within_the_number_and_it_is_the_lowest_such(
    came: list[dict[int, int]], most: int
) -> None:
    days = len(came)
    parted: Came = tuple((version(BEGIN + i * DAY), part) for i, part in enumerate(came))
    least = least_value(parted, BEGIN + days * DAY, most)

    def above(value: float) -> int:
        return sum(n for part in came for at, n in part.items() if bound(at) > value - 1)

    assert above(least) <= most * days
    lower = [bound(at) for part in came for at in part if bound(at) < least - 1]
    assert bool(lower) == bool(least)
    assert not lower or above(max(lower)) > most * days


@given(st.integers(1, 1 << 40))
def test_a_cell_is_above_the_least_value_as_a_whole_or_not_at_all(value: int) -> None:
    for at in (cell(value), cell(value) + 1):
        least = least_value(((version(BEGIN), {at: 1, at - 1: 1}),), BEGIN + DAY, 1)
        assert (value >= least) == (cell(value) >= at)


def test_only_the_last_four_weeks_are_looked_back_at() -> None:
    """Three alerts a day of low value and one of high; from the 10th day on none of low value any more."""
    counts, model = Counts(), first("all")
    for day in range(60):
        counts.stakes[96] = counts.stakes.get(96, 0) + 1
        if day < 10:
            counts.stakes[80] = counts.stakes.get(80, 0) + 3
        shards = Counts.decode(counts.encode())
        model = computed(shards, BEGIN + (day + 1) * DAY, model, share=0.1, labels=9, most=2)
        assert len(model.came) == min(day + 1, WINDOW)
        low = sum(day - back < 10 for back in range(min(day + 1, WINDOW)))  # of the last 28 days
        assert model.least_value == (4_096 if 3 * low > len(model.came) else 0)
        assert Model.decode(model.encode()) == model
    assert computed(counts, BEGIN + 61 * DAY, model, share=0.1, labels=9).came == ()


def test_days_without_a_model_count_too() -> None:
    """Two days between two boundaries: four alerts are two a day. Nor does it matter how often models are made."""
    one = computed(Counts(stakes={90: 5}), BEGIN, first("all"), share=0.1, labels=9, most=2)
    assert (one.least_value, one.came) == (2_656, ((version(BEGIN - DAY), {90: 5}),))
    two = computed(Counts(stakes={90: 9}), BEGIN + 2 * DAY, one, share=0.1, labels=9, most=3)
    assert (two.least_value, two.came[1:]) == (0, ((version(BEGIN), {90: 4}),))
    weekly = computed(Counts(stakes={90: 21}), BEGIN, first("all"), share=0.1, labels=9, every=7 * DAY, most=3)
    assert (weekly.least_value, boundary(weekly.came[0][0])) == (0, BEGIN - 7 * DAY)
    assert extended(two.came, BEGIN, BEGIN + 40 * DAY, {}, {}) == ((version(BEGIN), {}),)


# One buyer.


def full(shopper: Shopper, days: int = 400) -> Shopper:
    """No place is left on any of the days to come."""
    begin = shopper.watermark // DAY
    counts: Counts = shopper.ctx.sketches[NAME]
    counts.alerts = {begin + day: 1 for day in range(days)}
    return shopper


def counts_of(shopper: Shopper) -> Counts:
    found: Counts = shopper.ctx.sketches[NAME]
    return found


@cache
def moment() -> int:
    """When an alert is raised about who bought at these times, without a limit."""
    [alert] = raised(buys(judged(RISKY), *BOUGHT).until(BOUGHT[-1] + 100 * DAY))
    return alert.as_of


def test_who_finds_no_place_is_raised_a_day_later() -> None:
    shopper = buys(judged(RISKY, churn_most=1), *BOUGHT)
    counts_of(shopper).alerts = {moment() // DAY: 1}
    shopper.until(moment() + 60 * DAY)
    assert [alert.as_of for alert in raised(shopper)] == [moment() + DAY]
    assert shopper.ctx.effects.counts["churn_held"] == 1
    assert counts_of(shopper).alerts == {moment() // DAY: 1, moment() // DAY + 1: 1}
    assert sum(counts_of(shopper).stakes.values()) == 1


def test_who_never_finds_a_place_is_counted_once_and_let_go_after_four_weeks() -> None:
    shopper = full(buys(judged(RISKY, churn_most=1), *BOUGHT)).until(moment() + 26 * DAY)
    assert shopper.p is not None
    assert (raised(shopper), shopper.ctx.effects.counts["churn_held"]) == ([], 1)
    about = describe(shopper.p, {}, shopper.ctx.settings)["buyer"]
    assert (about["alert_held_back"], about["alerted"]) == (BOUGHT[-1], 0)
    counts_of(shopper).alerts = {}
    later = moment() + 29 * DAY
    assert len(raised(shopper.until(later))) == 1
    shopper = full(buys(judged(RISKY, churn_most=1), *BOUGHT)).until(later)
    counts_of(shopper).alerts = {}
    assert raised(shopper.until(later + 100 * DAY)) == []
    assert SHOPPERS.named["churn"].number not in shopper.p.dues
    again = [later + 101 * DAY, later + 106 * DAY]
    assert len(raised(buys(shopper, *again).until(again[-1] + 200 * DAY))) == 1
    assert sum(counts_of(shopper).stakes.values()) == 2


def test_of_low_value_it_waits_for_the_next_snapshot_and_a_model_that_asks_for_less() -> None:
    [unlimited] = raised(buys(judged(RISKY), *BOUGHT).until(moment() + 1))
    value = unlimited.value_at_stake
    for least, raises in ((value, True), (value + 1, False)):
        model = replace(RISKY, least_value=least)
        shopper = buys(judged(model, churn_most=9), *BOUGHT).until(moment() + 1)
        assert (len(raised(shopper)), shopper.ctx.effects.counts["churn_held"]) == (raises, not raises)
        assert counts_of(shopper).stakes == {cell(value): 1}
    snapshot = shopper.state("examples").at + 14 * DAY
    shopper.ctx.enforce(NAME, replace(RISKY, least_value=value))
    assert raised(shopper.until(snapshot)) == []
    [alert] = raised(shopper.until(snapshot + 2))
    assert (alert.as_of, alert.value_at_stake) == (snapshot + 1, value)
    assert counts_of(shopper).stakes == {cell(value): 1}


def test_an_order_ends_the_wait() -> None:
    shopper = full(buys(judged(RISKY, churn_most=1), *BOUGHT), 60).until(moment() + 2 * DAY)
    buys(shopper, moment() + 2 * DAY).until(moment() + 12 * DAY)
    assert alerts(shopper) == []
    assert len(raised(shopper.until(moment() + 200 * DAY))) == 1


def test_the_overdue_rule_has_no_more_places() -> None:
    """But no least value: it is 30 days that make three usual gaps of ten days."""
    model = replace(UNKNOWN, least_value=1 << 50)
    for settings in ({}, {"table_every": 0}):
        shopper = buys(judged(model, churn_most=1, **settings), *BOUGHT)
        counts_of(shopper).alerts = {(BOUGHT[-1] + 30 * DAY) // DAY: 1}
        shopper.until(BOUGHT[-1] + 100 * DAY)
        [alert] = raised(shopper)
        assert 31 <= (alert.as_of - BOUGHT[-1]) / DAY < 32  # a day after it was looked at last
        assert (shopper.ctx.effects.counts["churn_held"], counts_of(shopper).stakes) == (1, {})
        shopper = full(buys(judged(model, churn_most=1, **settings), *BOUGHT)).until(BOUGHT[-1] + 59 * DAY)
        counts_of(shopper).alerts = {}
        assert raised(shopper.until(BOUGHT[-1] + 200 * DAY)) == []


def test_without_a_limit_nothing_is_counted() -> None:
    shopper = buys(judged(replace(RISKY, least_value=1 << 50)), *BOUGHT).until(moment() + 1)
    assert len(raised(shopper)) == 1
    assert (counts_of(shopper).stakes, counts_of(shopper).alerts) == ({}, {})


def test_a_day_begins_at_the_shops_midnight() -> None:
    shopper = buys(judged(RISKY, churn_most=1, time_zone="Asia/Shanghai"), *BOUGHT).until(moment() + 1)
    assert counts_of(shopper).alerts == {(moment() + 8 * DAY // 24) // DAY: 1}


def test_of_days_long_past_nothing_is_known_and_nothing_raised() -> None:
    today = moment() // DAY
    for newest, raises in ((today + KEPT - 1, True), (today + KEPT, False)):
        shopper = buys(judged(RISKY, churn_most=5), *BOUGHT)
        counts_of(shopper).alerts = {newest: 1}
        assert len(raised(shopper.until(moment() + 1))) == raises
        assert counts_of(shopper).alerts == ({newest: 1, today: 1} if raises else {newest: 1})


# Shops.


class Raised(NamedTuple):
    """An alert, and the day of the shop it is of."""

    alert: ChurnAlert
    day: int


def sharded(seed: int, shards: int, most: int, model: Model) -> tuple[list[Raised], Counter[str]]:
    """What the shards of a shop of many buyers raise, and count."""
    random, found, counted = Random(seed), list[Raised](), Counter[str]()
    for shard in range(shards):
        shop = FoldedShop(ShopSettings(currency="USD", churn_most=most), begin=FOREVER)
        shop.ctx.partition, shop.ctx.partitions = shard, shards
        shop.ctx.enforce(NAME, model)
        sold = []
        for buyer in range(random.randint(0, 12)):
            at = BASE + random.randrange(20 * DAY)
            for _ in range(random.randint(2, 4)):
                sold.append(Sale(at, f"{shard}-{buyer}", random.randrange(100, 20_000), 1))
                at += random.randrange(2 * DAY, 25 * DAY)
        shop.run(sorted(sold), BASE + 200 * DAY)
        found += [Raised(alert, alert.as_of // DAY) for alert in shop.alerts if alert.kind == "raised"]
        counted.update(shop.ctx.effects.counts)
    return found, counted


@given(st.integers(0, 1 << 30), st.integers(1, 4), st.integers(1, 3), st.sampled_from([0, 2_000]))
def test_never_more_than_the_number_a_day_over_all_shards(seed: int, shards: int, most: int, least: int) -> None:
    model = replace(RISKY, least_value=least)
    found, counted = sharded(seed, shards, most, model)
    assert max(Counter(day for _, day in found).values(), default=0) <= most
    assert all(alert.value_at_stake >= least for alert, _ in found)
    free, _ = sharded(seed, shards, 0, model)
    # Of the same buyers, if perhaps for another order: who was held back has no cool-down.
    assert {alert.user_id for alert, _ in found} <= {alert.user_id for alert, _ in free}
    # Whoever is missing was counted; others may have found a place later.
    assert len(free) - len(found) <= counted["churn_held"]


@cache
def grown(most: int) -> FoldedShop:
    """A shop whose buyers leave, with its models, over five months."""
    settings = ShopSettings(currency="EUR", churn_share=0.8, churn_most=most)
    return FoldedShop(settings).run(sales(7, 150, 130.0, leave=0.15), BEGIN + 150 * DAY)


def test_in_a_shop_those_raised_are_worth_more_than_those_held_back() -> None:
    """By the model, once it has looked back at four weeks: nobody below its least value, which moves."""
    free, limited = grown(0), grown(1)
    models = {model.judged_by(90): model for model in limited.models.values()}
    by_model = [alert for alert in limited.alerts if alert.kind == "raised" and alert.model in models]
    assert all(alert.value_at_stake >= models[alert.model].least_value for alert in by_model)
    assert max(Counter(alert.as_of // DAY for alert in by_model).values()) == 1
    assert len({model.least_value for model in models.values()}) > 5
    told = {(alert.user_id, alert.last_order) for alert in limited.alerts if alert.kind == "raised"}
    values: dict[bool, list[int]] = {True: [], False: []}
    for alert in free.alerts:
        if alert.kind == "raised" and alert.model in models:
            values[(alert.user_id, alert.last_order) in told].append(alert.value_at_stake)
    assert len(values[True]) > 20 < len(values[False])
    mean = {chosen: sum(found) / len(found) for chosen, found in values.items()}
    assert mean[True] > 1.3 * mean[False]
    assert limited.ctx.effects.counts["churn_held"] > 20
    stakes = [sum(model.counts.stakes.values()) for _, model in sorted(limited.models.items())]
    assert all(a <= b for a, b in pairwise(stakes))


def test_the_moment_is_the_alerts_own() -> None:
    """Whoever else looks at the buyer on that day takes no place."""
    shopper = buys(judged(RISKY, churn_most=1), *BOUGHT).until(moment() + 1)
    assert shopper.p is not None
    now = moment() + 1
    m = Moment(shopper.ctx, "u", shopper.p, now, now, None, SHOPPERS)
    before = dict(counts_of(shopper).alerts)
    SHOPPERS.named["churn"].evaluate(m)
    assert counts_of(shopper).alerts == before == {now // DAY: 1}
    assert slot(shopper.p, SHOPPERS.named["churn"]).held == 0
    shopper.does(Ordered("x", 5_000, True, lines=(Line("p", 1),)), now)
    assert [alert.kind for alert in alerts(shopper)] == ["raised", "cleared"]
