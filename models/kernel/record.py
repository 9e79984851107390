"""One record, read: what the shard merges and the fold takes. (The reader itself: see `Reader`.)"""

from __future__ import annotations

from msgspec import Raw, Struct

from models.kernel.circumstances import NULL
from models.kernel.events import Event

NO_TIME = -1


class Rejection(Struct, frozen=True, gc=False):
    """Why a record is a dead letter: one of the contract's codes, and a sentence that says what is wrong where."""

    code: str
    detail: str


class DecodedRecord(Struct, gc=False):
    """One record, read.

    Attributes
    ----------
    e
        Event time in ms; `NO_TIME` where there is none to trust (then the record is rejected).
    shopper
        The shopper's id: userId, else anonymousId; "" if neither could be read.
    event
        What happened; None if nothing is left to fold. A rejected order with a valid id and time is still an
        `Ordered`/`Amended` with amount None.
    role
        Rank of the event's role (`models.kernel.events.CLICKSTREAM`, ...), by its name, not its topic.
    message
        32-bit hash of messageId (of the whole value where there is none).
    context
        The call's `context` as it stands (see `models.kernel.circumstances`).
    """

    e: int
    shopper: str = ""
    event: Event | None = None
    role: int = 0
    message: int = 0
    identified: bool = False
    clamped: bool = False
    cut: int = 0
    rejected: Rejection | None = None
    context: Raw = NULL
