"""Quiet hours by the clock on the wall, worked by hand at changes of daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.acting.quiet_hours import quiet_until
from models.kernel import zones


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1_000)


def told(e: int) -> str:
    return datetime.fromtimestamp(e / 1_000, UTC).isoformat()


@pytest.mark.parametrize(
    ("zone", "now", "ends"),
    [
        ("UTC", "2026-03-08T20:59:59+00:00", None),
        ("UTC", "2026-03-08T21:00:00+00:00", "2026-03-09T08:00:00+00:00"),
        ("UTC", "2026-03-09T07:59:59+00:00", "2026-03-09T08:00:00+00:00"),
        ("UTC", "2026-03-09T08:00:00+00:00", None),
        ("America/New_York", "2026-03-08T01:30:00-05:00", "2026-03-08T08:00:00-04:00"),  # the night has ten hours
        ("Europe/Berlin", "2026-10-24T22:00:00+02:00", "2026-10-25T08:00:00+01:00"),  # and twelve
        ("Asia/Shanghai", "2026-11-28T13:00:00+00:00", "2026-11-29T08:00:00+08:00"),
    ],
)
def test_at_night(zone: str, now: str, ends: str | None) -> None:
    found = quiet_until(ms(now), (21 * 60, 8 * 60), zone)
    assert found == (ms(ends) if ends else 0)


def test_an_end_that_does_not_exist_is_the_first_instant_after_it() -> None:
    """In New York it is 3:00 at once after 1:59 on 8 March 2026."""
    found = quiet_until(ms("2026-03-08T01:00:00-05:00"), (23 * 60, 2 * 60 + 30), "America/New_York")
    assert told(found) == "2026-03-08T07:00:00+00:00"
    assert told(zones.instant(zones.day(found, "UTC"), 0, "America/Asuncion")) == "2026-03-08T03:00:00+00:00"


def test_an_end_that_comes_twice_is_the_first() -> None:
    """In New York 1:30 comes twice on 1 November 2026."""
    quiet = 23 * 60, 60 + 30
    assert told(quiet_until(ms("2026-11-01T00:10:00-04:00"), quiet, "America/New_York")) == "2026-11-01T05:30:00+00:00"
    assert quiet_until(ms("2026-11-01T01:10:00-05:00"), quiet, "America/New_York") == 0, "the second 1:10"


def test_a_day_that_begins_later_in_cairo() -> None:
    """There clocks are put forward at midnight: 24 April 2026 begins at 1:00."""
    assert told(zones.midnight(zones.day(ms("2026-04-24T12:00:00+03:00"), "Africa/Cairo"), "Africa/Cairo")) == (
        "2026-04-23T22:00:00+00:00"
    )


def test_none() -> None:
    assert quiet_until(0, (), "UTC") == 0
