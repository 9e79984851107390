"""What is viewed most, beside sums over every single view."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.interests.heat import LONGEST, Heat, Hottest, decode, together
from models.kernel.events import Browsed
from models.kernel.settings import DAY, HOUR, MINUTE
from tests.models.shopper import E0, Shopper

VIEWS = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from([0, 1, MINUTE, HOUR, DAY, -MINUTE, -2 * DAY])), max_size=40
)


def listed(hottest: Hottest) -> dict[str, Heat]:
    return {heat.name: heat for heat in decode(hottest.encode())}


def total(times: list[int], now: int, half_life: int) -> float:
    """Views decayed one by one."""
    return float(sum(Fraction(2.0 ** ((e - now) / half_life)) for e in times))


@given(VIEWS)
def test_by_all_views_where_there_is_room(views: list[tuple[str, int]]) -> None:
    hottest, times, e = Hottest(8), defaultdict[str, list[int]](list), E0
    for name, gap in views:
        e += gap
        hottest.view(name, e)
        times[name].append(e)
    found = listed(hottest)
    assert found.keys() == times.keys()
    for name, heat in found.items():
        assert heat.as_of == max(times[name])
        assert heat.short == pytest.approx(total(times[name], heat.as_of, HOUR))
        assert heat.long == pytest.approx(total(times[name], heat.as_of, DAY))


@given(VIEWS, st.integers(1, 5))
def test_where_there_is_none_long_is_too_large_and_short_too_small(views: list[tuple[str, int]], places: int) -> None:
    hottest, times, e = Hottest(places), defaultdict[str, list[int]](list), E0
    for name, gap in views:
        e += gap
        full = listed(hottest)
        hottest.view(name, e)
        times[name].append(e)
        if len(full) == places and name not in full:
            (gone,) = full.keys() - listed(hottest).keys()
            now = max(heat.as_of for heat in full.values())
            assert full[gone].at(now).long <= min(heat.at(now).long for heat in full.values()) * (1 + 1e-9)
    for name, heat in listed(hottest).items():
        assert heat.short <= total(times[name], heat.as_of, HOUR) * (1 + 1e-9)
        assert heat.long >= total(times[name], heat.as_of, DAY) * (1 - 1e-9)
    now = max([heat.as_of for heat in listed(hottest).values()], default=0)
    held = sum(heat.at(now).long for heat in listed(hottest).values())
    assert held == pytest.approx(sum(total(each, now, DAY) for each in times.values()))  # what leaves is inherited


@given(VIEWS, st.integers(1, 5), st.integers(0, 40))
def test_whoever_goes_on_comes_to_the_same(views: list[tuple[str, int]], places: int, at: int) -> None:
    one, other, e = Hottest(places), Hottest(places), E0
    for number, (name, gap) in enumerate(views):
        e += gap
        if number == at:
            text = other.encode()
            other = Hottest(places)
            other.restore(text)
        one.view(name, e)
        other.view(name, e)
    assert one.encode() == other.encode()


@given(VIEWS, st.integers(1, 3))
def test_shards_together_are_one(views: list[tuple[str, int]], shards: int) -> None:
    parts, whole, e = [Hottest(8) for _ in range(shards)], Hottest(8), E0
    for number, (name, gap) in enumerate(views):
        e += gap
        parts[number % shards].view(name, e)
        whole.view(name, e)
    sums = together(heat for part in parts for heat in listed(part).values())
    assert [heat.long for heat in sums] == sorted((heat.long for heat in sums), reverse=True)
    for heat in sums:
        expected = listed(whole)[heat.name].at(heat.as_of)
        assert (heat.short, heat.long) == (pytest.approx(expected.short), pytest.approx(expected.long))


def test_a_view_of_years_ago_is_nothing() -> None:
    hottest = Hottest(1)
    hottest.view("new", E0)
    hottest.view("new", E0 - 4_000 * DAY)
    hottest.view("old", E0 - 4_000 * DAY)
    hottest.view("new", E0)
    assert [(heat.name, heat.long) for heat in decode(hottest.encode())] == [("new", 2.0)]


def test_views_of_products_and_of_their_categories_count() -> None:
    shopper = Shopper().does(Browsed("tea", 2, "p" * 300), E0).does(Browsed("tea", 2, "q"), E0 + 1)
    shopper.does(Browsed("books", 1), E0 + 2)  # a list
    lists = {name: listed(kept) for name, kept in shopper.ctx.lists.items() if name.startswith("heat")}
    assert {name: sorted(found) for name, found in lists.items()} == {
        "heat:products": ["p" * LONGEST, "q"],
        "heat:categories": ["tea"],
    }
    assert lists["heat:categories"]["tea"].long == pytest.approx(2)
