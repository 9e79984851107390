"""Gap statistics, step by step against River."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from river import stats

from models.kernel.settings import DAY, HOUR
from models.learners.exponentially_weighted import EWStatistics
from models.orders.gaps import Gaps
from models.orders.history import OrderHistory
from models.orders.older_orders import OlderOrders
from models.orders.order import CANCELLED, Order


@given(st.lists(st.integers(DAY + 1, 400 * DAY), min_size=1, max_size=30), st.floats(0.05, 0.95))
def test_mean_and_variance_are_rivers(gaps: list[int], fading: float) -> None:
    ours, mean, variance = Gaps(), stats.EWMean(fading), stats.EWVar(fading)
    e = 0
    ours.learn_one(e, fading)
    for gap in gaps:
        e += gap
        ours.learn_one(e, fading)
        mean.update(gap / DAY)
        variance.update(gap / DAY)
        assert ours.mean == pytest.approx(mean.get(), rel=1e-12)
        assert ours.variance == pytest.approx(variance.get(), rel=1e-9, abs=1e-6)
    assert ours.occasions == len(gaps) + 1


def test_orders_less_than_a_day_after_the_opening_one_are_one_occasion() -> None:
    gaps = Gaps()
    for hours in (0, 20, 44, 44 + 24, 44 + 24 + 25):
        gaps.learn_one(hours * HOUR, 1.0)
        assert gaps.order == hours * HOUR
    assert (gaps.occasions, gaps.occasion, gaps.mean) == (4, 93 * HOUR, 25 / 24)


def test_a_chain_of_orders_stored_before_goes_on_from_its_newest() -> None:
    """While orders belonged to the occasion of the one before, a daily buyer's never ended."""
    gaps = Gaps(occasions=1, occasion=0, order=300 * DAY)
    gaps.learn_one(301 * DAY, 0.3)
    assert (gaps.occasions, gaps.occasion, gaps.mean) == (2, 301 * DAY, 1.0)


@given(st.floats(0.01, 400), st.integers(2, 60), st.floats(0.05, 0.95))
def test_no_variance_is_negative(gap: float, times: int, fading: float) -> None:
    """Of gaps that are all alike, the mean of squares less the square of the mean is often a little below 0."""
    ours, days = Gaps(), EWStatistics(fading)
    for n in range(times):
        ours.learn_one(DAY + round(n * (1 + gap) * DAY), fading)
        days.learn_one(gap)
        assert ours.variance >= 0
        assert days.variance >= 0
        assert EWStatistics.load(ours.logs, fading).variance >= 0


orders = st.lists(
    st.builds(
        Order,
        st.integers(1, 10**9),
        st.integers(0, 400 * DAY),
        st.integers(-1, 90_000),
        st.just(0),
        st.sampled_from([0, 0, 0, CANCELLED]),
    ),
    max_size=12,
    unique_by=lambda order: order.hash,
)


@given(orders, st.lists(st.integers(-90 * DAY, -1), max_size=4))
def test_gaps_without_logs_and_with_them(ring: list[Order], before: list[int]) -> None:
    """A summary's gaps lack the newest logs, and nothing else."""
    gaps = Gaps()
    for e in sorted(before):
        gaps.learn_one(e, 0.3)
    ring.sort(key=lambda order: (order.e, order.hash))
    book = OrderHistory(ring, older=OlderOrders(valid=len(before), gaps=gaps) if before else None)
    short, long = book.summary(90 * DAY, 0.3).gaps, book.gaps(0.3)
    assert (short.occasions, short.occasion, short.order, short.mean, short.square) == (
        long.occasions,
        long.occasion,
        long.order,
        long.mean,
        long.square,
    )
    assert long.occasions < 2 or long.logs[0] == long.occasions - 1
