"""`context` of a call: read where a visit begins, and never a reason to refuse a record."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from models.decoding.segment import NAMES
from models.features import SHOPPERS
from models.kernel.circumstances import circumstances
from models.kernel.effects import Context
from models.kernel.events import Browsed
from models.kernel.moment import slot
from models.kernel.record import DecodedRecord
from models.kernel.settings import Settings
from tests.models.messages import ABSENT, E, code, message, read
from tests.models.spoiled import JUNK

TOLD = {"timezone": "Asia/Tokyo", "device": {"type": "Tablet"}, "campaign": {"medium": "CPC", "source": "x"}}


def told(context: Any) -> tuple[str | None, str, str]:
    """What is read of a call with this `context`."""
    reading = read(message(context=context))
    assert reading.rejected is None
    return circumstances(reading.context).told()


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (TOLD, ("Asia/Tokyo", "tablet", "cpc")),
        (ABSENT, (None, "", "")),
        (None, (None, "", "")),
        ({}, (None, "", "")),
        ("x", (None, "", "")),
        ([TOLD], (None, "", "")),
        ({**TOLD, "timezone": 5}, (None, "tablet", "cpc")),
        ({**TOLD, "device": "tablet"}, ("Asia/Tokyo", "", "cpc")),
        ({**TOLD, "device": {"type": ["tablet"]}}, ("Asia/Tokyo", "", "cpc")),
        ({**TOLD, "campaign": {"medium": "", "source": "News"}}, ("Asia/Tokyo", "tablet", "news")),
        ({**TOLD, "campaign": {"medium": 5, "source": "News"}}, ("Asia/Tokyo", "tablet", "news")),
        ({**TOLD, "campaign": {"medium": None, "source": None}}, ("Asia/Tokyo", "tablet", "")),
        ({**TOLD, "ip": [], "device": {"type": "TV" * 40, "id": 5}}, ("Asia/Tokyo", "tv" * 16, "cpc")),
    ],
)
def test_each_field_by_itself(context: Any, expected: tuple[str | None, str, str]) -> None:
    assert told(context) == expected


@given(
    context=JUNK | st.fixed_dictionaries({}, optional={"timezone": JUNK, "device": JUNK, "campaign": JUNK}),
    name=st.sampled_from(sorted(set(NAMES) - {"User Erased"})),
)
def test_no_context_makes_a_record_bad(context: Any, name: str) -> None:
    """A record is as good as with the same thing in a field nobody reads."""
    properties = {"order_id": "o", "refund_id": "r", "products": []} if name != "Product Added" else {}
    reading = read(message(name, properties=properties, context=context))
    unread = read(message(name, properties=properties, context=ABSENT, integrations=context))
    assert (reading.event, code(reading), reading.shopper) == (unread.event, code(unread), unread.shopper)
    p, _ = SHOPPERS.event(Context(Settings()), "u", None, DecodedRecord(E, "u", Browsed(), context=reading.context), 0)
    assert p is not None
    assert sum(slot(p, SHOPPERS.named["habits"]).hours[1::2]) == 1


def test_an_order_of_unknown_value_still_tells_its_context() -> None:
    reading = read(message("Order Completed", properties={"order_id": "o", "revenue": "x"}, context=TOLD))
    assert reading.rejected is not None
    assert reading.event is not None
    assert circumstances(reading.context).told() == ("Asia/Tokyo", "tablet", "cpc")


def test_the_slow_way_reads_the_same_context() -> None:
    value = message(context=TOLD).replace(b'"userId"', b'"event": "Product Viewed", "userId"')
    assert circumstances(read(value).context).told() == ("Asia/Tokyo", "tablet", "cpc")


def test_not_even_broken_text_is_raised() -> None:
    assert circumstances(Raw(b'{"timezone":"\\ud800","device":{"type":"tv"}}')).told() == (None, "", "")
    assert circumstances(Raw(b'{"timezone":"\xff"}')).told() == (None, "", "")
