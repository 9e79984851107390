"""Statistics of a buyer's occasions, against the same numbers worked out anew from the whole list."""

from __future__ import annotations

from itertools import pairwise
from math import inf, log1p, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from models.orders.buying import FADING, MOST, UNKNOWN, Buying

Occasion = tuple[float, float | None, int]

amounts = st.none() | st.floats(0, 1e6)
occasions = st.lists(st.tuples(st.floats(1, 800), amounts, st.integers(0, 50)), max_size=12)


def told(gaps: list[Occasion], start: float = 20_000.0) -> list[Occasion]:
    """Gaps, amounts, items -> days, amounts, items."""
    days, found = start, []
    for gap, amount, items in gaps:
        days += gap
        found.append((days, amount, items))
    return found


def learned(history: list[Occasion]) -> Buying:
    buying = Buying()
    for occasion in history:
        buying.learn_one(*occasion)
    return buying


@given(occasions)
def test_each_number_is_that_of_the_whole_list(gaps: list[Occasion]) -> None:
    history = told(gaps)
    buying, days = learned(history), [day for day, _, _ in history]
    assert (buying.occasions, buying.repeats) == (len(days), max(0, len(days) - 1))
    if not days:
        assert buying == Buying()
        return
    assert (buying.first, buying.last) == (days[0], days[-1])
    for half_life, count in ((14, buying.f14), (90, buying.f90), (365, buying.f365)):
        assert count == pytest.approx(sum(0.5 ** ((days[-1] - day) / half_life) for day in days[1:]), rel=1e-9)
    logs = [log1p(later - earlier) for earlier, later in pairwise(days)]
    weights = [(1 - FADING) ** back for back in reversed(range(len(logs)))]
    for power, faded in enumerate((buying.gap_weight, buying.gap_sum, buying.gap_squares)):
        assert faded == pytest.approx(sum(w * x**power for w, x in zip(weights, logs, strict=True)), rel=1e-9)
    known = [amount for _, amount, _ in history if amount is not None]
    assert buying.priced == len(known)
    assert buying.amounts == pytest.approx(sum(map(log1p, known)), rel=1e-9)
    _, amount, items = history[-1]
    assert buying.amount == (UNKNOWN if amount is None else log1p(amount))
    assert buying.items == (log1p(items) if items else UNKNOWN)


@given(
    occasions,
    st.tuples(st.floats(1, 800), amounts, st.integers(0, 50)),
    st.lists(st.tuples(amounts, st.integers(0, 9)), max_size=4),
)
def test_parts_of_an_occasion_come_to_what_it_is_as_a_whole(
    gaps: list[Occasion], newest: Occasion, parts: list[tuple[float | None, int]]
) -> None:
    *before, (day, amount, items) = told([*gaps, newest])
    in_parts = learned([*before, (day, amount, items)])
    for part in parts:
        in_parts.add(*part)
    known = [x for x in (amount, *(x for x, _ in parts)) if x is not None]
    whole = learned([*before, (day, sum(known) if known else None, items + sum(n for _, n in parts))])
    assert in_parts.priced == whole.priced
    assert in_parts.items == whole.items
    for name in ("amount", "amounts"):
        assert getattr(in_parts, name) == pytest.approx(getattr(whole, name), rel=1e-9, abs=1e-9)


@given(occasions, st.floats(0.001, 1e5))
def test_an_occasion_before_the_newest_changes_nothing(gaps: list[Occasion], before: float) -> None:
    buying = learned(history := told([*gaps, (1.0, 5.0, 1)]))
    buying.learn_one(history[-1][0] - before, 7.0, 3)
    assert buying == learned(history)


@pytest.mark.parametrize("bad", [inf, -inf, nan])
def test_what_is_not_finite_is_refused_and_changes_nothing(bad: float) -> None:
    buying = learned(history := told([(1.0, 5.0, 1), (30.0, 7.0, 2)]))
    with pytest.raises(ValueError, match="finite"):
        buying.learn_one(bad, 1.0, 1)
    with pytest.raises(ValueError, match="finite"):
        buying.learn_one(history[-1][0] + 5, bad, 1)
    with pytest.raises(ValueError, match="finite"):
        buying.add(bad, 1)
    assert buying == learned(history)


def test_amounts_are_bounded_on_both_sides() -> None:
    buying = Buying()
    buying.learn_one(0, -3.0, 1)
    assert (buying.amount, buying.priced) == (0.0, 1)
    buying.learn_one(1, 1e300, 10**30)
    assert buying.amount == buying.items == log1p(MOST)
    buying.add(1e300, 10**30)
    assert buying.amount == buying.items == log1p(MOST)


def test_it_is_stored_as_plain_numbers() -> None:
    buying = learned(told([(1.0, 5.0, 1), (30.0, None, 0)]))
    packed = msgpack.encode(buying)
    assert msgpack.decode(packed, type=Buying) == buying
    assert all(type(x) in (int, float) for x in msgpack.decode(packed))
    assert msgpack.decode(msgpack.encode([]), type=Buying) == Buying()
