"""A steady rate, whatever those who are in the shop already do."""

from __future__ import annotations

from collections import Counter
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kairos.simulate.arrivals import MEMORY, Arrivals
from kairos.simulate.settings import BUSY, CALIBRATED, START, SimulationSettings
from kairos.simulate.shop import Shop
from models.kernel.settings import HOUR, MINUTE, SECOND

WITHIN = 0.1
"""Share by which the events of a minute may differ from the rate."""

rates = st.integers(1, 400).map(lambda eighths: eighths / 8)
visits = st.lists(st.lists(st.integers(0, 90 * SECOND), max_size=12), min_size=1, max_size=8)


@settings(deadline=None)
@given(rates, visits, st.integers(0, 10**6))
def test_no_second_lacks_events_and_nobody_comes_while_there_are_enough(
    rate: float, visits: list[list[int]], start: int
) -> None:
    """Newcomers in turn make a first event at once and further ones after so many ms, which is played out here."""
    arrivals, happened, people, total = Arrivals(rate, start), Counter[int](), 0, 0
    for second in range(3 * MEMORY):
        already, newcomers = happened[second], arrivals.next_second()
        for at in newcomers:
            assert second * SECOND <= at - start < (second + 1) * SECOND
            for delay in (0, *visits[people % len(visits)]):
                arrivals.expect(at + delay)
                happened[(at + delay - start) // SECOND] += 1
            people += 1
        total += happened[second]
        assert total >= int(rate * (second + 1))
        assert not newcomers or already + len(newcomers) <= rate + 1


def test_a_long_surplus_is_not_made_up_for_by_as_long_a_silence() -> None:
    arrivals = Arrivals(1.0, 0)
    arrivals.expect(0, 100 * MEMORY)
    silent = next(second for second in count() if arrivals.next_second())
    assert silent == MEMORY + 1


def a_minute(shop: SimulationSettings, minutes: int) -> list[int]:
    """Events of each minute, by when they are delivered: those without a time come with the ones before."""
    counts, now = [0] * minutes, shop.start
    for at, *_ in Shop(replace(shop, end=shop.start + minutes * MINUTE)):
        now = max(now, at or 0)
        counts[(now - shop.start) // MINUTE] += 1
    return counts


@pytest.mark.parametrize("hour", [0, 9])
@pytest.mark.parametrize("preset", [CALIBRATED, BUSY], ids=["calibrated", "busy"])
@pytest.mark.parametrize("rate", [5.0, 50.0, pytest.param(1000.0, marks=pytest.mark.slow)])
def test_every_minute_from_the_first_has_as_many_events_as_asked_for(
    preset: SimulationSettings, rate: float, hour: int
) -> None:
    counts = a_minute(replace(preset, start=START + hour * HOUR, rate=rate), 2 if rate == 1000 else 15)
    assert [count for count in counts if abs(count / 60 / rate - 1) > WITHIN] == []


def test_one_a_second_is_one_a_second_in_the_mean() -> None:
    counts = a_minute(replace(CALIBRATED, rate=1.0), 120)
    assert abs(counts[0] / 60 - 1) < WITHIN
    assert abs(sum(counts) / len(counts) / 60 - 1) < 0.01
    # A single visit has up to a hundred events.
    assert sum(abs(count / 60 - 1) > WITHIN for count in counts) < 0.2 * len(counts)


def test_what_is_delivered_twice_or_spoiled_counts_too() -> None:
    faulty = replace(CALIBRATED, rate=50.0, duplicates=0.2, out_of_order=0.1, bad=0.1)
    counts = a_minute(faulty, 10)
    assert [count for count in counts if abs(count / 60 / 50 - 1) > WITHIN] == []


def test_events_that_are_late_count_when_they_happen() -> None:
    rows = list(Shop(replace(CALIBRATED, rate=5.0, late=1.0, end=START + 10 * MINUTE)))
    assert abs(len(rows) / 600 / 5 - 1) < WITHIN
