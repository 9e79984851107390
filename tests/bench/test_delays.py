"""Delays count from when things were due, and nothing that is missing is passed over."""

from __future__ import annotations

import random

import numpy as np
import pytest

from bench.delays import delays, late
from bench.quantiles import quantiles
from bench.stamped import Event, Trigger
from bench.worker import WorkerFailed

START, END = 100, 200
EVENTS = {
    ("new-1", 0): Event(99, 99),
    ("new-2", 0): Event(100, 101),
    ("u3", 150): Event(150, 190),
    ("u4", 160): Event(160, 161),
    ("new-5", 0): Event(200, 200),
}
TAGS = {("new-1", 0): 5_000, ("new-2", 0): 111, ("u3", 150): 192, ("new-5", 0): 5_000}


@pytest.mark.parametrize("count", [1, 2, 99, 100, 101, 999, 1_001, 1_234])
def test_percentiles_are_those_of_numpy_by_nearest_rank(count):
    values = [random.Random(count + i).random() for i in range(count)]
    found = quantiles(values)
    expected = np.percentile(values, [50, 99, 99.9, 100], method="inverted_cdf")
    assert [found.p50, found.p99, found.p999, found.most] == list(expected)
    assert found.count == count


def test_only_what_was_due_in_the_time_and_brought_a_message_counts():
    found = delays(START, END, EVENTS, TAGS, [])
    assert (found.appended.count, found.appended.p50, found.appended.most) == (2, 2, 10)
    assert (found.sender.p50, found.sender.most) == (1, 40)
    assert found.timers is None


def test_a_late_producer_hides_nothing():
    held_up = delays(START, END, EVENTS, TAGS, []).intended  # u3's event was appended 40 ms after it was due
    assert (held_up.p50, held_up.most) == (11, 42)


def test_only_the_shoppers_who_count():
    triggers = [Trigger("u3", 150, 170), Trigger("u4", 150, 999)]
    found = delays(START, END, EVENTS, TAGS, triggers, lambda user: user == "u3")
    assert (found.intended.count, found.intended.most) == (1, 42)
    assert found.timers is not None
    assert (found.timers.count, found.timers.most) == (1, 20)


def test_a_missing_message_is_an_error():
    lost = {("u3", 150): 192}
    with pytest.raises(WorkerFailed, match="1 of 1 orders brought no tag"):
        delays(START, END, EVENTS, lost, [])


def test_reminders_by_when_they_were_due():
    triggers = [Trigger("a", 100, 2_350), Trigger("b", 199, 260), Trigger("c", 200, 9_999)]
    found = delays(START, END, EVENTS, TAGS, triggers)
    assert found.timers == late(triggers, START, END)
    assert found.timers is not None
    assert (found.timers.count, found.timers.p50, found.timers.most) == (2, 61, 2_250)
    assert found.silent is not None
    assert (found.silent.count, found.silent.most) == (1, 9_799)
