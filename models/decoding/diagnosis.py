"""Diagnosis: what is wrong with a message, and what of it can be used all the same.

Only messages that fail on the fast path come here. Each field is decoded by itself, so that the answer does not depend
on which fault is met first. It costs ten times as much, still in proportion to the size of the message.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, get_args

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder

from models.decoding.event_time import clamp, epoch_ms
from models.decoding.limits import LimitChecker
from models.decoding.normalize import Normalizer, message_hash
from models.decoding.rejections import (
    BAD_TIMESTAMP,
    MISSING_ID,
    NOT_JSON,
    PRECEDENCE,
    WRONG_TYPE,
    ContractViolation,
)
from models.decoding.segment import NAMES, TYPES
from models.decoding.segment_calls import Call, Other, Tick
from models.kernel.call_context import NULL
from models.kernel.record import NO_TIME, DecodedRecord, Rejection

T = TypeVar("T")


class RawCall(Struct, rename="camel", gc=False):
    """Any JSON object, as a call whose fields are not decoded yet."""

    type: Raw = NULL
    event: Raw = NULL
    timestamp: Raw = NULL
    user_id: Raw = NULL
    anonymous_id: Raw = NULL
    message_id: Raw = NULL
    context: Raw = NULL
    properties: Raw = NULL


class RawProperties(Struct, gc=False):
    """Properties whose faults have precedence over those of other properties, not decoded yet."""

    order_id: Raw = NULL
    refund_id: Raw = NULL
    cart_id: Raw = NULL
    products: Raw = NULL


def _properties(call: type[Call]) -> Any:
    """The type of a call's properties; None if none are looked at."""
    return next((field.type for field in msgspec.structs.fields(call) if field.name == "properties"), None)


_raw_call = Decoder(RawCall).decode
_raw_properties = Decoder(RawProperties | None).decode
_list = Decoder(list[Raw] | None).decode
_text: Callable[[Raw], str | None] = Decoder(str | None).decode
_moment = Decoder(datetime).decode
_types = {call: kind for call in (*NAMES.values(), *TYPES.values()) if (kind := _properties(call))}
_typed = {call: Decoder(kind).decode for call, kind in _types.items()}
_with_products = {call for call, kind in _types.items() if "products" in get_args(kind)[0].__struct_fields__}


def diagnose(value: bytes, recorded: int, normalizer: Normalizer) -> DecodedRecord:
    """The decoded record of any bytes: the fast path's where nothing is wrong after all, else one with a rejection.

    Parameters
    ----------
    value
        The record's value.
    recorded
        The record's own Kafka timestamp in ms, negative if it has none.
    normalizer
        That of the fast path.
    """
    try:
        call = _raw_call(value)
    except msgspec.ValidationError:
        return DecodedRecord(NO_TIME, rejected=Rejection(NOT_JSON, "the message is not a JSON object"))
    except ValueError as error:
        return DecodedRecord(NO_TIME, rejected=Rejection(NOT_JSON, str(error)))
    return Examination(normalizer, call).record(value, recorded)


class Faults:
    """The faults found in one message, and decoders of single fields that add to them instead of raising."""

    def __init__(self, check: LimitChecker) -> None:
        self._check = check
        self.found: list[Rejection] = []

    def add(self, code: str, detail: str) -> None:
        """Add a fault."""
        self.found.append(Rejection(code, detail))

    def raised(self, error: ValueError, where: str = "") -> None:
        """Add the fault that was raised while the field `where` was decoded."""
        if isinstance(error, ContractViolation):
            self.add(error.code, error.detail)
        elif isinstance(error, msgspec.ValidationError):
            self.add(WRONG_TYPE, f"{where}: {error}")
        else:
            self.add(NOT_JSON, f"{where}: {error}")

    def worst(self) -> Rejection:
        """The fault that the record is rejected for: the first by precedence, among equals the first found."""
        return min(self.found, key=lambda fault: PRECEDENCE.index(fault.code))

    def text(self, name: str, raw: Raw) -> str | None:
        """A string, or None where there is none or it is wrong."""
        try:
            return _text(raw)
        except ValueError as error:
            self.raised(error, name)
            return None

    def ident(self, name: str, raw: Raw, *, required: bool = False) -> str:
        """An id, or "" where there is none or it is wrong."""
        before = len(self.found)
        text = self.text(name, raw)
        if len(self.found) > before:
            return ""
        try:
            return self._check.required_ident(name, text) if required else self._check.ident(name, text)
        except ContractViolation as error:
            self.raised(error)
            return ""

    def moment(self, raw: Raw) -> datetime | None:
        """The timestamp, or None where it is missing or wrong."""
        try:
            return _moment(raw)
        except ValueError as error:
            missing = raw == NULL
            self.add(BAD_TIMESTAMP, "timestamp is missing" if missing else f"timestamp: {error}")
            return None


class Examination:
    """The examination of one message, field by field."""

    def __init__(self, normalizer: Normalizer, call: RawCall) -> None:
        self.normalizer, self.call = normalizer, call
        self.faults = Faults(normalizer.check)
        self.event = self.faults.text("event", call.event)
        self.type = None if self.event in NAMES else self.faults.text("type", call.type)
        self.kind = NAMES.get(self.event or "") or TYPES.get(self.type or "") or Other
        self.user = self.anonymous = self.message = ""

    def record(self, value: bytes, recorded: int) -> DecodedRecord:
        """The decoded record; arguments as for `diagnose`."""
        faults, kind = self.faults, self.kind
        moment = faults.moment(self.call.timestamp)
        e, clamped = self._time(moment, recorded)
        if kind is not Tick:
            self._identify()
        sound = not faults.found
        ids = self._ids()
        fields = self._fields()
        if not faults.found and moment is not None:
            try:
                return self.normalizer.record(kind(timestamp=moment, **fields), value, recorded)
            except ContractViolation as error:
                faults.raised(error)
        required = ids.get(kind.required_id)
        event = kind.salvage(required, ids.get("cart_id", "")) if sound and required else None
        shopper, hashed = self.user or self.anonymous, message_hash(self.message, value)
        context = self.call.context
        return DecodedRecord(e, shopper, event, kind.role, hashed, bool(self.user), clamped, 0, faults.worst(), context)

    def _time(self, moment: datetime | None, recorded: int) -> tuple[int, bool]:
        """Event time in ms, `NO_TIME` if there is none to trust; and whether it was clamped."""
        if moment is not None:
            try:
                return clamp(epoch_ms(moment), recorded, self.normalizer.check.limits.max_skew)
            except ContractViolation as error:
                self.faults.raised(error)
        return NO_TIME, False

    def _identify(self) -> None:
        """Set the ids of the shopper and of the message. If either id of the shopper is wrong, neither is used."""
        faults, call = self.faults, self.call
        before = len(faults.found)
        user, anonymous = faults.ident("userId", call.user_id), faults.ident("anonymousId", call.anonymous_id)
        if len(faults.found) == before:
            self.user, self.anonymous = user, anonymous
            if not user and not anonymous:
                faults.add(MISSING_ID, "neither userId nor anonymousId")
        self.message = faults.ident("messageId", call.message_id)

    def _ids(self) -> dict[str, str]:
        """The ids among the properties. Too many products are a fault of the same rank, found here as well."""
        faults, kind = self.faults, self.kind
        if not kind.ids:
            return {}
        properties = _or_none(_raw_properties, self.call.properties) or RawProperties()
        if kind in _with_products:
            try:
                self.normalizer.check.products(len(_or_none(_list, properties.products) or ()))
            except ContractViolation as error:
                faults.raised(error)
        return {
            name: faults.ident(name, getattr(properties, name), required=name == kind.required_id) for name in kind.ids
        }

    def _fields(self) -> dict[str, Any]:
        """The fields of the typed call, without its time."""
        fields: dict[str, Any] = {"user_id": self.user, "anonymous_id": self.anonymous, "message_id": self.message}
        fields["context"] = self.call.context
        if self.kind is Other:
            return {**fields, "event": self.event, "type": self.type}
        if self.kind in _typed:
            try:
                fields["properties"] = _typed[self.kind](self.call.properties)
            except ValueError as error:
                self.faults.raised(error, "properties")
        return fields


def _or_none(decode: Callable[[Raw], T], raw: Raw) -> T | None:
    """What is decoded, or None where that fails: the decode of the typed properties will find the same fault."""
    try:
        return decode(raw)
    except ValueError:
        return None
