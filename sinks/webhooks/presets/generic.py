"""Messages as they are, for systems of one's own: the payload that Standard Webhooks 1.0.0 describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.kernel.stamps import stamp
from sinks.webhooks.preset import Preset, Request, post

if TYPE_CHECKING:
    from sinks.webhooks.endpoints import Endpoint


def build(endpoint: Endpoint, topic: str, message: Mapping[str, Any]) -> Request:
    """``type`` (topic and kind), ``timestamp`` (`as_of` in ISO 8601), ``data`` (the message, see docs/outputs.md)."""
    kind = f"{topic}.{message['kind']}"
    return post(endpoint, {"type": kind, "timestamp": stamp(message["as_of"]), "data": message})


GENERIC = Preset("a system of one's own, by Standard Webhooks", build, signed=True)
