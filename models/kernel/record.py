"""The decoded record, which the shard merges and the fold takes. `models.decoding.decoder` makes it."""

from __future__ import annotations

from msgspec import Struct

from models.kernel.call_context import NO_CONTEXT, CallContext
from models.kernel.events import Event

NO_TIME = -1
"""The event time of a record that has none to trust."""


class Rejection(Struct, frozen=True, gc=False):
    """The reason why a record is a dead letter: a code of the contract, and a sentence on what is wrong and where."""

    code: str
    detail: str


class DecodedRecord(Struct, gc=False):
    """A decoded record.

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
    identified
        Whether the shopper's id is a userId.
    clamped
        Whether event time was ahead of the record's own time and set to that.
    cut
        Strings that were cut to the limit.
    rejected
        The reason why the record is a dead letter; None: it is none.
    context
        The fields of the call's `context`, not decoded (see `models.kernel.call_context`).
    notes
        What was coerced or ignored, as names of counters.
    consent
        What the shopper allows or refuses with it: pairs channel ("": every one), whether it is allowed.
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
    context: CallContext = NO_CONTEXT
    notes: tuple[str, ...] = ()
    consent: tuple[tuple[str, bool], ...] = ()
