"""What a call says about its circumstances: `context`, of which a visit's time zone, device and campaign are read.

Nothing here makes a record bad. `context` is kept as it stands in the message and read only where a visit begins: most
events never pay for it. A field of another type than it should have is as good as absent; its neighbours still count.
"""

from __future__ import annotations

from msgspec import Raw, Struct
from msgspec.json import Decoder

NULL = Raw(b"null")
"""A field that is absent: the same as null."""

LONGEST = 32
"""Characters kept of a device's or a channel's name."""


class Device(Struct, gc=False):
    """`context.device`."""

    type: str | None = None


class Campaign(Struct, gc=False):
    """`context.campaign`."""

    medium: str | None = None
    source: str | None = None


class Circumstances(Struct, gc=False):
    """`context`, as far as it is looked at."""

    timezone: str | None = None
    device: Device | None = None
    campaign: Campaign | None = None

    def told(self) -> tuple[str | None, str, str]:
        """Time zone; kind of device; how the shopper came: the campaign's medium, else its source. The latter two are
        in lower case, and "" where they are not told."""
        device = self.device.type if self.device is not None else None
        channel = (self.campaign.medium or self.campaign.source) if self.campaign is not None else None
        return (
            self.timezone,
            device.lower()[:LONGEST] if device else "",
            channel.lower()[:LONGEST] if channel else "",
        )


class Parts(Struct, gc=False):
    """Any JSON object, by the fields of all three above."""

    timezone: Raw = NULL
    device: Raw = NULL
    campaign: Raw = NULL
    type: Raw = NULL
    medium: Raw = NULL
    source: Raw = NULL


UNTOLD = Circumstances()

_decode = Decoder(Circumstances | None).decode
_parts = Decoder(Parts).decode
_text = Decoder(str).decode


def circumstances(raw: Raw) -> Circumstances:
    """Read a `context`; whatever it holds, nothing is raised.

    >>> circumstances(Raw(b'{"device":{"type":"Mobile"},"campaign":{"medium":"","source":"News"}}')).told()
    (None, 'mobile', 'news')
    >>> circumstances(Raw(b'{"timezone":"Asia/Tokyo","device":"mobile","campaign":{"medium":5,"source":"x"}}')).told()
    ('Asia/Tokyo', '', 'x')
    """
    try:
        return _decode(raw) or UNTOLD
    except ValueError:
        pass
    context = _object(raw)
    device, campaign = _object(context.device), _object(context.campaign)
    source = Campaign(_string(campaign.medium), _string(campaign.source))
    return Circumstances(_string(context.timezone), Device(_string(device.type)), source)


def _object(raw: Raw) -> Parts:
    try:
        return _parts(raw)
    except ValueError:
        return Parts()


def _string(raw: Raw) -> str | None:
    try:
        return _text(raw)
    except ValueError:
        return None
