"""Dead letters for tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
import pytest

from kairos.config.settings import Settings
from kairos.dlq import dead_letters
from models.kernel.outputs import DeadLetter

AT = 1_775_037_600_000
"""2026-04-01T10:00Z."""


def letter(number: int = 0, code: str = "wrong_type", **fields: Any) -> DeadLetter:
    """The letter of the record at this offset."""
    value = fields.pop("value", b'{"event":"Page Viewed"}')
    given = {
        "id": f"{number:032x}",
        "kind": "dead_letter",
        "user_id": "u1",
        "as_of": AT + number,
        "reason": "it had to be",
        "code": code,
        "role": "cart",
        "topic": "cart",
        "partition": 0,
        "offset": number,
        "key": b"u1",
        "value": value,
        "size": len(value or b""),
    }
    return DeadLetter(**given | fields)


class Record(NamedTuple):
    """As a consumer gives it."""

    value: bytes | None


def topic(monkeypatch: pytest.MonkeyPatch, content: Iterable[DeadLetter | bytes | None]) -> None:
    """The commands find this in the topic of dead letters."""

    def read(settings: Settings, topic: str) -> Iterator[Record]:
        assert topic == "dead-letters"
        for found in content:
            yield Record(msgspec.json.encode(found) if isinstance(found, DeadLetter) else found)

    monkeypatch.setattr(dead_letters, "read", read)
