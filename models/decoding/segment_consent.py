"""Segment's calls as JSON: those that are about consent. What they say of it is read by `models.decoding.consent`.

All of them are activity of the shopper and no more. What they hold is not decoded here, since nothing in it makes a
record bad.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Raw

from models.decoding.limits import LimitChecker
from models.decoding.segment_calls import NO_INTEREST, Call, Track
from models.kernel.call_context import NULL
from models.kernel.events import Event


class Identify(Call, kw_only=True, tag_field="type", tag="identify", gc=False):
    """An identify call: what is known of the shopper. Of its traits those that allow or refuse messages are read."""

    traits: Raw = NULL
    event: str | None = None

    consents: ClassVar[bool] = True

    def to_event(self, check: LimitChecker, e: int) -> Event:
        return NO_INTEREST


class ConsentEvent(Track, kw_only=True, gc=False):
    """An event that says by which channels the shopper may be reached."""

    consents: ClassVar[bool] = True

    def to_event(self, check: LimitChecker, e: int) -> Event:
        return NO_INTEREST


class ConsentUpdated(ConsentEvent, kw_only=True, tag="Consent Updated", gc=False):
    """What the shopper allows or refuses, by channel or altogether."""

    properties: Raw = NULL


class Unsubscribed(ConsentEvent, kw_only=True, tag="Unsubscribed", gc=False):
    """The shopper wants no more e-mail (Segment's email spec)."""


class Subscribed(ConsentEvent, kw_only=True, tag="Subscribed", gc=False):
    """The shopper wants e-mail, perhaps again."""
