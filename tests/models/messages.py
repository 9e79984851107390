"""Messages for tests: a good one, and how to spoil it."""

from __future__ import annotations

import json
from typing import Any

from models.decoding.decoder import Decoder
from models.features import ShopSettings
from models.kernel.record import DecodedRecord
from models.kernel.settings import Rate

AT = "2026-11-21T10:15:00.000Z"
E = 1_795_256_100_000
"""The same instant in ms; `date -d 2026-11-21T10:15:00Z +%s` says so."""

SETTINGS = ShopSettings(
    currency="CNY",
    rates=(Rate("USD", "7.1", 0), Rate("USD", "7.25", E), Rate("JPY", "0.0463"), Rate("KWD", "23.5", E + 1)),
)

LONG = "é" * 129
"""An id that is too long: 258 bytes."""
BOUND = "é" * 128
"""One that is not: 256 bytes."""

LINE: dict[str, Any] = {"product_id": "p", "price": 1, "quantity": 1}
"""A line of a cart or an order."""

ABSENT: Any = object()
DECODER = Decoder(SETTINGS)


def message(event: str | None = "Product Viewed", **top: Any) -> bytes:
    """A call as JSON; `ABSENT` leaves a field out."""
    call = {
        "messageId": "m-1",
        "type": "track",
        "event": ABSENT if event is None else event,
        "userId": "u42",
        "anonymousId": "a9",
        "timestamp": AT,
        "context": {"timezone": "Asia/Shanghai", "locale": "zh-CN"},
        "properties": {},
        **top,
    }
    return json.dumps({name: value for name, value in call.items() if value is not ABSENT}).encode()


def track(event: str, **properties: Any) -> bytes:
    """A track call with these properties."""
    return message(event, properties=properties)


def order(**properties: Any) -> bytes:
    """A report of an order."""
    return track("Order Completed", **{"order_id": "o", **properties})


def read(value: bytes | None, recorded: int = E) -> DecodedRecord:
    """The decoded record, by the tests' settings."""
    return DECODER.read(value, recorded)


def code(record: DecodedRecord) -> str | None:
    """The code of a rejection."""
    return record.rejected.code if record.rejected is not None else None
