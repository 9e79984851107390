"""From a typed call to a reading: its time, its shopper, what happened."""

from __future__ import annotations

from models.decoding.event_time import EARLIEST, instant
from models.decoding.hashing import message_hash
from models.decoding.limits import Terms
from models.decoding.rejections import BAD_TIMESTAMP, MISSING_ID, Refused
from models.decoding.segment_call import Call, Tick
from models.kernel.record import DecodedRecord


class Normalizer:
    """Assembles readings by the shop's terms."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._max_skew = terms.limits.max_skew
        self._short = terms.limits.max_id_bytes // 4

    def reading(self, call: Call, value: bytes, recorded: int) -> DecodedRecord:
        """The reading of a call.

        Parameters
        ----------
        call
            The message, its types right.
        value
            The message's bytes, which stand for it if it has no messageId.
        recorded
            The record's Kafka timestamp in ms, negative if it has none.

        Raises
        ------
        Refused
            The call breaks the contract.
        """
        e, clamped = instant(call.timestamp), False
        if not EARLIEST <= e <= recorded + self._max_skew:
            e, clamped = self.time(e, recorded)
        user, anonymous, message, terms = call.user_id, call.anonymous_id, call.message_id, self.terms
        shopper = user or anonymous
        if not shopper:
            if isinstance(call, Tick):
                return DecodedRecord(e, "", call.read(terms, e), clamped=clamped)
            raise Refused(MISSING_ID, "neither userId nor anonymousId")
        if len(shopper) > self._short or len(message or "") > self._short or len(anonymous or "") > self._short:
            self._bound(call)
        terms.cut = 0
        event = call.read(terms, e)
        hashed = message_hash(message, value)
        return DecodedRecord(e, shopper, event, call.role, hashed, bool(user), clamped, terms.cut, None, call.context)

    def time(self, e: int, recorded: int) -> tuple[int, bool]:
        """Event time, and whether it was clamped to the record's; both in ms. Raises Refused (`bad_timestamp`)."""
        if e > recorded + self._max_skew and recorded >= 0:
            return recorded, True
        if e < EARLIEST:
            raise Refused(BAD_TIMESTAMP, "timestamp is before 1990")
        return e, False

    def _bound(self, call: Call) -> None:
        """Refuses (`too_large`) ids that are too long."""
        self.terms.ident("userId", call.user_id)
        self.terms.ident("anonymousId", call.anonymous_id)
        self.terms.ident("messageId", call.message_id)
