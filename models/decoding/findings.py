"""All that is wrong with one message, and what could be read of it nevertheless."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec import Raw
from msgspec.json import Decoder

from models.decoding.limits import Terms
from models.decoding.rejections import BAD_TIMESTAMP, MISSING_ID, NOT_JSON, PRECEDENCE, WRONG_TYPE, Refused
from models.kernel.circumstances import NULL
from models.kernel.record import Rejection

_text: Callable[[Raw], str | None] = Decoder(str | None).decode
_moment = Decoder(datetime).decode


class Findings:
    """Collects faults while a message is taken apart."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self.found: list[Rejection] = []

    def add(self, code: str, detail: str) -> None:
        """One more fault."""
        self.found.append(Rejection(code, detail))

    def refused(self, error: ValueError, where: str = "") -> None:
        """A fault that was raised while `where` was read."""
        if isinstance(error, Refused):
            self.add(error.code, error.detail)
        elif isinstance(error, msgspec.ValidationError):
            self.add(WRONG_TYPE, f"{where}: {error}")
        else:
            self.add(NOT_JSON, f"{where}: {error}")

    def worst(self) -> Rejection:
        """The fault that names the record: the first by precedence, and among equals the first found."""
        return min(self.found, key=lambda fault: PRECEDENCE.index(fault.code))

    def text(self, name: str, raw: Raw) -> str | None:
        """A string, or None where there is none or it is wrong."""
        try:
            return _text(raw)
        except ValueError as error:
            self.refused(error, name)
            return None

    def ident(self, name: str, raw: Raw, *, needed: bool = False) -> str:
        """An id, or "" where there is none or it is wrong."""
        before = len(self.found)
        text = self.text(name, raw)
        try:
            if needed and not text and len(self.found) == before:
                raise Refused(MISSING_ID, f"{name} is missing")
            return self._terms.ident(name, text)
        except Refused as error:
            self.refused(error)
            return ""

    def moment(self, raw: Raw) -> datetime | None:
        """The timestamp, or None where there is none to read."""
        try:
            return _moment(raw)
        except ValueError as error:
            missing = raw == NULL
            self.add(BAD_TIMESTAMP, "timestamp is missing" if missing else f"timestamp: {error}")
            return None
