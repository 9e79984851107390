"""Folding one batch: planned records and due timers, in time order, into profiles, outputs and a commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from heapq import heappop
from typing import Any

from models.kernel.effects import Context, Effects
from models.kernel.events import Unrecognised
from models.kernel.record import DecodedRecord, Rejection
from sinks.outputs import Message
from streams.buffer import Entry
from streams.dead_letters import DeadLetters
from streams.fold import Fold
from streams.forwarding import Forwarding
from streams.timers import FOREVER, Timers
from streams.unknown_names import UnknownNames

MISROUTED = "misrouted"


class Batch:
    """One batch being folded.

    `fold` says what events and timers do. `profiles` has everybody loaded (None: unknown to the store, or forgotten in
    this batch); `touched` those that changed, with the due that the store has (0: none); `forwards` records that go on
    to their own shard. `hold` tells that acting timers must wait, `until` that those due then or later must.
    """

    def __init__(
        self,
        fold: Fold[Any],
        ctx: Context,
        dead_letters: DeadLetters,
        unknown_names: UnknownNames,
        partition: int,
        owner: Callable[[str], int],
        forwarding: Forwarding,
    ) -> None:
        self.fold = fold
        self.ctx = ctx
        self.dead_letters = dead_letters
        self.unknown_names = unknown_names
        self.partition = partition
        self.owner = owner
        self.forwarding = forwarding
        self.forwards: list[Message] = []
        self.profiles: dict[str, Any] = {}
        self.touched: dict[str, int] = {}
        self.timers = Timers()
        self.hold = False
        self.until = FOREVER
        self.end = 0  # no timer due then or later fires in this batch
        self.swept = 0  # every timer due before it fired, or is held
        self.tallies = {"applied": 0, "duplicate": 0, "dead_letter": 0}
        self.fired = 0

    def load(self, packed: Mapping[str, bytes | None]) -> None:
        """Unpack the profiles of shoppers with planned records or due timers."""
        decode = self.fold.decode
        self.profiles = {user: None if data is None else decode(data) for user, data in packed.items()}

    def run(self, entries: Sequence[Entry], watermark: int, end: int, most: int) -> tuple[int, int]:
        """Fold entries and every timer that comes before them, then timers due before `end`.

        Stops early after `most` outputs, or where the store may hold timers that were not fetched. Returns how many
        entries were folded, and the watermark then.
        """
        self.end = end
        outputs, horizon, heap = self.ctx.effects.outputs, self.timers.horizon, self.timers.heap
        for i, entry in enumerate(entries):
            w = entry.time if entry.time > watermark else watermark
            if heap and heap[0][0] < w:
                self._fire(w, most)
            if horizon < w or len(outputs) >= most:
                return i, max(watermark, self._passed())
            watermark = w
            self._record(entry, w)
        if self._fire(end, most) and end <= horizon:
            self.swept = end
            return len(entries), max(watermark, end)
        return len(entries), max(watermark, self._passed())

    def _passed(self) -> int:
        """The watermark of a batch that was cut short: a timer that fired is past, so no record is folded as of it."""
        self.swept = self.fired
        return self.fired + 1 if self.fired else 0

    def _record(self, entry: Entry, watermark: int) -> None:
        if entry.origin is not None and not self._taken(entry):
            return
        reading = entry.reading
        rejected, event = reading.rejected, reading.event
        if event is not None and self.profiles[reading.shopper] is None:
            owner = self.owner(reading.shopper)
            if owner != self.partition:
                if self._forwarded(entry, owner):
                    return
                detail = f"belongs to partition {owner}: check `partitioner`, then re-drive"
                rejected, event = rejected or Rejection(MISROUTED, detail), None
        outcome = self._event(reading, watermark) if event is not None else ""
        if rejected is not None:
            most = self.ctx.settings.limits.max_letter_bytes
            self.dead_letters.write(self.ctx.effects, entry, rejected, self.partition, watermark, most)
            outcome = "dead_letter"
        for note in reading.notes:
            self.ctx.effects.counts[note] += 1
        self.tallies[outcome] += 1

    def _taken(self, entry: Entry) -> bool:
        """Whether a record that was forwarded here is to be folded: no if it is a copy."""
        assert entry.origin is not None
        taken = self.forwarding.take(entry.source.topic, entry.origin)
        self.ctx.effects.counts["forward_taken" if taken else "forward_repeats"] += 1
        return taken

    def _forwarded(self, entry: Entry, owner: int) -> bool:
        """Whether the record of a shopper of another shard goes on to there. It counts where it is folded."""
        if entry.origin is not None or self.ctx.settings.misrouted == "reject":
            return False
        self.forwards.append(self.forwarding.message(entry, entry.reading.shopper, owner))
        self.ctx.effects.counts["forwarded"] += 1
        return True

    def _event(self, reading: DecodedRecord, watermark: int) -> str:
        user, effects, p = reading.shopper, self.ctx.effects, self.profiles[reading.shopper]
        due = 0 if p is None else p.due
        p, outcome = self.fold.event(self.ctx, user, p, reading, watermark)
        if p is not None:
            self.profiles[user] = p
            self.touched.setdefault(user, due)
            if p.due != due and p.due < self.end:
                self.timers.push(p.due, user)
        if type(reading.event) is Unrecognised:
            effects.counts["unknown_events"] += 1
            self.unknown_names.add(reading.event.name)
        effects.minute("events", reading.e)
        if reading.e < watermark:
            effects.counts["late"] += 1
        if reading.clamped:
            effects.counts["clamped"] += 1
        if reading.cut:
            effects.counts["strings_cut"] += reading.cut
        return outcome

    def _fire(self, before: int, most: int) -> bool:
        """Fold timers due before a time. False if the batch is full."""
        outputs, heap, profiles = self.ctx.effects.outputs, self.timers.heap, self.profiles
        limit = min(before, self.timers.horizon + 1)
        while len(outputs) < most:
            if not heap or heap[0][0] >= limit:
                return True
            due, user = heappop(heap)
            p = profiles[user]
            if p is None or p.due != due:  # it was moved since
                continue
            if not ((self.hold or due >= self.until) and self.fold.acts(p, due)):
                self._timer(user, due)
        return False

    def waits(self, end: int) -> bool:
        """Whether acting timers due before `end` (ms) may have to wait."""
        return self.hold or self.until < end

    def _timer(self, user: str, due: int) -> None:
        p = self.profiles[user] = self.fold.timer(self.ctx, user, self.profiles[user], due)
        self.touched.setdefault(user, due)
        self.fired = due
        if p is not None and p.due < self.end:
            self.timers.push(p.due, user)

    def moved(self) -> dict[str, int | None]:
        """Timers that changed: user -> due (None: no timer any more)."""
        dues = {user: None if (p := self.profiles[user]) is None else p.due for user in self.touched}
        return {user: due for user, due in dues.items() if (due or 0) != self.touched[user]}

    def effects(self) -> Effects:
        """What the batch brought about, counted."""
        effects = self.ctx.effects
        effects.settle()
        applied, duplicates, dead = self.tallies.values()
        effects.counts["applied"] += applied
        effects.counts["duplicates"] += duplicates
        effects.counts["events"] += applied + duplicates + dead
        return effects
