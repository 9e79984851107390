"""Dead letters: what could not be used, kept with its bytes, each with an id of its own."""

from __future__ import annotations

import json

from models.kernel.effects import Effects, Emitted
from models.kernel.ids import digest
from models.kernel.outputs import DEAD_LETTERS, DeadLetter
from models.kernel.record import Rejection
from streams.buffer import Entry

KEPT = 256
"""Distinct dead letters of a shard whose copies are counted: beyond, a copy may get the id of an earlier one."""


class DeadLetters:
    """Numbers identical dead letters of one shard, so that each copy has its own id."""

    def __init__(self, stored: str = "") -> None:
        self.copies: dict[str, int] = dict(json.loads(stored)) if stored else {}

    def write(
        self, effects: Effects, entry: Entry, rejection: Rejection, partition: int, watermark: int, most: int
    ) -> None:
        """Add the dead letter of a rejected record, with up to `most` bytes of it."""
        record, reading, source = entry.record, entry.reading, entry.source
        identity = digest(DEAD_LETTERS, rejection.code, source.role, record.key, record.value)
        copy = self.copies.pop(identity, 0)
        self.copies[identity] = copy + 1
        if len(self.copies) > KEPT:
            del self.copies[next(iter(self.copies))]
        letter = DeadLetter(
            id=digest(identity, copy),
            kind="dead_letter",
            user_id=reading.shopper or None,
            as_of=reading.e if reading.e >= 0 else watermark,
            reason=rejection.detail,
            code=rejection.code,
            role=source.role,
            topic=source.topic,
            partition=partition,
            offset=record.offset,
            key=record.key,
            value=None if record.value is None else record.value[:most],
            size=len(record.value or b""),
            copy=copy,
        )
        effects.outputs.append(Emitted(DEAD_LETTERS, record.key, letter))
        for name in (f"out:{DEAD_LETTERS}:dead_letter", "dead_letters", f"dead:{rejection.code}"):
            effects.counts[name] += 1

    def encode(self) -> str:
        """The counts as text, oldest first."""
        return json.dumps(list(self.copies.items()), separators=(",", ":"))
