"""The order book: permutations of reports agree, refunds are capped, sums follow the plain formula."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.features import ShopSettings
from models.kernel.effects import Context
from models.kernel.events import Amended, Cancelled, Event, Ordered, Refunded
from models.kernel.settings import DAY
from models.orders.history import RING, WAITING, OrderSummary
from models.orders.older_orders import LISTED
from models.orders.order import UNKNOWN, Order
from tests.models.shopper import E0 as START
from tests.models.shopper import Shopper
from tests.reference.history import Own
from tests.reference.orders import book as plain
from tests.reference.orders import when

SETTINGS = ShopSettings()


def fold(*reports: tuple[Event, int]) -> tuple[OrderSummary, Context]:
    shopper = Shopper(SETTINGS)
    for event, day in reports:
        shopper.does(event, START + day * DAY)
    return shopper.state("orders").summary(SETTINGS.half_life, SETTINGS.fading), shopper.ctx


REPORTS = [
    (Ordered("o1", 1_000, stated=True), 0),
    (Ordered("o2", 5_000, stated=True), 30),
    (Refunded("r1", "o1", 400), 31),
    (Refunded("r2", "o2", 700), 32),
    (Cancelled("o1"), 33),
]


def test_every_order_of_arrival_gives_the_same_book() -> None:
    want, _ = fold(*REPORTS)
    assert (want.orders, want.valid, want.gross, want.net) == (2, 1, 6_000, 4_300)
    for arrival in permutations(REPORTS):
        assert fold(*arrival)[0] == want


def test_a_refund_is_capped_at_its_order_and_a_whole_one_voids_it() -> None:
    s, _ = fold((Ordered("o1", 1_000), 0), (Refunded("r1", "o1", 4_000), 1))
    assert (s.valid, s.net, s.last) == (0, 0, 0)
    s, _ = fold((Ordered("o1", 1_000), 0), (Refunded("r1", "o1"), 1))
    assert (s.valid, s.net) == (0, 0)


def test_a_refund_without_an_order_lowers_net_only() -> None:
    s, _ = fold((Ordered("o1", 1_000), 0), (Refunded("r1", "", 300), 1), (Refunded("r1", "", 300), 2))
    assert (s.valid, s.gross, s.net, s.monetary) == (1, 1_000, 700, 1_000.0)


def test_a_repeat_has_no_effect_and_another_stated_amount_is_a_conflict() -> None:
    first = (Ordered("o1", 1_000, stated=True), 0)
    s, ctx = fold(first, (Ordered("o1", 900, stated=True), 9), (Ordered("o1", 800, stated=False), 9), first)
    assert (s.orders, s.gross, s.last) == (1, 1_000, START)
    assert ctx.effects.counts["order_conflict"] == 1


def test_no_conflict_with_an_amount_that_was_not_stated() -> None:
    _, ctx = fold((Ordered("o1", 1_000), 0), (Ordered("o1", 900, stated=True), 9))
    assert ctx.effects.counts["order_conflict"] == 0


def test_an_order_of_unknown_value_takes_the_first_valid_amount_at_its_own_time() -> None:
    unknown = (Ordered("o1", None), 0)
    s, _ = fold(unknown)
    assert (s.orders, s.valid, s.gross) == (1, 1, 0)
    s, ctx = fold(unknown, (Ordered("o1", None), 1), (Ordered("o1", 700), 5), (Ordered("o1", 800, stated=True), 6))
    assert (s.orders, s.gross, s.last, ctx.effects.counts["order_conflict"]) == (1, 700, START, 0)
    assert ctx.effects.counts["revenue:USD"] == 700


def test_only_an_update_changes_an_amount_and_it_may_come_first() -> None:
    s, ctx = fold((Amended("o1", 500, stated=True), 0), (Ordered("o1", 900), 1), (Amended("o1", 600, stated=True), 2))
    assert (s.orders, s.gross, ctx.effects.counts["orders"], ctx.effects.counts["revenue:USD"]) == (1, 600, 1, 600)


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 10**7)), min_size=1, max_size=40))
def test_sums_equal_the_plain_formula_also_beyond_the_ring(orders: list[tuple[int, int]]) -> None:
    s, ctx = fold(*((Ordered(f"o{i}", amount), day) for i, (day, amount) in enumerate(sorted(orders))))
    last = max(day for day, _ in orders)
    weights = [2.0 ** ((day - last) / 90) for day, _ in orders]
    assert (s.orders, s.gross, s.last) == (len(orders), sum(a for _, a in orders), START + last * DAY)
    assert s.frequency == pytest.approx(sum(weights))
    expected = sum(w * a for w, (_, a) in zip(weights, orders, strict=True))
    assert s.monetary == pytest.approx(expected, abs=1e-6)
    assert ctx.effects.counts["dedupe_overflow"] == max(0, len(orders) - RING - LISTED)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[Event, int]]:
    """Orders of a heavy buyer, each followed by what comes back of any of them, repeats, and updates."""
    reports = list[tuple[Event, int]]()
    count = draw(st.integers(RING + 1, RING + LISTED))
    for number in range(count):
        reports.append((Ordered(f"o{number}", draw(st.integers(0, 99)), stated=True), number))
        name = f"o{draw(st.integers(0, number + (number < count - 1)))}"  # now and then the next one
        amount = draw(st.none() | st.integers(0, 120))
        others: list[Event | None] = [None, Cancelled(name), Refunded(f"r{number}", name, amount)]
        if int(name[1:]) <= number:
            others += [Amended(name, draw(st.integers(0, 99)), stated=True), Ordered(name, 7, stated=True)]
        if (other := draw(st.sampled_from(others))) is not None:
            reports.append((other, number))
    return reports


@given(histories())
def test_what_comes_back_of_any_of_the_newest_48_orders_counts(reports: list[tuple[Event, int]]) -> None:
    """Beside the plain reference, which keeps every order as it is."""
    s, _ = fold(*reports)
    seen, owned = set[str](), list[Own]()
    for event, day in reports:
        if isinstance(event, Ordered) and event.order in seen:
            continue
        seen |= {event.order} if isinstance(event, Ordered) else set()
        owned.append(Own(START + day * DAY, 0, event, 2, 0, True))
    want = plain(owned)
    frequency, monetary = want.decayed(SETTINGS.half_life)
    assert (s.orders, s.valid, s.gross, s.net) == (len(want.reported), len(want.valid), want.gross, want.net)
    assert s.last == (when(want.valid[-1]) if want.valid else 0)
    assert (s.frequency, s.monetary) == (pytest.approx(frequency, abs=1e-9), pytest.approx(monetary, abs=1e-6))


def test_a_refund_of_an_order_that_is_too_long_ago_lowers_net() -> None:
    orders = [(Ordered(f"o{number}", 100, stated=True), number) for number in range(100)]
    refunds = [(Refunded(f"r{number}", f"o{number}", 30), 101) for number in range(100)]
    s, ctx = fold(*orders, *refunds)
    assert (s.orders, s.valid, s.gross, s.net) == (100, 100, 10_000, 7_000)
    assert ctx.effects.counts["refunds_unmatched"] == 0


def test_what_waits_for_its_order_pushes_no_order_out() -> None:
    orders = [(Ordered(f"o{number}", 100, stated=True), number) for number in range(RING)]
    unknown = [(Cancelled(f"x{number}"), RING + 1) for number in range(20)]
    repeats = [(Ordered(f"o{number}", 100, stated=True), RING + 1) for number in range(RING)]
    s, ctx = fold(*orders, (Refunded("r", "y", 5), RING), *unknown, *repeats)
    assert (s.orders, s.gross, s.net) == (RING, 1_600, 1_595)  # y's wait was over: its refund counts
    assert ctx.effects.counts["refunds_unmatched"] == 1 + 20 - WAITING


def test_unknown_and_free_orders_are_valid() -> None:
    assert Order(1, 0).amount == UNKNOWN
    assert Order(1, 0).valid
    assert Order(1, 0, 0).valid
    assert not Order(1, 0, 5, 5).valid


def test_a_refund_without_an_id_is_known_by_its_order_its_amount_and_its_day() -> None:
    bought, back = (Ordered("o1", 1_000), 0), Refunded("", "o1", 300)
    s, _ = fold(bought, (back, 1), (back, 1), (Refunded("", "o1", 200), 1), (back, 2))
    assert s.net == 1_000 - 300 - 200 - 300
    s, _ = fold(bought, (Refunded("", "o1"), 1), (Refunded("", "o1"), 2))
    assert (s.valid, s.net) == (0, 0)
