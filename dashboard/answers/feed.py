"""The feed: what was said lately, over all shards."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Item(Struct, frozen=True):
    """One output. `cursor` says where one is in the feeds of all shards once this was seen: `Last-Event-ID` takes it.
    `topic` is the role of its topic; the rest is of the message, which `message` is whole."""

    cursor: str
    topic: str
    id: str
    kind: str
    user_id: str | None
    as_of: int
    reason: str
    message: dict[str, Any]
