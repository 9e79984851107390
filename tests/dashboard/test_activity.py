"""Sums over minutes and hours, against sums over the events they were counted from."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dashboard.answers.activity import Activity
from dashboard.answers.compared import Compared
from models.kernel.settings import DAY, HOUR, MINUTE
from sinks.minutes import MINUTES, Minute
from sinks.summary import Hour, Summary, merge

NOW = 1_775_037_600_000 + 17 * MINUTE + 5_000  # 2026-04-01T10:17:05Z
EMPTY = merge([])


def summary_of(**fields: object) -> Summary:
    """The summary of a shop in which nothing else was counted."""
    return replace(EMPTY, **fields)


def counted(events: list[int], name: str = "orders", now: int = NOW) -> Summary:
    """What shards would have counted of events at these times: the minutes of a day, the hours of eight."""
    minutes = Counter(at // MINUTE for at in events if at // MINUTE > now // MINUTE - MINUTES)
    hours = Counter(at // HOUR for at in events if at // HOUR > now // HOUR - 193)
    return summary_of(
        minutes=tuple(Minute(at, 0, 0, 0, 0)._replace(**{name: n}) for at, n in sorted(minutes.items())),
        hours=tuple(Hour(at, Counter({name: n})) for at, n in sorted(hours.items())),
    )


times = st.lists(st.integers(NOW - 9 * DAY, NOW), max_size=60)


@given(times, st.integers(0, 23))
def test_since_midnight_by_minutes_is_exact(events: list[int], hour: int) -> None:
    now = NOW // DAY * DAY + hour * HOUR + 59_000
    known = [at for at in events if at <= now]
    seen = Activity(counted(known, now=now), now, "UTC")
    assert seen.sum("orders", seen.midnight, now + 1) == len([at for at in known if at >= now // DAY * DAY])


@given(times, st.integers(1, 190), st.integers(1, 100))
def test_whole_hours_are_exact_however_long_ago(events: list[int], ago: int, long: int) -> None:
    seen = Activity(counted(events), NOW, "UTC")
    since = (NOW // HOUR - ago) * HOUR
    until = min(since + long * HOUR, NOW + 1)
    assert seen.sum("orders", since, until) == pytest.approx(len([at for at in events if since <= at < until]))


@given(times)
def test_names_of_hours_alone_count_the_running_hour_whole(events: list[int]) -> None:
    summary = counted(events)
    hours = tuple(Hour(hour.hour, Counter({"alerts": hour.counts["orders"]})) for hour in summary.hours)
    seen = Activity(summary_of(hours=hours), NOW, "UTC")
    begins = NOW // HOUR * HOUR - 7 * DAY
    assert seen.sum("alerts", begins, NOW + 1) == pytest.approx(len([at for at in events if at >= begins]))


@given(times, st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]))
def test_the_curve_of_today_ends_at_its_sum_and_never_falls(events: list[int], zone: str) -> None:
    seen = Activity(counted(events, "revenue"), NOW, zone)
    for ago in (0, 1, 7):
        points = seen.running("revenue", ago)
        assert [minute for minute, _ in points] == sorted({minute for minute, _ in points})
        assert [total for _, total in points] == sorted(total for _, total in points)
        if points:
            begins, ends = seen.day_begins(ago), min(seen.day_begins(ago - 1), NOW // MINUTE * MINUTE)
            assert points[-1][1] == len([at for at in events if begins <= at < ends and at >= seen.began])


def test_the_same_time_yesterday_takes_part_of_the_hour() -> None:
    events = [*[NOW - DAY - 17 * MINUTE + k * MINUTE for k in range(60)], NOW - 8 * DAY]  # one a minute, 10:00 to 10:59
    seen = Activity(counted(events), NOW, "UTC")
    today = seen.today("orders")
    assert today.value == 0
    assert today.yesterday == pytest.approx(60 * (17 * MINUTE + 5_001) / HOUR)
    assert today.last_week == 0


def test_before_it_was_watched_nothing_is_known() -> None:
    seen = Activity(counted([NOW - 2 * DAY]), NOW, "UTC")
    assert seen.today("orders") == Compared(0, 0, None)
    assert Activity(EMPTY, 0, "UTC").today("orders") == Compared(0, None, None)
    assert seen.running("revenue", 7) == ()


def test_a_level_is_todays_less_what_came_since() -> None:
    hours = (Hour(NOW // HOUR - 30, Counter(carts=7)), Hour(NOW // HOUR - 3, Counter(carts=-2)))
    assert Activity(summary_of(hours=hours), NOW, "UTC").level(5, "carts") == Compared(5, 7, None)


def test_visitors_are_compared_with_the_mean_of_the_hour() -> None:
    minutes = (Minute(NOW // MINUTE, 1, 0, 0, 0, visitors=12),)
    hours = (Hour(NOW // HOUR - 24, Counter(visitors=600)),)
    seen = Activity(summary_of(minutes=minutes, hours=hours), NOW, "UTC")
    assert seen.visitors() == Compared(12, 10, None)


def test_minutes_in_which_nothing_happened_are_told_too() -> None:
    found = list(Activity(counted([NOW - 2 * MINUTE]), NOW, "UTC").minutes(4))
    assert [(minute.minute - NOW // MINUTE, minute.orders) for minute in found] == [(-4, 0), (-3, 0), (-2, 1), (-1, 0)]
