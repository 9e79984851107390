"""Which record comes next, and how far time has come: section 3 of the design under ``clock=event``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from models.kernel.events import Tick
from models.kernel.record import NO_TIME, DecodedRecord
from streams.records import Input, Record

NEVER = -math.inf

Read = Callable[[Record], DecodedRecord]


class Step(NamedTuple):
    """A record to fold at watermark `w`; at the end of the log one step without a record."""

    w: float
    source: Input | None = None
    record: Record | None = None
    reading: DecodedRecord | None = None


class Head:
    """One input: its records, how many are taken, and its promise (no record below it follows)."""

    def __init__(self, source: Input, records: Sequence[Record], read: Read) -> None:
        self.source = source
        self.records = [(record, read(record)) for record in records]
        self.taken = 0
        self.promise: float = NEVER
        self.ticks = 0

    def skip_ticks(self) -> None:
        while self.taken < len(self.records):
            reading = self.records[self.taken][1]
            if not isinstance(reading.event, Tick) or reading.rejected:
                return
            self.promise = max(self.promise, reading.e)
            self.ticks += 1
            self.taken += 1

    @property
    def ready(self) -> bool:
        return self.taken < len(self.records)

    def key(self) -> tuple[float, int, int]:
        record, reading = self.records[self.taken]
        time = self.promise if reading.e == NO_TIME else max(reading.e, self.promise)
        return (time, self.source.rank, record.offset)

    def bound(self) -> tuple[float, int]:
        """No record of this input comes before this."""
        return self.key()[:2] if self.ready else (self.promise, self.source.rank)


def merge(heads: Sequence[Head]) -> Iterator[Step]:
    """Yield the records in merge order, as far as the logs allow, then the end."""
    w: float = NEVER
    while True:
        for head in heads:
            head.skip_ticks()
        least = min((h for h in heads if h.ready), key=Head.key, default=None)
        others = [h for h in heads if h is not least]
        if least is None or any(other.bound() < least.key()[:2] for other in others):
            yield Step(max(w, min(h.bound()[0] for h in heads)))
            return
        w = max(w, least.key()[0])
        record, reading = least.records[least.taken]
        least.taken += 1
        yield Step(w, least.source, record, reading)


def heads(logs: Mapping[str, Sequence[Record]], inputs: Sequence[Input], read: Read) -> list[Head]:
    """The inputs of one shard; `logs` holds its records by topic."""
    return [Head(source, logs.get(source.topic, ()), read) for source in inputs]
