"""The covariates: against the reference, numpy against plain Python, and nothing infinite whatever was bought."""

from __future__ import annotations

from math import inf, isfinite, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from models.churn.covariates import COVARIATES, FLOAT16, covariates, covariates_many, pack, unpack
from models.churn.level import Level
from models.orders.buying import Buying
from tests.models.churn.buyers import DAY, shop
from tests.reference import hazard as reference

numbers = st.floats(allow_nan=False, allow_infinity=False)
levels = st.builds(Level, numbers, numbers, numbers, numbers, numbers)
occasions = st.lists(
    st.tuples(st.floats(-1e15, 1e15), st.none() | numbers, st.integers(0, 10**40)), min_size=1, max_size=8
)


def learned(history: list[tuple[float, float | None, int]]) -> Buying:
    buying = Buying()
    for occasion in history:
        buying.learn_one(*occasion)
    return buying


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ahead", [0.0, 0.4, 14.0, 250.0, 4_000.0])
def test_they_are_the_references(seed: int, ahead: float) -> None:
    buyers, shoppers, level, pooled = shop(seed)
    now = DAY + 300 + ahead
    expected = reference.covariates(shoppers, np.arange(len(buyers)), now, pooled)
    assert [covariates(buying, now, level) for buying in buyers] == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert covariates_many(buyers, now, level) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert expected.shape == (len(buyers), len(COVARIATES))


def test_the_level_is_the_references() -> None:
    _, shoppers, level, _ = shop(1)
    gaps = np.concatenate(shoppers.all_gaps)
    amounts, items = np.concatenate(shoppers.all_amounts), np.concatenate(shoppers.all_items)
    pooled = Level.pooled(
        len(gaps),
        float((DAY + 300 - shoppers.first).sum()),
        (len(gaps), float(gaps.sum()), float((gaps**2).sum())),
        (len(amounts), float(amounts.sum())),
        (len(items), float(items.sum())),
    )
    for name in Level.__struct_fields__:
        assert getattr(pooled, name) == pytest.approx(getattr(level, name), rel=1e-9)
    assert Level() == Level(*reference.Shop())


@given(st.lists(occasions, min_size=1, max_size=4), numbers, levels)
def test_whatever_was_bought_they_are_finite_and_bounded(
    histories: list[list[tuple[float, float | None, int]]], now: float, level: Level
) -> None:
    buyers = [learned(history) for history in histories]
    one = [covariates(buying, now, level) for buying in buyers]
    assert all(isfinite(value) and abs(value) <= 128 for x in one for value in x)
    assert covariates_many(buyers, now, level) == pytest.approx(np.array(one), rel=1e-9, abs=1e-9)


def test_each_row_of_many_may_have_its_own_moment() -> None:
    buyers, _, level, _ = shop(2)
    moments = DAY + 300 + np.arange(len(buyers)) * 3.7
    for buying, now, row in zip(buyers, moments, covariates_many(buyers, moments, level), strict=True):
        assert covariates(buying, now, level) == pytest.approx(tuple(row), rel=1e-9, abs=1e-9)


def test_what_is_not_known_of_a_basket_is_taken_to_be_the_shops() -> None:
    known, unknown = Buying(), Buying()
    known.learn_one(DAY, 30.0, 4)
    unknown.learn_one(DAY, None, 0)
    level = Level(amount=known.amount, items=known.items)
    assert covariates(known, DAY + 9, level) == pytest.approx(covariates(unknown, DAY + 9, level), abs=1e-12)
    assert covariates(unknown, DAY + 9, level)[9:] == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("bad", [inf, -inf, nan])
@pytest.mark.parametrize("field", Level.__struct_fields__)
def test_a_level_is_finite(field: str, bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Level(**{field: bad})
    with pytest.raises(ValueError, match="finite"):
        msgpack.decode(msgpack.encode([bad if name == field else 1.0 for name in Level.__struct_fields__]), type=Level)


@given(st.lists(st.floats(-500, 500), min_size=11, max_size=11))
def test_they_are_stored_as_float16(values: list[float]) -> None:
    packed = pack((1.0, *values))
    assert packed == np.array(values, dtype="<f2").tobytes()
    assert unpack(packed) == (1.0, *np.frombuffer(packed, dtype="<f2").astype(float))
    assert pack(unpack(packed)) == packed


def test_what_a_float16_cannot_be_is_stored_as_the_largest() -> None:
    assert unpack(pack((1.0, 1e9, -1e9, *[0.0] * 9)))[1:3] == (FLOAT16, -FLOAT16)
