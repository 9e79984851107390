"""One input of a shard: records fetched and not yet folded, read one by one as they reach the head."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from models.kernel.events import Tick
from models.kernel.record import NO_TIME, DecodedRecord
from streams.errors import Gap
from streams.fold import Reads
from streams.records import Chunk, Input, Record

NEVER = NO_TIME
"""The promise of an input that promised nothing."""


class Entry(NamedTuple):
    """One record taken from a buffer, with what it takes to put it back."""

    buffer: Buffer
    record: Record
    reading: DecodedRecord
    time: int
    promised: int


class Buffer:
    """Records of one partition of one input, in offset order.

    Attributes
    ----------
    expected
        Where the next chunk must start (None: wherever the log starts).
    promise
        No record with e below this follows; raised by ticks as they reach the head.
    reading, time
        The head, read, and the time of its merge key: max(e, promise), or the promise where e is unknown.
    """

    def __init__(self, source: Input, reader: Reads, expected: int | None, promise: int = NEVER) -> None:
        self.topic, self.rank, self.role = source
        self.reader = reader
        self.expected = expected
        self.promise = promise
        self.records: deque[Record] = deque()
        self.reading: DecodedRecord | None = None
        self.time = NEVER
        self.size = 0
        self.empty = False
        self.forced = False

    def append(self, chunk: Chunk) -> None:
        """Append a chunk; what lies below the offset expected was seen before and is dropped."""
        records = chunk.records
        if self.expected is not None:
            if chunk.start > self.expected:
                raise Gap(f"{chunk.topic}[{chunk.partition}]: chunk starts at {chunk.start}, expected {self.expected}")
            if chunk.start < self.expected:
                records = [record for record in records if record.offset >= self.expected]
        if records:
            self.records.extend(records)
            self.expected = records[-1].offset + 1
            self.empty = self.forced = False

    def peek(self) -> DecodedRecord | None:
        """The head; None if the buffer is dry."""
        if self.reading is None and self.records:
            record = self.records[0]
            self.reading = self.reader.read(record.value, record.timestamp)
            self.time = self.reading.e if self.reading.e > self.promise else self.promise
        return self.reading

    def take(self) -> Entry:
        """Take the head. A tick raises the promise."""
        reading = self.reading
        assert reading is not None
        entry = Entry(self, self.records.popleft(), reading, self.time, self.promise)
        self.reading = None
        if type(reading.event) is Tick and reading.e > self.promise:
            self.promise = reading.e
        return entry

    def put_back(self, entry: Entry) -> None:
        """Undo the newest `take` that was not undone yet."""
        self.records.appendleft(entry.record)
        self.promise, self.reading, self.time = entry.promised, entry.reading, entry.time
