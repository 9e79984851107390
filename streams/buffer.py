"""One input of a shard: records fetched and not yet folded, read one by one as they reach the head."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from models.kernel.events import Tick
from models.kernel.record import NO_TIME, DecodedRecord
from streams.arrival import arrival
from streams.errors import Gap
from streams.fold import Reads
from streams.forwarding import Origin, origin
from streams.records import Chunk, Input, Record

NEVER = NO_TIME
"""The promise of an input that promised nothing."""
BEFORE_ALL = 1 << 20
"""More than there are ranks."""


class Entry(NamedTuple):
    """One record taken from a buffer, with what it takes to put it back.

    `recorded` is when it came (see `streams.arrival`), `origin` where it was before it was forwarded, if it was.
    """

    buffer: Buffer
    record: Record
    reading: DecodedRecord
    time: int
    promised: int
    order: int
    recorded: int
    origin: Origin | None


class Buffer:
    """Records of one partition of one input, in offset order.

    Attributes
    ----------
    expected
        Where the next chunk must start (None: wherever the log starts).
    promise
        No record with e below this follows; raised by ticks as they reach the head.
    now
        The worker's clock (ms); 0 under ``clock=event``.
    reading, time, order
        The head, read, and its merge key but for the offset. `time` is max(e, promise), or the promise where e is
        unknown. `order` is the rank; of a record that was forwarded here and lies below the promise one before all
        ranks: no promise spoke of it, and after the last tick none would ever let it pass.
    """

    def __init__(self, source: Input, reader: Reads, expected: int | None, promise: int = NEVER) -> None:
        self.topic, self.rank, self.role = source
        self.reader = reader
        self.expected = expected
        self.promise = promise
        self.records: deque[Record] = deque()
        self.now = 0
        self.reading: DecodedRecord | None = None
        self.time = NEVER
        self.order = self.rank
        self.recorded = NO_TIME
        self.origin: Origin | None = None
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
            self.origin = origin(record.headers) if record.headers else None
            self.recorded = self.origin.recorded if self.origin else arrival(record.timestamp, self.now)
            self.reading = reading = self.reader.read(record.value, self.recorded)
            if self.now and reading.e > self.now:
                reading.e = self.now  # within `max_skew` a shop's clock may be ahead, but not move the shard's time
            self.time, self.order = reading.e, self.rank
            if reading.e < self.promise:
                self.time = self.promise
                if self.origin:
                    self.order -= BEFORE_ALL
        return self.reading

    def take(self) -> Entry:
        """Take the head. A tick raises the promise."""
        reading = self.reading
        assert reading is not None
        record = self.records.popleft()
        entry = Entry(self, record, reading, self.time, self.promise, self.order, self.recorded, self.origin)
        self.reading = None
        if type(reading.event) is Tick and reading.e > self.promise:
            self.promise = reading.e
        return entry

    def put_back(self, entry: Entry) -> None:
        """Undo the newest `take` that was not undone yet."""
        self.records.appendleft(entry.record)
        self.promise, self.reading, self.time = entry.promised, entry.reading, entry.time
        self.order, self.recorded, self.origin = entry.order, entry.recorded, entry.origin
