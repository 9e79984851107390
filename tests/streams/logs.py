"""Small logs for tests of the shard and its merge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from models.decoding.decoder import Decoder
from models.features import ShopSettings
from sinks.outputs import Header
from streams.records import Chunk, Input

T0 = 1_700_000_000_000
INPUTS = [Input(name, rank, name) for rank, name in enumerate(("clickstream", "cart", "orders"))]


class Rec(NamedTuple):
    """A record of a test's log."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header] = ()


def iso(e: int) -> str:
    """Time in ms as the contract writes it."""
    return datetime.fromtimestamp(e / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def track(name: str, e: int, user: str = "u1", **properties: object) -> bytes:
    """A track call at `e` (ms); its messageId is its content."""
    call = {"type": "track", "event": name, "userId": user, "timestamp": iso(e), "properties": properties}
    return msgspec.json.encode({"messageId": f"{name}-{e}-{user}-{sorted(properties.items())}", **call})


def page(e: int, user: str = "u1") -> bytes:
    """A page call."""
    return msgspec.json.encode({"messageId": f"page-{e}-{user}", "type": "page", "userId": user, "timestamp": iso(e)})


def tick(e: int) -> bytes:
    """A tick."""
    return msgspec.json.encode({"type": "kairos.tick", "timestamp": iso(e)})


def chunk(topic: str, values: Sequence[bytes | None], start: int = 0, partition: int = 0) -> Chunk:
    """A chunk of consecutive offsets."""
    records = [Rec(start + i, T0 * 2, b"u1", value) for i, value in enumerate(values)]
    return Chunk(topic, partition, start, records)


def reader() -> Decoder:
    """The contract with default settings."""
    return Decoder(ShopSettings())
