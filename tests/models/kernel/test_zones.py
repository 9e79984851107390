"""The hour where the shopper is, beside Python's own time zones."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.settings import HOUR
from models.kernel.zones import hour
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
    assert hour(e, zone) == local(e, zone).hour


def test_hour_where_the_offset_changes_within_an_hour() -> None:
    """Newfoundland changed its clocks a minute past midnight: at 02:31 UTC, within an hour of UTC."""
    change = int(datetime(2010, 11, 7, 2, 31, tzinfo=UTC).timestamp() * 1000)
    for e in range(change - 2 * HOUR, change + 2 * HOUR, 60_000):
        assert hour(e, "America/St_Johns") == local(e, "America/St_Johns").hour


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (None, 10), ("", 10), ("UTC", 10), ("Asia/Kolkata", 15), ("Pacific/Kiritimati", 0), ("America/New_York", 5),
        ("America", 10), ("../etc/passwd", 10), ("asia/tokyo", 10), ("Asia/Tokyo\0", 10), ("posixrules", 10),
    ],
)  # fmt: skip
def test_hours_by_the_shoppers_clock(zone: str | None, expected: int) -> None:
    assert hour(E, zone) == expected


def test_summer_time_and_the_end_of_time() -> None:
    assert (hour(1_751_364_000_000, "Europe/Berlin"), hour(1_735_725_600_000, "Europe/Berlin")) == (12, 11)
    assert hour(253_402_300_799_000, "Pacific/Kiritimati") == 23
