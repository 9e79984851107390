"""Segments and scores against their definitions, written out anew."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.settings import DAY
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
