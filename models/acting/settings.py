"""What the shop decides of messages that ask somebody to act."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Struct

from models.kernel.settings import DAY, Setting


class ConsentSettings(Struct, frozen=True):
    """Who may be written to."""

    channels: Annotated[
        tuple[str, ...],
        Setting("words", "channels by which the shop reaches people, as Consent Updated names them"),
    ] = ("email",)
    consent_default: Annotated[
        Literal["granted", "denied"], Setting("choice", "what holds of a shopper who never said so")
    ] = "granted"


class ActingSettings(Struct, frozen=True):
    """How often, when, and to whom."""

    message_cap: Annotated[
        int, Setting("whole", "messages asking for action that a shopper gets within message_cap_window; 0: no limit")
    ] = 2
    message_cap_window: Annotated[int, Setting("period", "within what time they are counted, of every kind")] = 7 * DAY
    quiet_hours: Annotated[
        tuple[int, ...],
        Setting("daily", "when nobody is disturbed, by the shopper's clock, else the shop's: 21:00-08:00; off: never"),
    ] = ()
    holdout: Annotated[
        float, Setting("share", "share of shoppers who get no message, to compare with, in each programme; 0: nobody")
    ] = 0.1
