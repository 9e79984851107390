"""One record, read: from bytes to what happened, when, and by whom. Whatever the bytes, nothing is raised.

Good messages take the short way: one typed decode, a few checks. What does not pass goes to
`models.decoding.diagnosis`, which takes the message apart slowly and says what is wrong.
"""

from __future__ import annotations

from models.decoding.depth import MAX_DEPTH, SHALLOW, too_deep
from models.decoding.diagnosis import Diagnosis
from models.decoding.limits import Terms
from models.decoding.normalize import Normalizer
from models.decoding.rejections import NOT_JSON, TOO_LARGE
from models.decoding.segment import decode
from models.kernel.record import NO_TIME, DecodedRecord, Rejection
from models.kernel.settings import Settings


class Decoder:
    """Reads records by the data contract.

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
    >>> reading = Decoder(Settings()).read(value, recorded=-1)
    >>> reading.e, reading.shopper, reading.event, reading.rejected
    (1795256100000, 'u42', Browsed(category='', weight=0, product=''), None)
    """

    def __init__(self, settings: Settings) -> None:
        normalizer = Normalizer(Terms(settings))
        self._max_bytes = settings.limits.max_message_bytes
        self._assemble = normalizer.reading
        self._diagnose = Diagnosis(normalizer).read

    def read(self, value: bytes | None, recorded: int) -> DecodedRecord:
        """What a record says.

        Parameters
        ----------
        value
            The record's value, None for a tombstone.
        recorded
            The record's own Kafka timestamp in ms; negative: it has none, and event time is not clamped.

        Returns
        -------
        A reading with an event, or with a rejection, or (an order of unknown value) with both.
        """
        if value is None:
            return _refused(NOT_JSON, "the record has no value")
        size = len(value)
        if size > self._max_bytes:
            return _refused(TOO_LARGE, f"the message has {size} bytes, more than {self._max_bytes}")
        if size > SHALLOW and too_deep(value):
            return _refused(NOT_JSON, f"objects and arrays are nested more than {MAX_DEPTH} deep")
        try:
            return self._assemble(decode(value), value, recorded)
        except ValueError:
            return self._diagnose(value, recorded)


def _refused(code: str, detail: str) -> DecodedRecord:
    return DecodedRecord(NO_TIME, rejected=Rejection(code, detail))
