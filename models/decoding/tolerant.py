"""The tolerant reading: a message that is not as the contract has it, read field by field.

Only messages that fail on the fast path come here. What a field means is decided by the table of tolerance
(`models.decoding.fields`): coerced, ignored, or a fault. Each field is decoded by itself, so that the answer does not
depend on which fault is met first. It costs ten times as much as the fast path, in proportion to the message's size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, get_args

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder

from models.decoding.consent import NOTHING
from models.decoding.event_time import epoch_ms
from models.decoding.fields import FIELDS, IGNORED
from models.decoding.findings import Findings
from models.decoding.names import Naming, normalised
from models.decoding.normalize import Normalizer, message_hash
from models.decoding.properties import Properties, fields_of, raw_object
from models.decoding.rejections import BAD_TIMESTAMP, MISSING_ID, NOT_JSON, ContractViolation
from models.decoding.segment import NAMES, TYPES
from models.decoding.segment_calls import Call, Other, Tick
from models.decoding.segment_consent import ConsentUpdated, Identify
from models.kernel.call_context import NULL, CallContext, call_context
from models.kernel.record import NO_TIME, DecodedRecord, Rejection

ENVELOPE = {normalised(name): name for name in ("type", "event", "timestamp", "userId", "anonymousId", "messageId")}
ENVELOPE |= {normalised(name): name for name in ("receivedAt", "sentAt", "context", "properties", "traits", "batch")}

KEPT: dict[type[Call], str] = {Identify: "traits", ConsentUpdated: "properties"}
"""What such a call keeps as it stands."""

_envelope = Decoder(dict[str, Raw]).decode
_name: Callable[[Raw], str | None] = Decoder(str | None).decode
_moment = Decoder(datetime).decode
_bound: Callable[[Raw], datetime | None] = Decoder(datetime | None).decode


@cache
def properties_type(call: type[Call]) -> type[Struct] | None:
    """The type of a call's properties; None if none are looked at, or kept as they stand."""
    found = next((field.type for field in msgspec.structs.fields(call) if field.name == "properties"), None)
    return None if found in (None, Raw) else get_args(found)[0]


class TolerantReader:
    """Reader of messages that the fast path refuses.

    Parameters
    ----------
    normalizer
        As on the fast path, but for its own notes of what was cut.
    naming
        Names of events that are understood.
    """

    def __init__(self, normalizer: Normalizer, naming: Naming) -> None:
        self.normalizer, self.naming = normalizer, naming

    def read(self, value: bytes, recorded: int) -> DecodedRecord:
        """The decoded record of any bytes: as on the fast path where nothing is wrong after all, else with what was
        coerced or ignored, or with a rejection. Arguments as for `Decoder.read`."""
        try:
            raws = _envelope(value)
        except msgspec.ValidationError:
            return _rejected("the message is not a JSON object")
        except ValueError as error:
            return _rejected(str(error))
        return Examination(self.normalizer, self.naming, fields_of(raws, ENVELOPE)).record(value, recorded)


class Examination:
    """The examination of one message, field by field."""

    def __init__(self, normalizer: Normalizer, naming: Naming, raws: Mapping[str, Raw]) -> None:
        self.normalizer, self.check, self.raws = normalizer, normalizer.check, raws
        self.findings = Findings()
        self.event, self.type = self._text("event"), None
        meaning = naming.event(self.event)
        if meaning is None:
            self.type = self._text("type")
            meaning = naming.type(self.type)
        self.meaning = meaning
        self.kind = Other if meaning is None else NAMES.get(meaning.event) or TYPES[meaning.event]
        self.user = self.anonymous = self.message = ""

    def record(self, value: bytes, recorded: int) -> DecodedRecord:
        """The decoded record; arguments as for `Decoder.read`."""
        findings, kind = self.findings, self.kind
        moment, bound = self._timestamp(), self._bound()
        e, clamped = self._time(moment, bound, recorded)
        if kind is not Tick:
            self._identify()
        told = findings.faults != []
        properties = self._properties(e)
        if not findings.faults and moment is not None:
            try:
                return self._normal(moment, bound, properties, value, recorded)
            except ContractViolation as error:
                findings.raised(error)
        event, context = None if told else kind.salvage(properties), self._context()
        consent, notes = self.normalizer.consent.read(context) if event is not None else NOTHING
        shopper, who, hashed = self.user or self.anonymous, bool(self.user), message_hash(self.message, value)
        notes, worst = (*findings.notes, *notes), findings.worst()
        return DecodedRecord(e, shopper, event, kind.role, hashed, who, clamped, 0, worst, context, notes, consent)

    def _normal(
        self, moment: datetime, bound: datetime | None, properties: Any, value: bytes, recorded: int
    ) -> DecodedRecord:
        """The record of a message without faults. Raises ContractViolation."""
        fields: dict[str, Any] = {"user_id": self.user, "anonymous_id": self.anonymous, "message_id": self.message}
        fields |= {"timestamp": moment, "received_at": bound, "context": self._context()}
        if self.kind is Other:
            fields |= {"event": self.event, "type": self.type}
        elif properties is not None:
            fields["properties"] = properties
        elif name := KEPT.get(self.kind):
            fields[name] = self.raws.get(name, NULL)
        record = self.normalizer.record(self.kind(**fields), value, recorded)
        record.notes = (*self.findings.notes, *record.notes)
        return record

    def _text(self, name: str) -> str | None:
        """The name of an event or a type."""
        raw = self.raws.get(name, NULL)
        if bytes(raw) == b"[]":
            return None
        try:
            found: str | None = _name(raw)
        except ValueError as error:
            self.findings.raised(error, name)
            return None
        return found

    def _context(self) -> CallContext:
        return call_context(self.raws.get("context", NULL))

    def _timestamp(self) -> datetime | None:
        """The timestamp, or None where it is missing or wrong."""
        raw = self.raws.get("timestamp", NULL)
        try:
            return _moment(raw)
        except ValueError as error:
            missing = "an SDK's batch: send its calls one by one" if "batch" in self.raws else "timestamp is missing"
            self.findings.fault(BAD_TIMESTAMP, missing if raw == NULL else f"timestamp: {error}")
            return None

    def _bound(self) -> datetime | None:
        """When the message was received, else sent: nothing happens after that."""
        for name in ("receivedAt", "sentAt"):
            try:
                found = _bound(self.raws.get(name, NULL))
            except ValueError as error:
                self.findings.raised(error, name, IGNORED)
                continue
            if found is not None:
                return found
        return None

    def _time(self, moment: datetime | None, bound: datetime | None, recorded: int) -> tuple[int, bool]:
        """Event time in ms, `NO_TIME` if there is none to trust; and whether it was clamped."""
        if moment is not None:
            try:
                return self.normalizer.time(epoch_ms(moment), bound, recorded)
            except ContractViolation as error:
                self.findings.raised(error)
        return NO_TIME, False

    def _identify(self) -> None:
        """Set the ids of the shopper and of the message. A userId that cannot be read is nobody's; where it can be, the
        anonymousId is not looked at."""
        findings = self.findings
        self.user = self._ident("userId")
        if not self.user and not findings.refused & {"userId"}:
            self.anonymous = self._ident("anonymousId")
            if not self.anonymous and not findings.refused & {"anonymousId"}:
                findings.fault(MISSING_ID, "neither userId nor anonymousId")
        self.message = self._ident("messageId")

    def _ident(self, name: str) -> str:
        """An id of the envelope, or "" where there is none."""
        return self.findings.ident(self.check, name, self.raws.get(name, NULL), FIELDS[name])

    def _properties(self, e: int) -> Any:
        """The typed properties, as far as they can be read; None: there are none, or none are looked at."""
        struct = properties_type(self.kind)
        if struct is None:
            return None
        raws = raw_object(self.findings, "properties", self.raws.get("properties", NULL), self.kind.wrong)
        found = Properties(self.findings, self.check, self.meaning, e).read(struct, raws)
        required = self.kind.required
        if required and not any(getattr(found, name) for name in required) and not self.findings.refused & {*required}:
            self.findings.fault(MISSING_ID, f"{' and '.join(required)} {'are' if len(required) > 1 else 'is'} missing")
        return found


def _rejected(detail: str) -> DecodedRecord:
    return DecodedRecord(NO_TIME, rejected=Rejection(NOT_JSON, detail))
