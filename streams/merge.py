"""Merging a shard's inputs by event time.

The key of a record is (max(e, promise), rank of its input, offset). Under ``clock=event`` the least head is taken as
soon as no other input can still deliver a smaller key, so the order depends on the logs alone. Under ``clock=wall`` an
input known to be empty holds nothing back, and one of which nothing is known does so for `max_idle` at most.

A record that was forwarded here below its input's promise comes before all others of the promise's time, as soon as no
other input has anything before that time: the tick that would let it pass may have been the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from streams.buffer import Buffer, Entry, Key
from streams.records import End

FOREVER = 1 << 62


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
            elif not buffer.waiting and waited >= self.max_idle:
                buffer.empty = True
                self.forced += not buffer.forced
                buffer.forced = True

    @property
    def buffered(self) -> bool:
        """Whether any input has records that were not taken yet."""
        return any(buffer.waiting for buffer in self.buffers)

    def block(self, now: int) -> None:
        """Nothing can be folded at `now`: what is known about empty inputs must be learnt anew."""
        if not self.buffered:
            self.blocked = now
            for buffer in self.buffers:
                buffer.empty = False

    def take(self, records: int, size: int, limit: int = FOREVER) -> list[Entry]:
        """Take what can be taken, in order: at most `records` records, or about `size` bytes, none with a time of
        `limit` (ms) or later. Ticks that come to a head are passed, whatever their time."""
        entries: list[Entry] = []
        while len(entries) < records and size > 0:
            first, bound = self._least()
            if first is None or first.time >= limit:
                break
            self.taken = self.now
            size = first.take(entries, records, size, min(bound, (limit, 0)))
        return entries

    def _least(self) -> tuple[Buffer | None, Key]:
        """The input whose head comes next, if that is certain; and the smallest key any other may still deliver."""
        best: Buffer | None = None
        least = bound = (FOREVER, 0)
        for buffer in self.buffers:
            if buffer.peek() is not None:
                key = buffer.time, buffer.order
                if best is None or key < least:
                    best, least, key = buffer, key, least
            elif buffer.empty:
                continue
            else:
                key = buffer.promise, buffer.rank
            bound = min(bound, key)
        return None if least >= bound else best, bound

    def put_back(self, entries: list[Entry], start: int = 0) -> None:
        """Give the entries from `start` on back to their inputs: the newest taken, and not yet settled."""
        first = {entry.source.topic: entry for entry in reversed(entries[start:])}
        for buffer in self.buffers:
            if buffer.topic in first:
                buffer.put_back(first[buffer.topic])
        del entries[start:]

    @property
    def moved(self) -> bool:
        """Whether anything was taken, or a tick passed, since `settle`."""
        return any(buffer.moved for buffer in self.buffers)

    def settle(self) -> tuple[dict[str, int], int]:
        """Let go of what was taken, for good. Returns the next offset of each input that moved, and how many ticks were
        passed."""
        settled = {buffer.topic: buffer.settle() for buffer in self.buffers if buffer.moved}
        return {topic: offset for topic, (offset, _) in settled.items()}, sum(ticks for _, ticks in settled.values())

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
        if not self.buffered:
            return []
        return [buffer.topic for buffer in self.buffers if not buffer.waiting and not buffer.empty]
