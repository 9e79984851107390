"""Whatever the bytes: nothing is raised, and every record ends as exactly one of what a reading can be."""

from __future__ import annotations

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


def check(reading: DecodedRecord) -> None:
    """A reading is an event, or a rejection, or an order of unknown value."""
    assert type(reading.e) is type(reading.role) is type(reading.message) is type(reading.cut) is int
    assert 0 <= reading.message < 2**32
    assert reading.e in (NO_TIME, E - 10**7) or reading.e >= EARLIEST
    assert not reading.identified or reading.shopper
    if reading.rejected is None:
        assert reading.event is not None
        assert reading.e != NO_TIME
        assert reading.shopper or type(reading.event).__name__ == "Tick"
        assert getattr(reading.event, "amount", 0) is not None or type(reading.event).__name__ in (
            "Refunded",
            "Amended",
        )
        return
    assert reading.rejected.code in PRECEDENCE
    assert reading.rejected.detail
    assert reading.cut == 0
    if reading.event is not None:
        assert isinstance(reading.event, Ordered | Amended)
        assert (reading.event.amount, reading.event.stated) == (None, False)
        assert reading.event.order
        assert reading.shopper
        assert reading.e != NO_TIME


@settings(max_examples=15 * settings().max_examples)
@given(VALUES, st.sampled_from([-1, E, E - 10**7]))
def test_nothing_is_raised(value: bytes, recorded: int) -> None:
    reading = read(value, recorded)
    check(reading)
    assert read(value, recorded) == reading
