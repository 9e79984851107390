"""Hours and calendar days of a zone, beside Python's own time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.settings import DAY, HOUR, MINUTE
from models.kernel.zones import WEEKDAYS, day, hour, midnight, shown, weekday
from models.kernel.zones import date as date_of
from tests.models.messages import E

ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
)
FROM, UNTIL = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000) for year in (1990, 2040))


def local(e: int, zone: str) -> datetime:
    """By the `tzdata` package, as Kairos does it: the operating system may have another year's rules."""
    with (files("tzdata") / "zoneinfo" / zone).open("rb") as file:
        return datetime.fromtimestamp(e // 1000, ZoneInfo.from_file(file))


@given(st.sampled_from(ZONES), st.integers(FROM, UNTIL))
def test_hour_of_a_zone(zone: str, e: int) -> None:
    assert hour(shown(e, zone)) == local(e, zone).hour


@given(st.sampled_from(ZONES), st.integers(FROM, UNTIL))
def test_weekday_and_date_of_a_zone(zone: str, e: int) -> None:
    assert WEEKDAYS[weekday(shown(e, zone))] == f"{local(e, zone):%a}".lower()
    assert date_of(shown(e, zone)) == local(e, zone).date().toordinal() - EPOCH


def test_hour_where_the_offset_changes_within_an_hour() -> None:
    """Newfoundland changed its clocks a minute past midnight: at 02:31 UTC, within an hour of UTC."""
    change = int(datetime(2010, 11, 7, 2, 31, tzinfo=UTC).timestamp() * 1000)
    for e in range(change - 2 * HOUR, change + 2 * HOUR, 60_000):
        assert hour(shown(e, "America/St_Johns")) == local(e, "America/St_Johns").hour


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (None, 10), ("", 10), ("UTC", 10), ("Asia/Kolkata", 15), ("Pacific/Kiritimati", 0), ("America/New_York", 5),
        ("America", 10), ("../etc/passwd", 10), ("asia/tokyo", 10), ("Asia/Tokyo\0", 10), ("posixrules", 10),
    ],
)  # fmt: skip
def test_hours_by_the_shoppers_clock(zone: str | None, expected: int) -> None:
    assert hour(shown(E, zone)) == expected


def test_summer_time_and_the_end_of_time() -> None:
    summer, winter = 1_751_364_000_000, 1_735_725_600_000
    assert (hour(shown(summer, "Europe/Berlin")), hour(shown(winter, "Europe/Berlin"))) == (12, 11)
    assert hour(shown(253_402_300_799_000, "Pacific/Kiritimati")) == 23


EPOCH = date(1970, 1, 1).toordinal()
WHOLE = ("UTC", *(zone for zone in ZONES if zone != "America/St_Johns"))
"""Zones where a date that was shown once is not shown again after the next one."""


@given(st.sampled_from(WHOLE), st.integers(FROM, UNTIL))
def test_day_of_a_zone(zone: str, e: int) -> None:
    assert day(e, zone) == local(e, zone).date().toordinal() - EPOCH


@given(st.sampled_from(("UTC", *ZONES, "Pacific/Apia", "America/Sao_Paulo", "Asia/Beirut")), st.integers(FROM, UNTIL))
def test_a_day_begins_at_its_midnight(zone: str, e: int) -> None:
    today = day(e, zone)
    begins, ends = midnight(today, zone), midnight(today + 1, zone)
    assert begins <= e < ends
    assert day(begins, zone) == day(ends - 1, zone) == today
    assert day(ends, zone) > today


def test_days_of_summer_time_have_23_and_25_hours() -> None:
    spring, autumn = ((date(2026, month, at).toordinal() - EPOCH) for month, at in ((3, 29), (10, 25)))
    lengths = [midnight(each + 1, "Europe/Berlin") - midnight(each, "Europe/Berlin") for each in (spring, autumn)]
    assert lengths == [23 * HOUR, 25 * HOUR]


def test_a_day_that_begins_at_one_since_midnight_was_left_out() -> None:
    """Brazil put its clocks forward at midnight: 2018-11-04 began at 01:00, 03:00 UTC."""
    begins = int(datetime(2018, 11, 4, 3, tzinfo=UTC).timestamp() * 1000)
    assert midnight(day(begins, "America/Sao_Paulo"), "America/Sao_Paulo") == begins
    assert day(begins - 1, "America/Sao_Paulo") == day(begins, "America/Sao_Paulo") - 1


def test_a_day_does_not_come_twice_where_the_clock_goes_back_over_midnight() -> None:
    change = int(datetime(2010, 11, 7, 2, 31, tzinfo=UTC).timestamp() * 1000)
    days = [day(e, "America/St_Johns") for e in range(change - 2 * HOUR, change + 2 * HOUR, MINUTE)]
    assert days == sorted(days)
    assert len(set(days)) == 2


def test_the_end_of_time_is_a_day() -> None:
    last = 253_402_300_799_000
    assert (day(last, "Pacific/Kiritimati"), midnight(last // DAY + 500, "Asia/Tokyo") % DAY) == (last // DAY, 0)
