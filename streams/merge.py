"""Merging a shard's inputs by event time.

The key of a record is (max(e, promise), rank of its input, offset). Under ``clock=event`` the least head is taken as
soon as no other input can still deliver a smaller key, so the order depends on the logs alone. Under ``clock=wall`` an
input known to be empty holds nothing back, and one of which nothing is known does so for `max_idle` at most.

A record that was forwarded here below its input's promise comes before all others of the promise's time, as soon as no
other input has anything before that time: the tick that would let it pass may have been the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.kernel.events import Tick
from streams.buffer import Buffer, Entry
from streams.records import End

FOREVER = 1 << 62
OVERHEAD = 64
"""Bytes counted for a record beside its value."""


class Merge:
    """The inputs of one shard.

    `blocked` is when (wall ms) the shard last had nothing to fold, `taken` when it last took a record; `forced` counts
    inputs taken as empty unproven.
    """

    def __init__(self, buffers: Sequence[Buffer], *, wall: bool, max_idle: int, grace: int) -> None:
        self.buffers = buffers
        self.wall, self.max_idle, self.grace = wall, max_idle, grace
        self.now = self.blocked = self.taken = 0
        self.forced = 0

    def observe(self, now: int, ends: Mapping[str, End]) -> None:
        """Work out which inputs are empty once their buffer is dry (wall clock only), from what the consumer knows at
        `now` (ms). A buffer need not be dry for that: else each would cut the batch in which it runs dry."""
        self.now, self.blocked = now, self.blocked or now
        waited = now - max(self.blocked, self.taken)
        for buffer in self.buffers:
            buffer.now = now
            if buffer.empty and not buffer.forced:
                continue
            end = ends.get(buffer.topic, End())
            reached = end.highwater is not None and (buffer.expected or 0) >= end.highwater
            if reached and end.polled is not None and end.polled >= self.blocked:
                buffer.empty, buffer.forced = True, False
            elif not buffer.records and waited >= self.max_idle:
                buffer.empty = True
                self.forced += not buffer.forced
                buffer.forced = True

    def block(self, now: int) -> None:
        """Nothing can be folded at `now`: what is known about empty inputs must be learnt anew."""
        if not any(buffer.records for buffer in self.buffers):
            self.blocked = now
            for buffer in self.buffers:
                buffer.empty = False

    def take(self, records: int, size: int, limit: int = FOREVER) -> list[Entry]:
        """Take what can be taken, in order: at most `records` records, or about `size` bytes, none with a time of
        `limit` (ms) or later. Ticks are in the list, whatever their time."""
        entries: list[Entry] = []
        while len(entries) < records and size > 0:
            self._ticks(entries)
            first = self._least()
            if first is None or first.time >= limit:
                break
            self.taken = self.now
            bound = min(self._bound(first), (limit, 0))
            while len(entries) < records and size > 0:
                entry = first.take()
                entries.append(entry)
                size -= len(entry.record.value or b"") + OVERHEAD
                reading = first.peek()
                if reading is None or type(reading.event) is Tick or (first.time, first.order) >= bound:
                    break
        return entries

    def _ticks(self, entries: list[Entry]) -> None:
        """Take every tick that is at a head: a promise does not wait its turn."""
        for buffer in self.buffers:
            while (reading := buffer.peek()) is not None and type(reading.event) is Tick:
                entries.append(buffer.take())

    def _least(self) -> Buffer | None:
        """The input whose head comes next, if that is certain."""
        best: Buffer | None = None
        for buffer in self.buffers:
            if buffer.peek() is not None and (best is None or (buffer.time, buffer.order) < (best.time, best.order)):
                best = buffer
        return None if best is None or (best.time, best.order) >= self._bound(best) else best

    def _bound(self, first: Buffer) -> tuple[int, int]:
        """The smallest key any other input may still deliver."""
        bound = (FOREVER, 0)
        for buffer in self.buffers:
            if buffer is not first and (buffer.records or not buffer.empty):
                head = buffer.peek() is not None
                bound = min(bound, (buffer.time, buffer.order) if head else (buffer.promise, buffer.rank))
        return bound

    @property
    def promised(self) -> int:
        """No record of any input with an event time below this follows (ms)."""
        return min(buffer.promise for buffer in self.buffers)

    def low(self, now: int) -> int:
        """The smallest event time any input may still deliver: the heads' times and the promises (ms)."""
        return min(self._low(buffer, now) for buffer in self.buffers)

    def _low(self, buffer: Buffer, now: int) -> int:
        if buffer.peek() is not None:
            return buffer.time
        if self.wall and buffer.empty:
            return max(buffer.promise, now - self.grace)
        return buffer.promise

    def caught_up(self, since: int) -> bool:
        """Whether nothing older than `since` (ms) waits to be folded: each input is empty, or what came to its head
        last is younger; and none was taken as empty unproven."""
        return all(not b.forced and ((b.peek() is None and b.empty) or b.time > since) for b in self.buffers)

    def waiting(self) -> list[str]:
        """Topics without which the next record cannot be chosen."""
        if not any(buffer.records for buffer in self.buffers):
            return []
        return [buffer.topic for buffer in self.buffers if not buffer.records and not buffer.empty]
