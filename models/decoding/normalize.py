"""Normalization: from a typed call to the decoded record, with its time, its shopper and what happened."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from zlib import crc32

from models.decoding.consent import ConsentReader
from models.decoding.event_time import EARLIEST, bounded, clamp, epoch_ms
from models.decoding.limits import LimitChecker
from models.decoding.rejections import MISSING_ID, ContractViolation
from models.decoding.segment_calls import Call, Tick
from models.kernel.call_context import NO_CONTEXT, NULL
from models.kernel.record import DecodedRecord

REMEMBERED = 1 << 14
"""Shoppers' ids that need not be checked again."""


class Normalizer:
    """Normalizer of typed calls to decoded records, within the shop's limits.

    Parameters
    ----------
    check
        The checks of their fields.
    consent
        The reader of what they say of consent.
    """

    def __init__(self, check: LimitChecker, consent: ConsentReader) -> None:
        self.check, self.consent = check, consent
        self._max_skew = check.limits.max_skew
        self._sound: set[str] = set()
        self._short = check.limits.max_id_bytes // 4

    def record(self, call: Call, value: bytes, recorded: int) -> DecodedRecord:
        """The decoded record of a call.

        Parameters
        ----------
        call
            The message, with all fields of the right type.
        value
            The message's bytes, which identify it if it has no messageId.
        recorded
            The record's Kafka timestamp in ms, negative if it has none.

        Raises
        ------
        ContractViolation
            The call breaks a rule that types do not state.
        """
        e, clamped = epoch_ms(call.timestamp), False
        bound = call.received_at or call.sent_at
        if bound is not None or not EARLIEST <= e <= recorded + self._max_skew:
            e, clamped = self.time(e, bound, recorded)
        shopper, message, check = call.user_id or call.anonymous_id or "", call.message_id, self.check
        if shopper not in self._sound:
            shopper = self._who(call)
            if not shopper:
                if isinstance(call, Tick):
                    return DecodedRecord(e, "", call.to_event(check, e), clamped=clamped)
                raise ContractViolation(MISSING_ID, "neither userId nor anonymousId")
        if message and (message[-1] in check.nobody_ends or len(message) > self._short):
            message = check.ident("messageId", message)
        check.cut = 0
        event = call.to_event(check, e)
        hashed = message_hash(message, value)
        known, context = shopper == call.user_id, call.context or NO_CONTEXT
        record = DecodedRecord(e, shopper, event, call.role, hashed, known, clamped, check.cut, None, context)
        if call.consents or context.consent is not NULL or context.traits is not NULL:
            record.consent, record.notes = self.consent.read(context, call)
        return record

    def _who(self, call: Call) -> str:
        """The shopper's id: userId, else anonymousId; "" if neither is somebody's. Of those seen last it is remembered
        that they are sound. Raises ContractViolation (`too_large`)."""
        check = self.check
        shopper = check.ident("userId", call.user_id) or check.ident("anonymousId", call.anonymous_id)
        if shopper:
            if len(self._sound) >= REMEMBERED:
                self._sound.clear()
            self._sound.add(shopper)
        return shopper

    def time(self, e: int, bound: datetime | None, recorded: int) -> tuple[int, bool]:
        """Event time, and whether it was clamped. `e`, `recorded`: ms; `bound`: as for `event_time.bounded`.

        Raises ContractViolation (`bad_timestamp`).
        """
        return clamp(e, bounded(bound, recorded), self._max_skew)


def message_hash(message: str | None, value: bytes) -> int:
    """The hash that profiles keep of a message, to know it again when it comes twice.

    Parameters
    ----------
    message
        Its messageId; None or "" where there is none.
    value
        Its bytes.

    Returns
    -------
    32 bits: CRC-32 of the messageId, else BLAKE2b of the bytes.

    Examples
    --------
    >>> message_hash("m-1", b"{}") == crc32(b"m-1")
    True
    >>> message_hash(None, b"{}") == message_hash("", b"{}") != message_hash(None, b"{ }")
    True
    """
    if message:
        return crc32(message.encode())
    return int.from_bytes(blake2b(value, digest_size=4).digest(), "big")
