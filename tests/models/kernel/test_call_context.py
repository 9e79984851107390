"""`context` of a call: read where a visit begins, and never a reason to refuse a record."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from models.decoding.segment import NAMES
from models.features import SHOPPERS, ShopSettings
from models.kernel.call_context import call_context, read_visit, read_zone
from models.kernel.events import Browsed
from models.kernel.moment import slot
from models.kernel.record import DecodedRecord
from tests.models.messages import ABSENT, E, code, message, read
from tests.models.spoiled import JUNK

CONTEXT = {"timezone": "Asia/Tokyo", "device": {"type": "Tablet"}, "campaign": {"medium": "CPC", "source": "x"}}


def visit(context: Any) -> tuple[str | None, str, str]:
    """What is read of a call with this `context`."""
    record = read(message(context=context))
    assert record.rejected is None
    return read_visit(record.context)


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (CONTEXT, ("Asia/Tokyo", "tablet", "cpc")),
        (ABSENT, (None, "", "")),
        (None, (None, "", "")),
        ({}, (None, "", "")),
        ("x", (None, "", "")),
        ([CONTEXT], (None, "", "")),
        ({**CONTEXT, "timezone": 5}, (None, "tablet", "cpc")),
        ({**CONTEXT, "device": "tablet"}, ("Asia/Tokyo", "", "cpc")),
        ({**CONTEXT, "device": {"type": ["tablet"]}}, ("Asia/Tokyo", "", "cpc")),
        ({**CONTEXT, "campaign": {"medium": "", "source": "News"}}, ("Asia/Tokyo", "tablet", "news")),
        ({**CONTEXT, "campaign": {"medium": 5, "source": "News"}}, ("Asia/Tokyo", "tablet", "news")),
        ({**CONTEXT, "campaign": {"medium": None, "source": None}}, ("Asia/Tokyo", "tablet", "")),
        ({**CONTEXT, "ip": [], "device": {"type": "TV" * 40, "id": 5}}, ("Asia/Tokyo", "tv" * 16, "cpc")),
    ],
)
def test_each_field_by_itself(context: Any, expected: tuple[str | None, str, str]) -> None:
    assert visit(context) == expected


@given(
    context=JUNK | st.fixed_dictionaries({}, optional={"timezone": JUNK, "device": JUNK, "campaign": JUNK}),
    name=st.sampled_from(sorted(set(NAMES) - {"User Erased"})),
)
def test_no_context_makes_a_record_bad(context: Any, name: str) -> None:
    """A record is as good as with the same thing in a field nobody reads."""
    properties = {"order_id": "o", "refund_id": "r", "products": []} if name != "Product Added" else {}
    record = read(message(name, properties=properties, context=context))
    unread = read(message(name, properties=properties, context=ABSENT, integrations=context))
    assert (record.event, code(record), record.shopper) == (unread.event, code(unread), unread.shopper)
    p, _ = SHOPPERS.event(
        SHOPPERS.context(ShopSettings()), "u", None, DecodedRecord(E, "u", Browsed(), context=record.context), 0
    )
    assert p is not None
    assert sum(slot(p, SHOPPERS.named["habits"]).hours[1::2]) == 1


def test_an_order_of_unknown_value_keeps_its_context() -> None:
    record = read(message("Order Completed", properties={"order_id": "o", "revenue": "x"}, context=CONTEXT))
    assert record.rejected is not None
    assert record.event is not None
    assert read_visit(record.context) == ("Asia/Tokyo", "tablet", "cpc")


def test_the_diagnosis_reads_the_same_context() -> None:
    value = message(context=CONTEXT).replace(b'"userId"', b'"event": "Product Viewed", "userId"')
    assert read_visit(read(value).context) == ("Asia/Tokyo", "tablet", "cpc")


def test_not_even_broken_text_is_raised() -> None:
    assert read_visit(call_context(Raw(b'{"timezone":"\\ud800","device":{"type":"tv"}}'))) == (None, "", "")
    assert read_visit(call_context(Raw(b'{"timezone":"\xff","device":{"type":"tv"}}'))) == (None, "tv", "")
    assert read_zone(call_context(Raw(b'{"timezone":"\xff"}'))) is None
