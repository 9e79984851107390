"""The `context` of a call, of which the time zone, the device and the campaign are read.

Nothing in it makes a record bad. A record keeps it undecoded, and it is decoded only where a visit begins: for most
events it costs nothing. A field of the wrong type counts as absent; the others are read all the same.
"""

from __future__ import annotations

from msgspec import Raw, Struct
from msgspec.json import Decoder

NULL = Raw(b"null")
"""The bytes of a field that is absent, which means the same as null."""

MAX_NAME = 32
"""Characters of a device's or a channel's name that are kept."""


class Device(Struct, gc=False):
    """`context.device`."""

    type: str | None = None


class Campaign(Struct, gc=False):
    """`context.campaign`."""

    medium: str | None = None
    source: str | None = None


class CallContext(Struct, gc=False):
    """`context`: the fields that are used."""

    timezone: str | None = None
    device: Device | None = None
    campaign: Campaign | None = None

    def visit(self) -> tuple[str | None, str, str]:
        """The attributes of a visit: time zone (None if absent), device and channel (in lower case, "" if absent).

        The time zone is an IANA name, the device its kind, the channel the campaign's medium, else its source."""
        device, campaign = self.device, self.campaign
        kind = device.type if device is not None else None
        channel = (campaign.medium or campaign.source) if campaign is not None else None
        return self.timezone, _name(kind) if kind else "", _name(channel) if channel else ""


def _name(stated: str) -> str:
    """A device's or a channel's name as it is kept."""
    name = stated.lower()
    return name if len(name) <= MAX_NAME else name[:MAX_NAME]


class RawContext(Struct, gc=False):
    """Any JSON object, with the fields of all three structs above, not decoded yet."""

    timezone: Raw = NULL
    device: Raw = NULL
    campaign: Raw = NULL
    type: Raw = NULL
    medium: Raw = NULL
    source: Raw = NULL


EMPTY = CallContext()

_decode = Decoder(CallContext | None).decode
_raw = Decoder(RawContext).decode
_text = Decoder(str).decode


def read_context(raw: Raw) -> CallContext:
    """Decode a `context`. Nothing is raised, whatever it holds.

    >>> read_context(Raw(b'{"device":{"type":"Mobile"},"campaign":{"medium":"","source":"News"}}')).visit()
    (None, 'mobile', 'news')
    >>> read_context(Raw(b'{"timezone":"Asia/Tokyo","device":"mobile","campaign":{"medium":5,"source":"x"}}')).visit()
    ('Asia/Tokyo', '', 'x')
    """
    try:
        return _decode(raw) or EMPTY
    except ValueError:
        pass
    context = _object(raw)
    device, campaign = _object(context.device), _object(context.campaign)
    source = Campaign(_string(campaign.medium), _string(campaign.source))
    return CallContext(_string(context.timezone), Device(_string(device.type)), source)


def _object(raw: Raw) -> RawContext:
    try:
        return _raw(raw)
    except ValueError:
        return RawContext()


def _string(raw: Raw) -> str | None:
    try:
        return _text(raw)
    except ValueError:
        return None
