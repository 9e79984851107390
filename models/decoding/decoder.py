"""Decoder: from the bytes of a record to what happened, when, and to whom. Nothing is raised, whatever the bytes.

A good message takes the fast path: one typed decode (`models.decoding.segment`), then `models.decoding.normalize`.
A message that fails there, or has a name of another convention, goes to `models.decoding.tolerant`, which reads it
field by field: what means something all the same is used, and what is wrong is told.
"""

from __future__ import annotations

from models.decoding.consent import ConsentReader
from models.decoding.limits import MAX_DEPTH, SHALLOW, LimitChecker, too_deep
from models.decoding.names import Naming
from models.decoding.normalize import Normalizer
from models.decoding.rejections import NOT_JSON, TOO_LARGE
from models.decoding.segment import TYPES, by_type, decode
from models.decoding.segment_calls import Call, Other
from models.decoding.tolerant import TolerantReader
from models.kernel.record import NO_TIME, DecodedRecord, Rejection
from models.kernel.settings import SharedSettings


class Decoder:
    """Decoder of records by the data contract.

    Parameters
    ----------
    settings
        Limits, currency and rates.

    Raises
    ------
    ValueError
        The table of rates is wrong (see `models.decoding.money.Converter`).

    Examples
    --------
    >>> value = b'{"type":"page","userId":"u42","timestamp":"2026-11-21T10:15:00Z"}'
    >>> record = Decoder(SharedSettings()).read(value, recorded=-1)
    >>> record.e, record.shopper, record.event, record.rejected
    (1795256100000, 'u42', Browsed(category='', weight=0, product=''), None)
    """

    def __init__(self, settings: SharedSettings) -> None:
        self._max_bytes = settings.limits.max_message_bytes
        self._naming = Naming(settings.names)
        consent = ConsentReader(settings.consent_categories)
        self._normalize = Normalizer(LimitChecker(settings), consent).record
        self._tolerant = TolerantReader(Normalizer(LimitChecker(settings, tolerant=True), consent), self._naming)

    def read(self, value: bytes | None, recorded: int) -> DecodedRecord:
        """Decode one record.

        Parameters
        ----------
        value
            The record's value, None for a tombstone.
        recorded
            The record's own Kafka timestamp in ms; negative: it has none, and event time is not clamped.

        Returns
        -------
        The record with an event, or with a rejection, or (an order of unknown value) with both.
        """
        if value is None:
            return _rejected(NOT_JSON, "the record has no value")
        size = len(value)
        if size > self._max_bytes:
            return _rejected(TOO_LARGE, f"the message has {size} bytes, more than {self._max_bytes}")
        if size > SHALLOW and too_deep(value):
            return _rejected(NOT_JSON, f"objects and arrays are nested more than {MAX_DEPTH} deep")
        try:
            call: Call | None = decode(value)
            if call.__class__ is Other:
                call = self._unnamed(call, value)
            if call is not None:
                return self._normalize(call, value, recorded)
        except ValueError:
            pass
        return self._tolerant.read(value, recorded)

    def _unnamed(self, call: Other, value: bytes) -> Call | None:
        """The call whose event has no name of the contract; None if it has one of another convention, or none at all.
        Raises as `models.decoding.segment.decode`."""
        if not call.event or self._naming.event(call.event) is not None:
            return None
        if call.type in TYPES:
            return by_type(value)
        return None if self._naming.type(call.type) is not None else call


def _rejected(code: str, detail: str) -> DecodedRecord:
    return DecodedRecord(NO_TIME, rejected=Rejection(code, detail))
