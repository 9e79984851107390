"""Delays count from when things were due, and nothing that is missing is passed over."""

from __future__ import annotations

import random

import numpy as np
import pytest

from bench.delays import Phase, late, pace
from bench.quantiles import quantiles
from bench.stamped import Trigger
from bench.worker import WorkerFailed

PHASE = Phase(rate=1_000, start=100, end=200, worker=0.25, sent={"early": 99, "a": 100, "b": 150, "after": 200})
ORDERS = {"early": 99, "a": 101, "b": 190, "after": 200}
TAGS = {"early": 5_000, "a": 111, "b": 192, "after": 5_000}


@pytest.mark.parametrize("count", [1, 2, 99, 100, 101, 1_234])
def test_percentiles_are_those_of_numpy_by_nearest_rank(count):
    values = [random.Random(count + i).random() for i in range(count)]
    found = quantiles(values)
    expected = np.percentile(values, [50, 99, 100], method="inverted_cdf")
    assert [found.p50, found.p99, found.most] == list(expected)
    assert found.count == count


def test_only_what_was_due_in_the_phase_counts():
    found = pace(PHASE, ORDERS, TAGS, [])
    assert (found.appended.count, found.appended.p50, found.appended.most) == (2, 2, 10)
    assert (found.sender.p50, found.sender.most) == (1, 40)
    assert found.timers is None


def test_a_late_producer_hides_nothing():
    held_up = pace(PHASE, ORDERS, TAGS, []).intended  # b was appended 40 ms after it was due
    assert (held_up.p50, held_up.most) == (11, 42)


def test_a_missing_message_is_an_error():
    with pytest.raises(WorkerFailed, match="1 of 2 orders brought no tag"):
        pace(PHASE, ORDERS, {"a": 111}, [])


def test_reminders_by_when_they_were_due():
    triggers = [Trigger(100, 2_350), Trigger(199, 260), Trigger(200, 9_999)]
    found = late(triggers, PHASE.start, PHASE.end)
    assert found is not None
    assert (found.count, found.p50, found.most) == (2, 61, 2_250)
