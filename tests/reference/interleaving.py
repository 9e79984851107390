"""What a shard folded under the wall clock, batch by batch: the interleaving that was committed, for the reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest

from models.kernel.record import DecodedRecord
from sinks.memory_store import MemoryStore
from sinks.store import Applied, Commit
from streams import claimed
from streams.batch import Batch
from streams.buffer import NEVER, Buffer, Entry
from streams.commit import build
from streams.fold import Reads
from streams.records import Input

Place = tuple[str, int]
"""Topic and offset of a record."""


class Folded(NamedTuple):
    """One batch.

    `records` come with the watermark each was folded at and when it was read (wall ms); `watermark` is the one after
    the batch. `until` is the last timer that fired (ms, the shopper's UTF-8 bytes) where the batch was cut short before
    all that were due; None where it was not. `hold` tells whether acting timers waited, `start` when the shard first
    started, `floor` the watermark before the batch (ms; one that moved while nothing happened is not committed).
    """

    records: list[tuple[Place, int, int]]
    watermark: int
    until: tuple[int, bytes] | None
    hold: bool
    start: int
    floor: int


READ: dict[int, tuple[DecodedRecord, int]] = {}
"""By its id, a record as it was read, and when (wall ms)."""


class DatedBuffer(Buffer):
    """A buffer that takes down when it reads what."""

    def __init__(self, source: Input, reader: Reads, expected: int | None, promise: int = NEVER) -> None:
        super().__init__(source, self, expected, promise)
        self.inner = reader

    def read(self, value: bytes | None, recorded: int) -> DecodedRecord:
        """As ever."""
        reading = self.inner.read(value, recorded)
        READ[id(reading)] = reading, self.now
        return reading


class RecordedBatch(Batch):
    """A batch that takes down what it folds."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.taken: list[tuple[Place, int, int]] = []
        self.last = 0, b""
        self.cut = False
        self.reached = 0

    def run(self, entries: Sequence[Entry], watermark: int, end: int, most: int) -> tuple[int, int]:
        """As ever."""
        count, self.reached = super().run(entries, watermark, end, most)
        self.cut |= count < len(entries) or end > self.timers.horizon
        assert len(self.taken) == count
        return count, self.reached

    def folded(self) -> Folded:
        """What was taken down."""
        return Folded(
            self.taken, self.reached, self.last if self.cut else None, self.hold, self.ctx.start, self.ctx.floor
        )

    def _record(self, entry: Entry, watermark: int) -> None:
        self.taken.append(((entry.source.topic, entry.record.offset), watermark, READ[id(entry.reading)][1]))
        super()._record(entry, watermark)

    def _fire(self, before: int, most: int) -> bool:
        done = super()._fire(before, most)
        self.cut = not done
        return done

    def _timer(self, user: str, due: int) -> None:
        self.last = due, user.encode()
        super()._timer(user, due)


class RecordedStore(MemoryStore):
    """A store that keeps the interleaving of every shard that commits to it: `batches`, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.batches: list[Folded] = []
        self._built: dict[int, tuple[Commit, Folded]] = {}
        READ.clear()
        monkeypatch.setattr(claimed, "Batch", RecordedBatch)
        monkeypatch.setattr(claimed, "Buffer", DatedBuffer)
        monkeypatch.setattr(claimed, "build", self._build)

    def _build(self, batch: RecordedBatch, *args: Any) -> Commit:
        commit = build(batch, *args)
        self._built[id(commit)] = commit, batch.folded()
        return commit

    def apply(self, partition: int, token: str, seq: int, commit: Commit) -> Applied:
        """As ever."""
        applied = super().apply(partition, token, seq, commit)
        if applied.status == "OK" and seq > len(self.batches):
            self.batches.append(self._built[id(commit)][1])
        return applied
