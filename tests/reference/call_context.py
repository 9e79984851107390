"""What a call's context says about a visit. A field of another type than it should have is as good as absent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

MAX_NAME = 32
FIELDS = ("timezone", "device", "campaign")
"""Those that say something of a visit."""


class Visit(NamedTuple):
    """The attributes of a visit: IANA name of its time zone, kind of device, channel; "" where one is absent."""

    zone: str = ""
    device: str = ""
    channel: str = ""


def read_context(context: Mapping[str, bytes]) -> Visit:
    """Read the fields of a context, as they stand in the message."""
    told = {name: json.loads(field) for name, field in context.items()}
    device, campaign = inside(told.get("device")), inside(told.get("campaign"))
    channel = text(campaign.get("medium")) or text(campaign.get("source"))
    return Visit(text(told.get("timezone")), short(text(device.get("type"))), short(channel))


def inside(value: Any) -> Mapping[str, Any]:
    """An object as it is; anything else is empty."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """A text as it is; anything else is none."""
    return value if isinstance(value, str) else ""


def short(name: str) -> str:
    """How a device or a channel is named."""
    return name.lower()[:MAX_NAME]
