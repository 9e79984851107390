"""Labels through the fold: when snapshots are taken, that each matures once, and that what was learned stays."""

from __future__ import annotations

from itertools import pairwise
from math import exp, log
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from models.churn.counts import NOWHERE, Counts, bound, cell
from models.churn.covariates import covariates, pack
from models.churn.examples import State
from models.churn.model import NAME, Model, first
from models.churn.posterior import UNIT, dot, sigmoid
from models.churn.rollout import risk
from models.churn.sampling import phase, stands_for
from models.churn.scoring import CONTESTANTS, GRAIN, HAZARD, record, unpack
from models.churn.track_record import TrackRecord
from models.features import ShopSettings
from models.kernel.events import Browsed, Cancelled, Ordered, Refunded
from models.kernel.settings import DAY, HOUR
from tests.models.shopper import E0, Shopper

STEP = 14 * DAY
MODEL = replace(first("all"), version=20231114)
GRID = E0 - (E0 - crc32(b"u") * STEP // 2**32) % STEP + STEP
"""The first moment after `E0` at which snapshots of the shopper are due."""


def shopper(model: Model = MODEL, **settings: int) -> Shopper:
    found = Shopper(ShopSettings(currency="USD", **settings))
    found.ctx.enforce(NAME, model)
    return found


def buys(found: Shopper, at: int, order: str = "", amount: int = 10_000) -> Shopper:
    return found.does(Ordered(order or f"o{at}", amount, True), at)


def counts(found: Shopper) -> Counts:
    counted: Counts = found.ctx.sketches[NAME]
    return counted


def counted(found: Shopper, name: str = "labels") -> int:
    return found.ctx.effects.counts[name]


def scored(found: Shopper) -> TrackRecord:
    """How the hazard did, of labels of one step."""
    return record(counts(found).scores, 14, HAZARD)


def pending(found: Shopper) -> State:
    state: State = found.state("examples")
    return state


# When.


def test_a_snapshot_is_taken_at_the_shoppers_own_times_only() -> None:
    found, taken = shopper(), set()
    buys(found, E0 + HOUR)
    assert pending(found).at == 0
    for hour in range(2, 100 * 24, 6):
        found.does(Browsed("", 0, ""), E0 + hour * HOUR)
        taken.add(pending(found).at)
    taken.discard(0)
    assert sorted(taken) == list(range(GRID, GRID + len(taken) * STEP, STEP))
    assert len(taken) == 7
    assert phase("u") == GRID % STEP


def test_it_freezes_what_is_known_and_predicted_then() -> None:
    found = buys(shopper(), E0 + HOUR)
    buys(found, E0 + 20 * DAY)
    at = GRID + ((E0 + 20 * DAY - GRID) // STEP + 1) * STEP
    found.until(at + 1)
    buying, state = found.state("orders").buying(), pending(found)
    x = covariates(buying, at / DAY, MODEL.level)
    assert (state.at, state.version, state.covariates) == (at, MODEL.version, pack(x))
    predicted = dict(zip(CONTESTANTS, unpack(state.predicted), strict=True))
    assert predicted[HAZARD] / GRAIN == pytest.approx(sigmoid(dot(x, MODEL.hazard)), abs=2e-4)
    hazard = -log(risk(buying, at / DAY, 90, MODEL.level, MODEL.odds(90)))
    assert counts(found).hazards == {cell(hazard): 1} == {state.hazard: 1}


@given(st.lists(st.integers(1, 60), min_size=1, max_size=6), st.integers(1, 1_500))
def test_risks_are_counted_where_the_newest_snapshot_has_them(gaps: list[int], rests: int) -> None:
    """By tenths, to a cell: what the histogram of hazards has, until the buyer is forgotten."""
    found, at = shopper(), E0
    for gap in gaps:
        at += gap * DAY
        buys(found, at)
        check_risks(found)
    found.until(at + rests * DAY)
    check_risks(found)


def check_risks(found: Shopper) -> None:
    risks = {name: n for name, n in found.ctx.effects.counts.items() if name.startswith("risk:") and n}
    if found.p is None or pending(found) is None or pending(found).hazard == NOWHERE:
        assert risks == {}
        return
    between = [exp(-bound(pending(found).hazard + end)) for end in (1, 0)]
    ((name, n),) = risks.items()
    tenth = int(name.removeprefix("risk:"))
    assert n == 1
    assert 10 * between[0] - 1 <= tenth <= 10 * between[1]


def test_before_any_model_there_are_none() -> None:
    found = buys(shopper(first("all")), E0 + HOUR).rests(100)
    assert pending(found).at == counted(found) == 0
    assert counts(found).buyers == 1
    found.ctx.enforce(NAME, MODEL)
    assert pending(found.rests(115)).at > E0 + 100 * DAY


def test_without_tables_there_is_nothing_to_wait_for() -> None:
    found, other = (buys(shopper(table_every=every), E0 + HOUR) for every in (0, DAY))
    assert found.state("examples") is None
    assert len(found.p.dues) + 1 == len(other.p.dues)
    found.rests(100)
    assert counts(found) == Counts()
    assert NAME not in found.ctx.effects.recounted


def test_who_only_looks_has_no_snapshots() -> None:
    found = shopper()
    for day in range(25):
        found.does(Browsed("", 0, ""), E0 + day * DAY)
    assert pending(found) is None or pending(found).at == 0
    assert counts(found) == Counts()


# What matures.


@pytest.mark.parametrize(
    ("after", "ordered"),
    [(1, True), (3 * DAY, True), (STEP, True), (STEP + 1, False), (None, False)],
)
def test_it_matures_by_the_shoppers_own_timer_either_way(after: int | None, ordered: bool) -> None:
    """The window is (snapshot, snapshot + 14 days]."""
    found = buys(shopper(), E0 + HOUR).until(GRID + 1)
    if after is not None:
        buys(found, GRID + after)
    assert counted(found) == 0 or (after or 0) >= STEP
    found.until(GRID + STEP + 1)
    labels = counts(found).labels
    assert (labels.labels, labels.positives, counted(found)) == (1, ordered, 1)
    assert scored(found).ordered == ordered


def test_what_an_event_of_its_very_moment_lets_mature_does_not_mature_again() -> None:
    """That event is no timer, so the next snapshot is taken fourteen days later."""
    found = buys(shopper(), E0 + HOUR).until(GRID + 1)
    for at in (GRID + STEP, GRID + STEP + 2 * DAY):
        buys(found, at)
        assert (counted(found), counts(found).labels.positives) == (1, 1)
    buys(found, GRID + 2 * STEP - DAY).until(GRID + 3 * STEP)
    assert (counted(found), pending(found).at) == (1, GRID + 2 * STEP)
    assert counted(found.until(GRID + 3 * STEP + 1)) == 2


def test_what_is_scored_is_what_was_predicted_then() -> None:
    """Not what the model in force would say now; learned is by the weights in force."""
    found = buys(shopper(), E0 + HOUR).until(GRID + 1)
    predicted = unpack(pending(found).predicted)[0]
    other = replace(MODEL, version=20231201, hazard=tuple(weight / 2 for weight in MODEL.hazard))
    found.ctx.enforce(NAME, other)
    x = (1.0, *np.frombuffer(pending(found).covariates, "<f2").astype(float))
    found.until(GRID + STEP + 1)
    assert scored(found).expected == round(predicted / GRAIN * UNIT)
    expected = Counts()
    expected.labels.add_label(x, False, other.hazard)
    assert counts(found).labels == expected.labels


@given(st.lists(st.integers(1, 40 * DAY), min_size=1, max_size=12))
def test_every_snapshot_matures_exactly_once(gaps: list[int]) -> None:
    """As many labels as steps have passed since the first snapshot, each of its own days, whatever the shopper does."""
    found, at, bought = shopper(), E0 + HOUR, []
    for gap in gaps:
        bought.append(at)
        buys(found, at)
        at += gap
    end = at + 60 * DAY
    found.until(end)
    begins = range(bought[0] + STEP - (bought[0] - phase("u")) % STEP, end, STEP)
    windows = [(begin, begin + STEP) for begin in begins if begin + STEP < end]
    hit = {begin for begin, until in windows if any(begin < x <= until for x in occasions(bought))}
    assert counted(found) == counts(found).labels.labels == len(windows)
    assert counts(found).labels.positives == len(hit)


def occasions(times: list[int]) -> list[int]:
    """Orders of a day after the first one of an occasion belong to it."""
    found = times[:1]
    for at in times[1:]:
        if at - found[-1] >= DAY:
            found.append(at)
    return found


# What changes nothing.


def test_a_second_report_a_refund_and_a_cancellation_unlearn_nothing() -> None:
    found = buys(shopper(), E0 + HOUR, "first").until(GRID + 1)
    buys(found, GRID + DAY, "second").until(GRID + STEP + 1)
    learned = counts(found).labels, scored(found)
    assert learned[0].positives == 1
    for event in (Ordered("second", 10_000, True), Refunded("r", "second", 10_000), Cancelled("first")):
        found.does(event, GRID + STEP + DAY)
        assert (counts(found).labels, scored(found)) == learned
    assert (counted(found), counted(found, "label_revised")) == (1, 0)


def test_an_order_cancelled_before_the_label_matures_is_none() -> None:
    found = buys(shopper(), E0 + HOUR, "first").until(GRID + 1)
    buys(found, GRID + DAY, "second").does(Cancelled("second"), GRID + 2 * DAY)
    assert counts(found.until(GRID + STEP + 1)).labels.positives == 0


def test_an_order_reported_after_its_label_counts_as_revised_once() -> None:
    found = buys(shopper(), E0 + HOUR).until(GRID + STEP + 1)
    learned = counts(found).labels
    late = GRID + 5 * DAY
    for order, at, revised in (
        ("before", GRID - HOUR, 0),  # not of the label's days
        ("late", late, 1),
        ("late", late, 1),
        ("later", late + 2 * DAY, 1),
    ):
        found.does(Ordered(order, 900, True), at)
        assert counted(found, "label_revised") == revised
    assert (counts(found).labels, counts(found).labels.positives) == (learned, 0)


def test_a_late_report_of_what_was_known_to_be_bought_revises_nothing() -> None:
    found = buys(shopper(), E0 + HOUR).until(GRID + 1)
    buys(found, GRID + DAY).until(GRID + STEP + 1)
    buys(found, GRID + 4 * DAY)
    assert (counts(found).labels.positives, counted(found, "label_revised")) == (1, 0)


# The level, and who is counted.


def test_the_level_counts_each_buyer_once_as_the_orders_are_now() -> None:
    found = buys(shopper(), E0 + HOUR, "one")
    for days in (10, 30):
        buys(found, E0 + days * DAY, f"o{days}")
    assert (counts(found).buyers, counts(found).repeats, counts(found).first) == (1, 2, E0 + HOUR)
    assert counts(found).gaps[0] == 2
    found.does(Cancelled("one"), E0 + 31 * DAY)
    assert (counts(found).buyers, counts(found).repeats, counts(found).first) == (1, 1, E0 + 10 * DAY)
    for days in (10, 30):
        found.does(Cancelled(f"o{days}"), E0 + 32 * DAY)
    assert (counts(found).buyers, counts(found).repeats, counts(found).first) == (0, 0, 0)


def test_who_is_forgotten_is_counted_no_more_but_what_was_learned_stays() -> None:
    found = shopper(buyer_ttl=60 * DAY)
    for days in (0, 10, 25):
        buys(found, E0 + days * DAY)
    found.rests(84)
    learned = counts(found).labels
    assert sum(counts(found).hazards.values()) == counts(found).buyers == 1
    found.rests(86)
    assert found.p is None
    left = counts(found)
    assert (left.hazards, left.buyers, left.repeats, left.first) == ({}, 0, 0, 0)
    assert left.labels == learned
    assert learned.labels > 3


@given(st.lists(st.tuples(st.sampled_from(["buys", "cancels"]), st.integers(0, 9), st.integers(0, 30)), max_size=15))
def test_forgetting_leaves_nothing_of_the_buyer(acts: list[tuple[str, int, int]]) -> None:
    """Whatever was bought and cancelled, in whatever order it was told."""
    found, at = shopper(buyer_ttl=60 * DAY), E0
    for what, order, days in acts:
        at += days * DAY
        if what == "buys":
            found.does(Ordered(f"o{order}", 500, True), at - (order % 3) * 5 * DAY)
        else:
            found.does(Cancelled(f"o{order}"), at)
        assert counts(found).buyers == min(1, counts(found).buyers) >= 0
        assert sum(counts(found).hazards.values()) in (0, 1)
    found.until(at + 80 * DAY)
    left = counts(found)
    assert (left.hazards, left.buyers, left.repeats, left.first) == ({}, 0, 0, 0)


# Thinning.


@pytest.mark.parametrize("thinning", [1, 3])
def test_a_label_that_is_drawn_stands_for_those_that_are_not(thinning: int) -> None:
    """All snapshots count in the histogram of risks; of one in 2^thinning the label is learned, so often."""
    found = shopper(replace(MODEL, thinning=thinning))
    buys(found, E0 + HOUR)
    buys(found, E0 + 5 * DAY)
    grid = [GRID + k * STEP for k in range(40)]
    found.until(grid[-1] + STEP + 1)
    drawn = [stands_for("u", at, thinning) for at in grid]
    assert set(drawn) == {0, 1 << thinning}
    assert counted(found) == counts(found).labels.labels == scored(found).labels == sum(map(bool, drawn))
    alone, sums = shopper(), [0]
    buys(alone, E0 + HOUR)
    buys(alone, E0 + 5 * DAY)
    sums += [counts(alone.until(at + STEP + 1)).labels.curvature[0] for at in grid]
    each = [after - before for before, after in pairwise(sums)]
    weighted = sum(weight * one for weight, one in zip(drawn, each, strict=True))
    assert counts(found).labels.curvature[0] == pytest.approx(weighted, abs=sum(drawn))
    assert sum(counts(found).hazards.values()) == 1


def test_every_buyer_has_a_time_of_their_own() -> None:
    """A fourteenth of all a day, about."""
    days = [0] * 14
    for i in range(14_000):
        days[phase(f"user-{i}") // DAY] += 1
    assert min(days) > 900
    assert max(days) < 1_100
    assert all(a != b for a, b in pairwise(sorted(phase(f"user-{i}") for i in range(300))))
