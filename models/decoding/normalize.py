"""Normalization: from a typed call to the decoded record, with its time, its shopper and what happened."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from zlib import crc32

from models.decoding.event_time import EARLIEST, bounded, clamp, epoch_ms
from models.decoding.limits import LimitChecker
from models.decoding.rejections import MISSING_ID, ContractViolation
from models.decoding.segment_calls import Call, Tick
from models.kernel.record import DecodedRecord


class Normalizer:
    """Normalizer of typed calls to decoded records, within the shop's limits."""

    def __init__(self, check: LimitChecker) -> None:
        self.check = check
        self._max_skew = check.limits.max_skew
        self._ends = check.nobody_ends
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
        check, ends = self.check, self._ends
        user, anonymous, message = call.user_id, call.anonymous_id, call.message_id
        if user and user[-1] in ends and check.nobody(user):
            user = None
        if not user and anonymous and anonymous[-1] in ends and check.nobody(anonymous):
            anonymous = None
        shopper = user or anonymous
        if not shopper:
            if isinstance(call, Tick):
                return DecodedRecord(e, "", call.to_event(check, e), clamped=clamped)
            raise ContractViolation(MISSING_ID, "neither userId nor anonymousId")
        if message and message[-1] in ends and check.nobody(message):
            message = None
        short = self._short
        if len(shopper) > short or (message and len(message) > short) or (anonymous and len(anonymous) > short):
            self._check_ids(call)
        check.cut = 0
        event = call.to_event(check, e)
        hashed = crc32(message.encode()) if message else message_hash(message, value)  # most have one: spares a call
        return DecodedRecord(e, shopper, event, call.role, hashed, bool(user), clamped, check.cut, None, call.context)

    def time(self, e: int, bound: datetime | None, recorded: int) -> tuple[int, bool]:
        """Event time, and whether it was clamped. `e`, `recorded`: ms; `bound`: as for `event_time.bounded`.

        Raises ContractViolation (`bad_timestamp`).
        """
        return clamp(e, bounded(bound, recorded), self._max_skew)

    def _check_ids(self, call: Call) -> None:
        """Raises ContractViolation (`too_large`) for ids that are too long."""
        self.check.ident("userId", call.user_id)
        self.check.ident("anonymousId", call.anonymous_id)
        self.check.ident("messageId", call.message_id)


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
