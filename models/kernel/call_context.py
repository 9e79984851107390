"""The `context` of a call: the fields that are read of it, and how.

Nothing in it makes a record bad. A record keeps the fields undecoded, and each is decoded only where it is needed: for
most events it costs nothing. A field of the wrong type counts as absent; the others are read all the same.
"""

from __future__ import annotations

from msgspec import Raw, Struct
from msgspec.json import Decoder

NULL = Raw(b"null")
"""The bytes of a field that is absent, which means the same as null."""

MAX_NAME = 32
"""Characters of a device's or a channel's name that are kept."""


class CallContext(Struct, frozen=True, gc=False):
    """`context`: the fields that are used, not decoded yet. (`consent` and `traits`: see `models.decoding.consent`.)"""

    timezone: Raw = NULL
    device: Raw = NULL
    campaign: Raw = NULL
    consent: Raw = NULL
    traits: Raw = NULL


class Parts(Struct, frozen=True, gc=False):
    """The fields of `context.device` and of `context.campaign`, not decoded yet."""

    type: Raw = NULL
    medium: Raw = NULL
    source: Raw = NULL


NO_CONTEXT, NO_PARTS = CallContext(), Parts()

_context = Decoder(CallContext | None).decode
_parts = Decoder(Parts | None).decode
_text = Decoder(str | None).decode


def call_context(raw: Raw) -> CallContext:
    """The fields of a `context`; none where it is no object. Nothing is raised, whatever it holds."""
    try:
        return _context(raw) or NO_CONTEXT
    except ValueError:
        return NO_CONTEXT


def read_zone(context: CallContext) -> str | None:
    """The time zone, an IANA name; None if none is stated.

    >>> [read_zone(call_context(Raw(raw))) for raw in (b'{"timezone":"Asia/Tokyo"}', b'{"timezone":5}', b"[]")]
    ['Asia/Tokyo', None, None]
    """
    return _string(context.timezone)


def read_visit(context: CallContext) -> tuple[str | None, str, str]:
    """The attributes of a visit: time zone, and device and channel in lower case, "" if absent.

    The device is its kind, the channel the campaign's medium, else its source.

    >>> read_visit(call_context(Raw(b'{"device":{"type":"Mobile"},"campaign":{"medium":"","source":"News"}}')))
    (None, 'mobile', 'news')
    >>> read_visit(call_context(Raw(b'{"timezone":"Asia/Tokyo","device":"mobile","campaign":{"medium":5}}')))
    ('Asia/Tokyo', '', '')
    """
    kind = _string(_inside(context.device).type)
    campaign = _inside(context.campaign)
    channel = _string(campaign.medium) or _string(campaign.source)
    return _string(context.timezone), _name(kind) if kind else "", _name(channel) if channel else ""


def _name(stated: str) -> str:
    """A device's or a channel's name as it is kept."""
    name = stated.lower()
    return name if len(name) <= MAX_NAME else name[:MAX_NAME]


def _inside(raw: Raw) -> Parts:
    if raw is NULL:
        return NO_PARTS
    try:
        return _parts(raw) or NO_PARTS
    except ValueError:
        return NO_PARTS


def _string(raw: Raw) -> str | None:
    if raw is NULL:
        return None
    try:
        return _text(raw)  # type: ignore[no-any-return]
    except ValueError:
        return None
