"""The decoder, whatever the bytes: nothing is raised, each record has one of the outcomes, and the time is bounded."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.decoding.event_time import EARLIEST
from models.decoding.rejections import PRECEDENCE
from models.kernel.events import Amended, Ordered
from models.kernel.record import NO_TIME, DecodedRecord
from tests.models.messages import E, read
from tests.models.spoiled import calls, mutations

DEEP = st.builds(
    lambda opening, depth, closing: opening * depth + b"1" + closing * depth,
    st.sampled_from([b"[", b'{"event":', b'{"properties":', b'{"a":[']),
    st.integers(0, 5000),
    st.sampled_from([b"", b"]", b"}", b"]}"]),
)
VALUES = calls() | mutations() | st.binary() | DEEP


def check(record: DecodedRecord) -> None:
    """A record has an event, or a rejection, or is an order of unknown value."""
    assert type(record.e) is type(record.role) is type(record.message) is type(record.cut) is int
    assert 0 <= record.message < 2**32
    assert record.e in (NO_TIME, E - 10**7) or record.e >= EARLIEST
    assert not record.identified or record.shopper
    if record.rejected is None:
        assert record.event is not None
        assert record.e != NO_TIME
        assert record.shopper or type(record.event).__name__ == "Tick"
        assert getattr(record.event, "amount", 0) is not None or type(record.event).__name__ in (
            "Refunded",
            "Amended",
        )
        return
    assert record.rejected.code in PRECEDENCE
    assert record.rejected.detail
    assert record.cut == 0
    if record.event is not None:
        assert isinstance(record.event, Ordered | Amended)
        assert (record.event.amount, record.event.stated) == (None, False)
        assert record.event.order or isinstance(record.event, Ordered)
        assert record.shopper
        assert record.e != NO_TIME


@settings(max_examples=15 * settings().max_examples)
@given(VALUES, st.sampled_from([-1, E, E - 10**7]))
def test_nothing_is_raised(value: bytes, recorded: int) -> None:
    record = read(value, recorded)
    check(record)
    assert read(value, recorded) == record


@pytest.mark.parametrize(
    "junk",
    [
        b'{"a":' * 200 + b"1" + b"}" * 200,
        b"[]" * 300 + b'"' + b'\\"' * 100_000,
        b'{"timestamp":"' + b"1" * 200_000 + b'"}',
        b'{"event":"Product Added","properties":{"quantity":' + b"9" * 200_000 + b"}}",
        b'{"event":"Order Completed","properties":{"products":[' + b"{}," * 60_000 + b"{}]}}",
        b'{"event":"Product Added","properties":{"price":.' + b"1" * 200_000 + b"}}",
        b'{"event":"' + b"x" * 200_000 + b'","userId":"u","timestamp":"2026-11-21T10:15:00Z"}',
        b"[" * 200_000,
    ],
)
def test_bad_input_costs_in_proportion_to_its_size(junk: bytes) -> None:
    """Something quadratic would take minutes for a quarter of a megabyte."""
    start = time.perf_counter()
    read(junk)
    assert time.perf_counter() - start < 2
