"""What must hold of a record's outcome, by Python's own JSON parser and plain looks: nothing here knows the reader."""

from __future__ import annotations

import json
import re
from typing import Any

from models.features import ShopSettings
from models.kernel.outputs import DeadLetter
from tests.fuzz.mutations import Mutant

LIMITS = ShopSettings().limits


def parsed(value: bytes | None) -> Any:
    """The value by `json`, leniently: broken UTF-8 counts as some character. ValueError if it is no JSON at all."""
    if value is None:
        raise ValueError("no value")
    try:
        return json.loads(value.decode(errors="replace"), parse_int=float)  # Python reads no int of 5,000 digits
    except RecursionError:
        raise ValueError("nested too deeply") from None


def must_be_refused(value: bytes | None) -> bool:
    """Whether no reading could make an event of it."""
    try:
        call = parsed(value)
    except ValueError:
        return True
    if not isinstance(call, dict):
        return True
    fields = [(bare(name), value) for name, value in call.items()]
    if not any(name == "timestamp" and isinstance(value, str) for name, value in fields):
        return True
    ids = [value for name, value in fields if name in ("userid", "anonymousid")]
    return not is_tick(value) and not any(isinstance(who, str | float) and who for who in ids)


def bare(name: str) -> str:
    """A field's name without case and without what stands between its words."""
    return re.sub(r"[\s_-]", "", name.casefold())


def is_tick(value: bytes | None) -> bool:
    """Whether the value says that it is a tick."""
    try:
        call = parsed(value)
    except ValueError:
        return False
    return isinstance(call, dict) and any(
        bare(name) == "type" and isinstance(kind, str) and bare(kind) == "kairos.tick" for name, kind in call.items()
    )


def check(mutant: Mutant, letter: DeadLetter | None) -> None:
    """AssertionError if the outcome of a mutant cannot be: it became this dead letter, or none."""
    if letter is None:
        assert not must_be_refused(mutant.value), "folded, though it says nothing"
        assert len(mutant.value or b"") <= LIMITS.max_message_bytes
        return
    value = mutant.value
    assert letter.reason
    assert len(letter.reason) < 1_000
    assert letter.key == mutant.key
    assert letter.value == (None if value is None else value[: LIMITS.max_letter_bytes])
    assert letter.size == len(value or b"")
    if mutant.sound:
        assert letter.code == "not_supported" or (letter.code == "misrouted" and not mutant.home)
