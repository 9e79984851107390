"""One input of a shard: records fetched and not yet folded, read one by one as they reach the head.

    records   r0  r1  tick  r3  r4  tick  r6 ...
              ╰── taken ──────╯  ▲ at: the head, already read as `head`

What was taken stays until `settle`, so that any of it can be put back. Ticks are never taken: one that comes to the
head raises the promise and is passed.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter

from msgspec import Struct

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
OVERHEAD = 64
"""Bytes counted for a record beside its value."""

Key = tuple[int, int]
"""Where a record comes in the merge, but for its offset: its time, and the order among records of that time."""

NOTHING = -1, 0
"""Nothing comes before this."""

_offset = attrgetter("offset")


class Entry(Struct, gc=False):
    """One record taken from a buffer.

    Attributes
    ----------
    source
        The input that it is of.
    time
        max(e, promise) in ms, or the promise where e is unknown.
    recorded
        When it came (see `streams.arrival`).
    origin
        Where it was before it was forwarded, if it was.
    """

    source: Input
    record: Record
    reading: DecodedRecord
    time: int
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
    head
        The next record, read; None if it is not read yet, or the buffer is dry.
    time, order
        The merge key of what came to the head last. The order is the rank; of a record that was forwarded here and lies
        below the promise one before all ranks: no promise spoke of it, and after the last tick none would ever let it
        pass.
    """

    def __init__(self, source: Input, reader: Reads, expected: int | None, promise: int = NEVER) -> None:
        self.source = source
        self.topic, self.rank, self.role = source
        self.reader = reader
        self.expected = expected
        self.promise = promise
        self.now = 0
        self.head: Entry | None = None
        self.time = NEVER
        self.order = self.rank
        self.empty = False
        self.forced = False
        self._records: list[Record] = []
        self._at = 0
        self._ticks: list[tuple[int, int]] = []  # passed since `settle`: where each was, and the promise before it

    @property
    def waiting(self) -> int:
        """How many records were not taken yet."""
        return len(self._records) - self._at

    @property
    def moved(self) -> bool:
        """Whether anything was taken or passed since `settle`."""
        return self._at > 0

    def append(self, chunk: Chunk) -> None:
        """Append a chunk; what lies below the offset expected was seen before and is dropped."""
        records = chunk.records
        if self.expected is not None:
            if chunk.start > self.expected:
                raise Gap(f"{chunk.topic}[{chunk.partition}]: chunk starts at {chunk.start}, expected {self.expected}")
            if chunk.start < self.expected:
                records = [record for record in records if record.offset >= self.expected]
        if records:
            self._records.extend(records)
            self.expected = records[-1].offset + 1
            self.empty = self.forced = False

    def peek(self) -> Entry | None:
        """The head; None if the buffer is dry."""
        if self.head is None and self._at < len(self._records):
            self._run([], 0, 0, NOTHING)
        return self.head

    def take(self, entries: list[Entry], most: int, size: int, bound: Key) -> int:
        """Take the head, and what follows as long as it comes before `bound`, until there are `most` entries in all, or
        about `size` bytes are taken. Returns how much is left of `size`."""
        head, self.head = self.head, None
        assert head is not None
        entries.append(head)
        self._at += 1
        return self._run(entries, most, size - len(head.record.value or b"") - OVERHEAD, bound)

    def _run(self, entries: list[Entry], most: int, size: int, bound: Key) -> int:
        """Read records and take them, up to the first that is not to be taken, which is the head then."""
        records, now, source, rank = self._records, self.now, self.source, self.rank
        read, promise, room, (before, place) = self.reader.read, self.promise, most - len(entries), bound
        time, order = self.time, self.order
        for at in range(self._at, len(records)):
            record = records[at]
            came_from = origin(record.headers) if record.headers else None
            recorded = arrival(record.timestamp, now) if came_from is None else came_from.recorded
            reading = read(record.value, recorded)
            e = reading.e
            if now and e > now:
                e = reading.e = now  # within `max_skew` a shop's clock may be ahead, but not move the shard's time
            time = e if e > promise else promise
            if type(reading.event) is Tick:
                self._ticks.append((at, promise))
                promise = time
                continue
            order = rank if came_from is None or e >= promise else rank - BEFORE_ALL
            entry = Entry(source, record, reading, time, recorded, came_from)
            if room <= 0 or size <= 0 or time > before or (time == before and order >= place):
                self.head = entry
                break
            entries.append(entry)
            size -= len(record.value or b"") + OVERHEAD
            room -= 1
        else:
            at = len(records)
        self._at, self.promise, self.time, self.order = at, promise, time, order
        return size

    def put_back(self, entry: Entry) -> None:
        """Make an entry the head again, and what was taken or passed after it the rest."""
        self._at = bisect_left(self._records, entry.record.offset, key=_offset)
        while self._ticks and self._ticks[-1][0] > self._at:
            _, self.promise = self._ticks.pop()
        self.head, self.time = entry, entry.time
        self.order = self.rank if entry.origin is None or entry.reading.e >= self.promise else self.rank - BEFORE_ALL

    def settle(self) -> tuple[int, int]:
        """Let go of what was taken, for good. Returns the offset after it, and how many ticks were passed; only to be
        asked of a buffer that moved."""
        position = self._records[self._at - 1].offset + 1
        passed = len(self._ticks)
        del self._records[: self._at]
        self._at = 0
        self._ticks.clear()
        return position, passed
