"""Event time: RFC 3339 in all its forms, against datetime; before 1990; clamping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.record import NO_TIME
from tests.models.messages import AT, E, code, message, read

SKEW = 5 * 60_000


def at(timestamp: object, recorded: int = -1) -> int:
    return read(message(timestamp=timestamp), recorded).e


@pytest.mark.parametrize(
    ("timestamp", "e"),
    [
        (AT, E),
        ("2026-11-21T10:15:00Z", E),
        ("2026-11-21T10:15:00", E),  # naive: UTC
        ("2026-11-21 10:15:00.000Z", E),
        ("2026-11-21t10:15:00.000z", E),
        ("2026-11-21T18:15:00.000+08:00", E),
        ("2026-11-20T23:45:00-10:30", E),
        ("2026-11-21T10:15:00.1239Z", E + 123),  # cut, not rounded
        ("2026-11-21T10:15:00.999999Z", E + 999),
        ("2026-11-21T10:15:00.5Z", E + 500),
        ("1990-01-01T00:00:00.000Z", 631_152_000_000),
        ("1990-01-01T01:00:00.000+01:00", 631_152_000_000),
        ("2024-02-29T23:59:59.001Z", 1_709_251_199_001),
        ("9999-12-31T23:59:59.999-23:59", 253_402_387_139_999),
    ],
)
def test_forms(timestamp: str, e: int) -> None:
    assert at(timestamp) == e


@pytest.mark.parametrize(
    "timestamp",
    [
        None,
        "",
        "yesterday",
        "2026-11-21",
        "2026-02-30T00:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T10:15Z",
        "20261121T101500Z",
        E,
        E / 1000,
        True,
        [],
        {},
        "1989-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "2026-11-21T10:15:00.000Zx",
    ],
)
def test_not_a_time(timestamp: object) -> None:
    for value in (
        message(timestamp=timestamp),
        message("Never Heard Of", timestamp=timestamp),
        message(None, type="kairos.tick", timestamp=timestamp),
    ):
        record = read(value)
        assert (code(record), record.e, record.event) == ("bad_timestamp", NO_TIME, None)


ZONES = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
DAYS = st.integers(7_306, 2_932_895).map(lambda day: timedelta(days=day))  # 1990-01-02 to 9999-12-30
MOMENTS = st.builds(
    lambda zone, day, within: datetime(1970, 1, 1, tzinfo=zone) + day + within,
    ZONES,
    DAYS,
    st.timedeltas(timedelta(0), timedelta(microseconds=86_399_999_999)),
)


@given(MOMENTS)
def test_against_datetime(moment: datetime) -> None:
    expected = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert at(moment.isoformat()) == expected
    assert at(moment.astimezone(UTC).isoformat().replace("+00:00", "Z")) == expected


@pytest.mark.parametrize(
    ("recorded", "e", "clamped"),
    [
        (E, E, False),
        (E - SKEW, E, False),  # exactly max_skew is allowed
        (E - SKEW - 1, E - SKEW - 1, True),
        (0, 0, True),  # a record's timestamp is believed, whatever it is
        (-1, E, False),  # no timestamp: nothing to compare with
        (E + 10**10, E, False),  # a late event keeps its time
    ],
)
def test_clamping(recorded: int, e: int, clamped: bool) -> None:
    for value in (message(), message(None, type="kairos.tick"), message("Product Added", properties={"quantity": -1})):
        record = read(value, recorded)
        assert (record.e, record.clamped) == (e, clamped)
