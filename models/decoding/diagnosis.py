"""What is wrong with a message: read piece by piece, so that the answer does not depend on what fails first.

Only messages that the short way refuses come here. It costs ten times as much, still in proportion to the message.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, get_args

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder

from models.decoding.event_time import instant
from models.decoding.findings import Findings
from models.decoding.hashing import message_hash
from models.decoding.normalize import Normalizer
from models.decoding.rejections import MISSING_ID, NOT_JSON, Refused
from models.decoding.segment import NAMES, TYPES
from models.decoding.segment_call import Call, Other, Tick
from models.kernel.circumstances import NULL
from models.kernel.record import NO_TIME, DecodedRecord, Rejection

T = TypeVar("T")


class Envelope(Struct, rename="camel", gc=False):
    """Any JSON object, as a call of which nothing is known yet."""

    type: Raw = NULL
    event: Raw = NULL
    timestamp: Raw = NULL
    user_id: Raw = NULL
    anonymous_id: Raw = NULL
    message_id: Raw = NULL
    context: Raw = NULL
    properties: Raw = NULL


class Loose(Struct, gc=False):
    """Properties whose faults go before others."""

    order_id: Raw = NULL
    refund_id: Raw = NULL
    cart_id: Raw = NULL
    products: Raw = NULL


def _properties(call: type[Call]) -> Any:
    """The type of a call's properties; None if none are looked at."""
    return next((field.type for field in msgspec.structs.fields(call) if field.name == "properties"), None)


_envelope = Decoder(Envelope).decode
_loose = Decoder(Loose | None).decode
_list = Decoder(list[Raw] | None).decode
_types = {call: kind for call in (*NAMES.values(), *TYPES.values()) if (kind := _properties(call))}
_typed = {call: Decoder(kind).decode for call, kind in _types.items()}
_with_products = {call for call, kind in _types.items() if "products" in get_args(kind)[0].__struct_fields__}


class Diagnosis:
    """Takes messages apart, by the same terms as the short way."""

    def __init__(self, normalizer: Normalizer) -> None:
        self._assembly = normalizer

    def read(self, value: bytes, recorded: int) -> DecodedRecord:
        """A reading of any bytes; arguments and result as for `models.reader.Reader.read`."""
        try:
            envelope = _envelope(value)
        except msgspec.ValidationError:
            return DecodedRecord(NO_TIME, rejected=Rejection(NOT_JSON, "the message is not a JSON object"))
        except ValueError as error:
            return DecodedRecord(NO_TIME, rejected=Rejection(NOT_JSON, str(error)))
        return Case(self._assembly, envelope).reading(value, recorded)


class Case:
    """One message under examination."""

    def __init__(self, normalizer: Normalizer, envelope: Envelope) -> None:
        self.normalizer, self.envelope = normalizer, envelope
        self.find = Findings(normalizer.terms)
        self.event = self.find.text("event", envelope.event)
        self.type = None if self.event in NAMES else self.find.text("type", envelope.type)
        self.kind = NAMES.get(self.event or "") or TYPES.get(self.type or "") or Other
        self.user = self.anonymous = self.message = ""

    def reading(self, value: bytes, recorded: int) -> DecodedRecord:
        """When, who, what: and if all is sound after all, the reading as the short way makes it."""
        find, kind = self.find, self.kind
        moment = find.moment(self.envelope.timestamp)
        e, clamped = self._time(moment, recorded)
        if kind is not Tick:
            self._who()
        sound = not find.found
        ids = self._names()
        fields = self._fields()
        if not find.found and moment is not None:
            try:
                return self.normalizer.reading(kind(timestamp=moment, **fields), value, recorded)
            except Refused as error:
                find.refused(error)
        needed = ids.get(kind.needed)
        event = kind.salvage(needed, ids.get("cart_id", "")) if sound and needed else None
        shopper, hashed = self.user or self.anonymous, message_hash(self.message, value)
        context = self.envelope.context
        return DecodedRecord(e, shopper, event, kind.role, hashed, bool(self.user), clamped, 0, find.worst(), context)

    def _time(self, moment: datetime | None, recorded: int) -> tuple[int, bool]:
        """Event time, `NO_TIME` if it is not to be trusted, and whether it was clamped."""
        if moment is not None:
            try:
                return self.normalizer.time(instant(moment), recorded)
            except Refused as error:
                self.find.refused(error)
        return NO_TIME, False

    def _who(self) -> None:
        """The ids of the shopper and of the message. One faulty shopper's id leaves the shopper unknown."""
        find, envelope = self.find, self.envelope
        before = len(find.found)
        user, anonymous = find.ident("userId", envelope.user_id), find.ident("anonymousId", envelope.anonymous_id)
        if len(find.found) == before:
            self.user, self.anonymous = user, anonymous
            if not user and not anonymous:
                find.add(MISSING_ID, "neither userId nor anonymousId")
        self.message = find.ident("messageId", envelope.message_id)

    def _names(self) -> dict[str, str]:
        """The ids among the properties; and not too many products."""
        find, kind = self.find, self.kind
        if not kind.ids:
            return {}
        loose = _or_none(_loose, self.envelope.properties) or Loose()
        if kind in _with_products:
            try:
                self.normalizer.terms.products(len(_or_none(_list, loose.products) or ()))
            except Refused as error:
                find.refused(error)
        return {name: find.ident(name, getattr(loose, name), needed=name == kind.needed) for name in kind.ids}

    def _fields(self) -> dict[str, Any]:
        """What the call is built from, beside its time."""
        fields: dict[str, Any] = {"user_id": self.user, "anonymous_id": self.anonymous, "message_id": self.message}
        fields["context"] = self.envelope.context
        if self.kind is Other:
            return {**fields, "event": self.event, "type": self.type}
        if self.kind in _typed:
            try:
                fields["properties"] = _typed[self.kind](self.envelope.properties)
            except ValueError as error:
                self.find.refused(error, "properties")
        return fields


def _or_none(decode: Callable[[Raw], T], raw: Raw) -> T | None:
    """What is decoded, or None where that fails: the typed decode will say why."""
    try:
        return decode(raw)
    except ValueError:
        return None
