"""Interest against its definition, written out anew."""

from __future__ import annotations

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.interests import affinity as interest
from models.kernel.settings import DAY

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


@given(st.integers(0, 12 * interest.STEP), st.integers(1, 16), st.booleans())
def test_the_sum_of_two_weights_is_their_logarithm_rounded_once(apart: int, weight: int, older: bool) -> None:
    at = interest.LANDMARK + 10_000 * DAY
    pairs: list[int | str] = []
    interest.strengthen(pairs, "a", weight, at, 14 * DAY)
    new = pairs[1]
    assert isinstance(new, int)
    pairs[1] = old = new - apart if older else new + apart
    interest.strengthen(pairs, "a", weight, at, 14 * DAY)
    gain = round(interest.STEP * log2(1 + 2 ** (-apart / interest.STEP)))
    assert pairs == ["a", max(old, new) + gain]
