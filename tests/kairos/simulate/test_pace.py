"""How fast rows come, by a clock that only moves when somebody sleeps."""

from __future__ import annotations

from itertools import count

import pytest

from kairos.replay.row import Row, Rows, Span
from kairos.simulate import pace
from kairos.simulate.pace import AT_ONCE, Due, batches, by_rate, by_time, not_ahead


class Clock:
    """Stands in for `time`."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= pace.PATIENCE
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(pace, "time", found)
    return found


def row(at: int | None) -> Row:
    return at, 0, b"k", b"{}"


def never(rate: float) -> None:
    """Who is told of rows that are behind, where none are."""
    raise AssertionError(f"behind, at {rate} a second")


def times(rows: Rows, due: Due, clock: Clock) -> list[float]:
    """When each row is given, in seconds after the beginning."""
    begun = clock.now
    return [round(clock.now - begun, 3) for batch in batches(rows, due, lambda: False, never) for _ in batch]


def test_so_many_a_second(clock: Clock) -> None:
    given = times([row(0)] * 41, by_rate(20.0), clock)
    assert len(given) == 41
    assert all(number / 20 <= at <= number / 20 + pace.PATIENCE for number, at in enumerate(given))


def test_as_event_time_goes_whatever_is_late_or_has_no_time(clock: Clock) -> None:
    rows = [row(at) for at in (10_000, 12_000, 11_000, None, 20_000)]
    assert times(rows, by_time(10_000, 2.0), clock) == [0.0, 1.0, 1.0, 1.0, 5.0]


def test_all_at_once(clock: Clock) -> None:
    rows = [row(at) for at in range(2 * AT_ONCE + 1)]
    given = list(batches(rows, None, lambda: False, never))
    assert [len(batch) for batch in given] == [AT_ONCE, AT_ONCE, 1]
    assert sum(given, Rows()) == rows
    assert clock.now == 100.0


@pytest.mark.parametrize("due", [None, by_rate(1e9), by_time(0, 1.0)])
def test_it_ends_when_it_is_asked_to(clock: Clock, due: Due | None) -> None:
    endless = (row(at) for at in count())
    looks = iter([False] * 5)  # and from the sixth look on: yes
    given = list(batches(endless, due, lambda: next(looks, True), never))
    assert len(given) <= 6


def test_who_takes_them_is_not_kept_waiting(clock: Clock) -> None:
    given = list(batches([row(0), row(60_000)], by_time(0, 1.0), lambda: False, never))
    assert [len(batch) for batch in given if batch] == [1, 1]
    assert len(given) >= 60 / pace.PATIENCE


@pytest.mark.parametrize("rate", [1.0, 50.0, 1_000.0, 10_000.0])
def test_a_minute_of_any_rate(clock: Clock, rate: float) -> None:
    rows = (row(0) for _ in count())
    given = 0
    for batch in batches(rows, by_rate(rate), lambda: clock.now >= 160.0, never):
        given += len(batch)
    assert given == pytest.approx(60 * rate, rel=0.01, abs=1)


def slowly(rate: float, seconds: float, clock: Clock) -> list[float]:
    """What is told of one row after the other, taken at most at `rate`, in this many seconds."""
    told: list[float] = []
    rows = (row(0) for _ in count())
    for batch in batches(rows, by_rate(100.0), lambda: clock.now >= 100.0 + seconds, told.append):
        clock.now += len(batch) / rate
    return told


def test_it_is_told_once_how_fast_rows_go_where_they_cannot_go_as_fast_as_asked(clock: Clock) -> None:
    (reached,) = slowly(60.0, 120.0, clock)
    assert reached == pytest.approx(60.0, rel=0.1)


def test_a_short_stop_is_not_worth_a_word(clock: Clock) -> None:
    assert slowly(150.0, 60.0, clock) == []
    given = batches([row(0)] * 1_000, by_rate(100.0), lambda: False, never)
    for number, _ in enumerate(given):
        clock.now += pace.BEHIND - 1 if number == 3 else 0.0


def test_no_tick_is_ahead_of_the_clock() -> None:
    spans = [Span([row(5), row(3), row(None)], 10), Span([row(25)], 30), Span([], 40)]
    assert list(not_ahead(spans, lambda: 28)) == [spans[0], Span([row(25)], 26), Span([], 26)]
