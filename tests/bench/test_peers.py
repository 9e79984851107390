"""A peer tells how far it is, and the last event too, whatever their number."""

from __future__ import annotations

import pytest

from bench.peers import MARKS
from bench.workers.common import Config, Meter


@pytest.mark.parametrize("events", [1, 49, 50, 99, 613_033 // 1_000, 1_000])
@pytest.mark.parametrize("batch", [1, 7, 10_000])
def test_the_last_event_is_told(capsys, events, batch):
    meter = Meter(Config([], "", "", [], {}, max(1, events // MARKS), events, "USD", []))
    for start in range(0, events, batch):
        meter.count(min(batch, events - start))
    told = [int(line) for line in capsys.readouterr().out.splitlines()]
    assert told[-1] == events
    assert told == sorted(set(told))
    assert len(told) <= 2 * MARKS
