"""Findings: what was found wrong with one message: faults that reject it, and what was coerced or ignored."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw

from models.decoding.coercion import Unreadable
from models.decoding.fields import REFUSED, Field, Wrong
from models.decoding.limits import LimitChecker
from models.decoding.rejections import NOT_JSON, PRECEDENCE, WRONG_TYPE, ContractViolation
from models.kernel.record import Rejection

_any = msgspec.json.Decoder().decode


class Findings:
    """Findings of one message.

    Attributes
    ----------
    faults
        Reasons why it cannot be used as it is.
    refused
        Names of the fields that faults are about.
    notes
        What was coerced or ignored, as names of counters: ``coerced:price:text``, ``ignored:coupon:wrong_type``. Each
        once a message, in the order found.
    """

    def __init__(self) -> None:
        self.faults: list[Rejection] = []
        self.refused: set[str] = set()
        self.notes: dict[str, None] = {}

    def fault(self, code: str, detail: str) -> None:
        """Add a fault."""
        self.faults.append(Rejection(code, detail[:150]))

    def raised(self, error: ValueError, name: str = "", wrong: Wrong = REFUSED) -> None:
        """Add what was raised while the field `name` was read: a fault, or where it may be ignored a note."""
        code, detail = _told(error, name)
        if wrong == REFUSED:
            self.refused.add(name)
            self.fault(code, detail)
        else:
            self.notes[f"ignored:{name}:{code}"] = None

    def coerced(self, name: str, how: str) -> None:
        """Note that a field was coerced; nothing where `how` is ""."""
        if how:
            self.notes[f"coerced:{name}:{how}"] = None

    def value(self, name: str, raw: Raw, field: Field) -> Any:
        """What a field says; None where it says nothing, or nothing that can be read."""
        try:
            found, how = field.read(_any(raw))
        except ValueError as error:
            self.raised(error, name, field.wrong)
            return None
        self.coerced(name, how)
        return found

    def ident(self, check: LimitChecker, name: str, raw: Raw, field: Field) -> str:
        """What a field that is an id says, within its limit; "" where it says nothing, or nobody's."""
        found = self.value(name, raw, field)
        try:
            return check.ident(name, found)
        except ContractViolation as error:
            self.raised(error, name, field.wrong)
            return ""

    def worst(self) -> Rejection:
        """The fault that the record is rejected for: the first by precedence, among equals the first found."""
        return min(self.faults, key=lambda fault: PRECEDENCE.index(fault.code))


def _told(error: ValueError, name: str) -> tuple[str, str]:
    """The code and the sentence of an error raised for the field `name`."""
    if isinstance(error, ContractViolation):
        return error.code, error.detail
    known = isinstance(error, Unreadable | msgspec.ValidationError)
    return WRONG_TYPE if known else NOT_JSON, f"{name}: {error}" if name else str(error)
