"""Segments against their definition, written out anew."""

from __future__ import annotations

import re

import pytest

from models.rfm import segments as rfm

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
