"""Normalization: whose a record is, and by which hash its message is known again."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any
from zlib import crc32

import pytest

from tests.models.messages import ABSENT, message, read


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
        record = read(message(event, **top))
        assert (record.shopper, record.identified) == (shopper, identified)


def test_which_message() -> None:
    assert read(message(messageId="é-1")).message == crc32("é-1".encode())
    for none in (ABSENT, None, ""):
        value = message(messageId=none)
        assert read(value).message == int.from_bytes(blake2b(value, digest_size=4).digest(), "big")
    assert read(message("Product Added", properties={"price": "x"})).message == crc32(b"m-1")
