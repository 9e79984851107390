"""RFM, stages, interest against their definitions, written out anew."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.interests import affinity as interest
from models.kernel.settings import DAY
from models.lifecycle import stage as lifecycle
from models.rfm import segments as rfm
from models.rfm.cuts import FIXED

GRID = {
    "[1-2][1-2]": "hibernating",
    "[1-2][3-4]": "at_risk",
    "[1-2]5": "cant_lose",
    "3[1-2]": "about_to_sleep",
    "33": "need_attention",
    "[3-4][4-5]": "loyal",
    "41": "promising",
    "51": "new",
    "[4-5][2-3]": "potential_loyalist",
    "5[4-5]": "champions",
}


@pytest.mark.parametrize("r", range(1, 6))
@pytest.mark.parametrize("f", range(1, 6))
def test_segments_are_those_of_the_grid(r: int, f: int) -> None:
    [name] = [name for pattern, name in GRID.items() if re.fullmatch(pattern, f"{r}{f}")]
    assert rfm.SEGMENTS[rfm.segment(r, f)] == name


@given(st.integers(0, 200 * DAY), st.integers(0, 200 * DAY))
def test_recency_falls_exactly_at_its_crossings(last: int, idle: int) -> None:
    now = last + idle
    cuts = FIXED
    crossing = cuts.crossing(last, now)
    assert cuts.r(last, now) == 5 - sum(idle >= days * DAY for days in (14, 30, 60, 120))
    if crossing:
        assert crossing > now
        assert cuts.r(last, crossing - 1) == cuts.r(last, now) == cuts.r(last, crossing) + 1
    else:
        assert cuts.r(last, now) == 1


@given(st.integers(0, 50 * DAY), st.integers(0, 200 * DAY), st.booleans(), st.integers(0, 300 * DAY))
def test_stage_changes_only_at_its_crossings(span: int, idle: int, back: bool, ahead: int) -> None:
    first, last = 0, span
    returned = last if back else 0
    now = last + idle
    crossing = lifecycle.crossing(first, last, returned, now)
    later = now + ahead
    if not crossing or later < crossing:
        assert lifecycle.stage(first, last, returned, later) == lifecycle.stage(first, last, returned, now)


CLICKS = st.tuples(st.sampled_from("abc"), st.integers(1, 5), st.integers(9_000, 9_400))


@given(st.lists(CLICKS, min_size=1, max_size=40))
def test_interest_is_the_decayed_sum(clicks: list[tuple[str, int, int]]) -> None:
    half_life = 14 * DAY
    pairs: list[int | str] = []
    sums = dict.fromkeys("abc", 0.0)
    for category, weight, day in clicks:
        interest.strengthen(pairs, category, weight, interest.LANDMARK + day * DAY, half_life)
    now = 9_400
    for category, weight, day in clicks:
        sums[category] += weight * 2.0 ** ((day - now) / 14)
    for category, value in interest.affinities(pairs, interest.LANDMARK + now * DAY, half_life):
        assert value == pytest.approx(sums[str(category)], rel=0.06)


def test_only_the_strongest_categories_are_kept() -> None:
    pairs: list[int | str] = []
    at = interest.LANDMARK + 9_000 * DAY
    for i in range(interest.KEPT):
        interest.strengthen(pairs, i, 3, at, 14 * DAY)
    interest.strengthen(pairs, "weaker", 1, at, 14 * DAY)
    assert "weaker" not in pairs
    interest.strengthen(pairs, "stronger", 5, at, 14 * DAY)
    assert pairs[-2] == "stronger" or "stronger" in pairs
    assert len(pairs) == 2 * interest.KEPT
