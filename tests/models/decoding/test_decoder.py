"""The reader: who, which message, what was cut; and that both its ways agree."""

from __future__ import annotations

import time
from hashlib import blake2b
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given

from models.decoding.decoder import Decoder
from models.decoding.diagnosis import Diagnosis
from models.decoding.limits import Terms
from models.decoding.normalize import Normalizer
from models.kernel.events import Added, Browsed, Line, Unrecognised
from models.kernel.settings import Limits, Settings
from tests.models.messages import ABSENT, SETTINGS, E, code, message, read, track
from tests.models.spoiled import calls

diagnose = Diagnosis(Normalizer(Terms(SETTINGS))).read


@pytest.mark.parametrize(
    ("top", "shopper", "identified"),
    [
        ({}, "u42", True),
        ({"anonymousId": ABSENT}, "u42", True),
        ({"userId": ABSENT}, "a9", False),
        ({"userId": ""}, "a9", False),
        ({"userId": None}, "a9", False),
        ({"userId": "小明 \x00 é"}, "小明 \x00 é", True),
    ],
)
def test_who(top: dict[str, Any], shopper: str, identified: bool) -> None:
    for event in ("Product Viewed", "Wheel Spun"):
        reading = read(message(event, **top))
        assert (reading.shopper, reading.identified) == (shopper, identified)


def test_which_message() -> None:
    assert read(message(messageId="é-1")).message == crc32("é-1".encode())
    for none in (ABSENT, None, ""):
        value = message(messageId=none)
        assert read(value).message == int.from_bytes(blake2b(value, digest_size=4).digest(), "big")
    assert read(message("Product Added", properties={"price": "x"})).message == crc32(b"m-1")


def test_long_strings_are_cut_and_counted() -> None:
    long = "é" * 201
    cut = "é" * 200
    added = read(track("Product Added", product_id=long, category=long))
    assert (added.event, added.cut) == (Added("default", Line(cut, 1), cut), 2)
    assert (read(track("Product Viewed", category=cut)).event, read(track("Product Viewed")).cut) == (
        Browsed(cut, 2),
        0,
    )
    unknown = read(message(long))
    assert (unknown.event, unknown.cut) == (Unrecognised(cut), 1)
    assert read(track("Cart Updated", products=[{"name": long}] * 3)).cut == 3
    assert read(track("Product Added", product_id=long, cart_id=5)).cut == 0
    assert read(track("Product Added", product_id="p")).cut == 0


def test_the_limits_are_settings() -> None:
    limits = Limits(max_skew=5, max_quantity=3, max_id_bytes=8, max_products=1, max_message_bytes=400, max_string=2)
    reader = Decoder(Settings(limits=limits))
    assert reader.read(message(), E - 6).clamped
    assert not reader.read(message(), E - 5).clamped
    assert code(reader.read(message(userId="x" * 9), E)) == "too_large"
    assert code(reader.read(message(pad="x" * 200), E)) == "too_large"
    assert code(reader.read(track("Product Added", quantity=4), E)) == "absurd_quantity"
    assert code(reader.read(track("Cart Updated", products=[{}, {}]), E)) == "too_large"
    assert reader.read(track("Product Viewed", category="abc"), E).event == Browsed("ab", 2)


@given(calls())
def test_the_diagnosis_agrees_with_the_short_way(value: bytes) -> None:
    """The slow way, taken for good messages too, gives the same reading."""
    for recorded in (E, E - 10**7, -1):
        assert diagnose(value, recorded) == read(value, recorded)


@pytest.mark.parametrize("type_", ["track", 5, [], None, "kairos.tick"])
def test_the_type_of_a_known_name_is_not_looked_at(type_: object) -> None:
    value = message("Product Viewed", type=type_)
    assert diagnose(value, E) == read(value) == read(message("Product Viewed"))


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
