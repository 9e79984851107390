"""Diagnosis: which of several faults is named, and what is left of the record. Good messages: as on the fast path."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from models.decoding.diagnosis import diagnose
from models.decoding.limits import LimitChecker
from models.decoding.normalize import Normalizer
from models.decoding.rejections import PRECEDENCE
from models.kernel.record import NO_TIME
from tests.models.messages import ABSENT, LINE, LONG, SETTINGS, E, code, message, order, read, track
from tests.models.spoiled import calls

NORMALIZER = Normalizer(LimitChecker(SETTINGS))


@given(calls())
def test_the_diagnosis_agrees_with_the_fast_path(value: bytes) -> None:
    for recorded in (E, E - 10**7, -1):
        assert diagnose(value, recorded, NORMALIZER) == read(value, recorded)


@pytest.mark.parametrize("type_", ["track", 5, [], None, "kairos.tick"])
def test_the_type_of_a_known_name_is_not_looked_at(type_: object) -> None:
    value = message("Product Viewed", type=type_)
    assert diagnose(value, E, NORMALIZER) == read(value) == read(message("Product Viewed"))


FAULTS: dict[str, dict[str, Any]] = {
    "bad_timestamp": {"timestamp": "x"},
    "missing_id": {"userId": None, "anonymousId": None},
    "too_large": {"messageId": LONG},
    "wrong_type": {"revenue": "x"},
    "absurd_quantity": {"quantity": 10**16},
    "unknown_currency": {"currency": "EUR"},
}


@pytest.mark.parametrize("first", range(len(FAULTS)))
def test_the_first_by_precedence_names_the_record(first: int) -> None:
    """All faults from one on together: the one that stands first in the contract wins."""
    assert [name for name in PRECEDENCE if name in FAULTS] == list(FAULTS)
    top: dict[str, Any] = {}
    for name in list(FAULTS)[first:]:
        top.update(FAULTS[name])
    properties = {"order_id": "o", "revenue": top.pop("revenue", None), "currency": top.pop("currency")}
    properties["products"] = [{"price": 1, "quantity": top.pop("quantity", 1)}]
    assert code(read(message("Order Completed", **top, properties=properties))) == list(FAULTS)[first]


def test_what_is_left_of_a_rejected_record() -> None:
    late = read(message(timestamp="x"))
    assert (late.e, late.shopper, late.identified) == (NO_TIME, "u42", True)
    nobody = read(message(userId=5))
    assert (nobody.e, nobody.shopper, nobody.identified) == (E, "", False)
    guest = read(track("Product Added", quantity=-1).replace(b'"userId": "u42", ', b""))
    assert (guest.e, guest.shopper, guest.identified, guest.role) == (E, "a9", False, 1)


def test_the_detail_says_what_is_wrong_where() -> None:
    details = {
        track("Cart Updated", products=[LINE, LINE | {"quantity": -1}]): "$.products[1].quantity",
        message(userId=5): "userId",
        message(timestamp=ABSENT): "timestamp is missing",
        message(timestamp="1970-01-01T00:00:00Z"): "before 1990",
        order(order_id=""): "order_id is missing",
        order(revenue=1, currency="EUR"): "'EUR'",
        track("Product Added", quantity=10**16): "100000",
    }
    for value, text in details.items():
        rejected = read(value).rejected
        assert rejected is not None
        assert text in rejected.detail
        assert len(rejected.detail) < 200
