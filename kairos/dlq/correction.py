"""A message that takes a dead letter's place: read from a file, and checked as the worker will check it."""

from __future__ import annotations

import sys
from pathlib import Path

from kairos.errors import UsageError
from models.decoding.decoder import Decoder
from models.kernel.events import Tick
from models.kernel.outputs import DeadLetter

NOW = -1
"""As the Kafka timestamp: none to compare with."""


def correction(path: str, reader: Decoder) -> bytes:
    """The corrected message: a file's content, `-` for standard input, without white space around it.

    Raises
    ------
    UsageError
        The file cannot be read, or its content is no good event.
    """
    value = _content(path).strip()
    reading = reader.read(value, NOW)
    if reading.rejected is not None:
        rejected = reading.rejected
        raise UsageError(f"--replace {path}: would be refused again, {rejected.code}: {rejected.detail}")
    if type(reading.event) is Tick:
        raise UsageError(f"--replace {path}: is a tick, not an event")
    return value


def doubts(value: bytes, letter: DeadLetter, reader: Decoder) -> list[str]:
    """What may be a slip: the corrected message speaks of another shopper or order than the letter does."""
    old, new = reader.read(letter.value, NOW), reader.read(value, NOW)
    found = []
    if letter.user_id is not None and new.shopper != letter.user_id:
        found.append(f"the letter is of shopper {letter.user_id}, the corrected message of {new.shopper}")
    before, after = (getattr(reading.event, "order", None) for reading in (old, new))
    if before and before != after:
        found.append(f"the letter is about order {before}, the corrected message about {after or 'none'}")
    return found


def _content(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"--replace {path}: {error.strerror or error}") from None
