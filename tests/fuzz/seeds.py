"""Good messages of every kind: what mutations start from."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from kairos.simulate.settings import BUSY
from kairos.simulate.shop import Shop
from models.decoding.event_time import epoch_ms
from models.decoding.segment import NAMES, TYPES
from models.kernel.events import ROLES
from models.kernel.settings import HOUR

DOCUMENTED = Path(__file__).parents[2] / "docs" / "events.jsonl"
BAD = (b"m-12", b"m-14")
"""Of these, the bad ones."""
OPENED = 1_775_037_600_000
"""2026-04-01T10:00Z, when the shops of `DOCUMENTED` are busy."""
SHOPPERS = 12
"""Of the messages written here: so few that a mutated one meets a profile with a history."""

PRODUCT = {"product_id": "p1", "sku": "s1", "name": "Shoe", "price": 59.9, "quantity": 2}
PROPERTIES: dict[str, Any] = {
    **PRODUCT,
    "category": "shoes",
    "cart_id": "c7",
    "currency": "USD",
    "products": [PRODUCT, {"sku": "s2", "price": 5, "quantity": 1.0}, {"name": "鞋", "quantity": 3}],
    "revenue": 124.8,
    "total": 130,
    "results_count": 3,
    "rating": 4.5,
    "lang": "zh",
    "review_body": "很好 " * 90,
    "channel": "email",
    "granted": True,
    "channels": {"email": False, "sms": True},
    "consent": {"categoryPreferences": {"Advertising": True, "Analytics": False}},
}
TRAITS = {"email": "a@example.com", "unsubscribed": False, "sms_opt_in": True}
CONTEXTS: tuple[dict[str, Any], ...] = (
    {"locale": "zh-CN"},
    {"timezone": "Asia/Shanghai", "consent": {"categoryPreferences": {"Advertising": True, "C0004": False}}},
    {"traits": TRAITS},
)


class Seed(NamedTuple):
    """A good message: when (ms), its role's topic, its shopper, its bytes, and what they say."""

    at: int
    topic: str
    shopper: str
    value: bytes
    call: dict[str, Any]


def seeds() -> list[Seed]:
    """Every kind of event often, a day of a simulated shop, and the documented example; by time."""
    written = [json.dumps(call).encode() for number in range(120) for call in _every_kind(number)]
    sold = [row[3] for row in Shop(replace(BUSY, start=OPENED, end=OPENED + 24 * HOUR))]
    documented = [line for line in DOCUMENTED.read_bytes().splitlines() if not any(name in line for name in BAD)]
    found = [_seed(value) for value in (*written, *sold[:1_000], *documented)]
    return sorted(found, key=lambda seed: seed.at)


def _every_kind(number: int) -> list[dict[str, Any]]:
    who = {"userId": f"u{number % SHOPPERS}", "anonymousId": f"a{number % SHOPPERS}"}
    calls: list[dict[str, Any]] = []
    for name in (*sorted(NAMES), *sorted(TYPES), "Wheel Spun"):
        minute = 7 * number + len(calls)
        call = {"messageId": f"m{number}-{len(calls)}", "type": name if name in TYPES else "track", "event": name}
        call["timestamp"] = (
            f"2026-04-{1 + minute // 60 // 14:02}T{10 + minute // 60 % 14}:{minute % 60:02}:00.{number:03}Z"
        )
        ids = {"order_id": f"o{number // 2}", "refund_id": f"r{number // 2}"}
        calls.append(call | who | {"context": CONTEXTS[number % 3], "properties": PROPERTIES | ids})
        if name == "identify":
            calls[-1]["traits"] = TRAITS
        if name in TYPES:
            del calls[-1]["event"]
    return calls


def _seed(value: bytes) -> Seed:
    call = json.loads(value)
    kind = NAMES.get(call.get("event", ""))
    shopper = call.get("userId") or call.get("anonymousId") or ""
    at = epoch_ms(datetime.fromisoformat(call["timestamp"]))
    return Seed(at, ROLES[kind.role if kind else 0], shopper, value, call)
