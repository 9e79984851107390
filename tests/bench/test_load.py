"""A broken promise under load is an error; who is beside the hot shopper is told by the shard."""

from __future__ import annotations

from collections import Counter

import pytest

from bench import backlog, check, hot, stamped
from bench.backlog import chunks, once, said
from bench.inputs import PARTITIONS
from bench.stamped import Trigger
from bench.traffic import LATER, Traffic
from bench.worker import WorkerFailed
from kairos.config.settings import Settings
from models.kernel.partition import java_partition

WHERE, STARTED = Settings(), 1_000


@pytest.fixture
def triggers(monkeypatch):
    def put(*due):
        monkeypatch.setattr(stamped, "triggers", lambda _: [Trigger("u", at, at + 5) for at in due])

    return put


def test_reminders_of_the_past_break_a_promise(triggers):
    triggers(1_000, 5_000)
    assert said(WHERE, STARTED) == 2
    triggers(999, 1_000, 5_000)
    with pytest.raises(WorkerFailed, match="1 of 3 reminders"):
        said(WHERE, STARTED)


def test_no_reminder_at_all_proves_nothing(triggers):
    triggers()
    with pytest.raises(WorkerFailed, match="no cart"):
        said(WHERE, STARTED)


@pytest.mark.parametrize("applied", [99, 101])
def test_each_event_counts_once(monkeypatch, applied):
    monkeypatch.setattr(check, "counts", lambda *_: Counter(applied=applied))
    monkeypatch.setattr(backlog, "PATIENCE", 0)
    with pytest.raises(WorkerFailed, match=f"{applied} events, not 100"):
        once(None, WHERE, 100)


def test_the_live_traffic_is_none_of_the_backlogs():
    old = {row[3][14:24] for row in Traffic().rows(1_000, 500, 0)}
    new = {row[3][14:24] for row in Traffic(seed=12, first=LATER).rows(1_000, 500, 0)}
    assert len(old) == len(new) == 500
    assert not old & new


def test_chunks_are_all_rows_in_order():
    rows = list(Traffic().rows(1_000, 25, 0))
    assert [row for chunk in chunks(iter(rows), 10) for row in chunk] == rows


def test_others_are_beside_the_hot_shopper_or_elsewhere():
    users = [f"u{number}" for number in range(500)]
    for user in users:
        same = java_partition(user.encode(), PARTITIONS) == java_partition(hot.HOT.encode(), PARTITIONS)
        assert (hot.beside(user), hot.elsewhere(user)) == (same, not same)
    for user in (hot.HOT, hot.CROWD[0], hot.CROWD[-1]):
        assert not hot.beside(user)
        assert not hot.elsewhere(user)
