"""All shoppers of a shard, from its logs: the one entry point of the reference."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

from models.decoding.decoder import Decoder
from models.features import ShopSettings
from models.kernel.events import Amended, Ordered
from models.kernel.outputs import DEAD_LETTERS
from models.kernel.partition import partitioner
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY, MINUTE
from streams.records import Input, Record
from tests.reference.history import Said
from tests.reference.interleaving import Folded
from tests.reference.merge import Head, Step, heads, merge
from tests.reference.places import Places
from tests.reference.shopper import Shopper

YEAR_1990 = 20 * 365 * DAY + 5 * DAY
"""1990-01-01T00:00Z in ms: after twenty years, five of them leap years."""


class World:
    """One shard, folded to the end of its logs."""

    def __init__(self, partition: int, partitions: int, inputs: Sequence[Input], settings: ShopSettings) -> None:
        self.partition, self.partitions = partition, partitions
        self.inputs, self.settings = inputs, settings
        self.shoppers: dict[str, Shopper] = {}
        self.said: list[Said] = []
        self.counts: Counter[str] = Counter()
        self.minutes: Counter[tuple[int, str]] = Counter()
        self.hours: Counter[tuple[int, str]] = Counter()
        self.views: list[tuple[str, str, int]] = []
        self.places = Places(settings.churn_most, partition, partitions)
        self.revenue = 0
        self.watermark: float = -math.inf
        self.offsets: dict[str, int] = {}
        self.heap: list[tuple[int, bytes, int]] = []
        self.start = 0
        self.floor = 0  # what had to wait is said as of then (clock=wall)
        self.reader = Decoder(settings)
        self.place = partitioner(settings.partitioner)

    def fold(self, logs: Mapping[str, Sequence[Record]]) -> World:
        """Fold the shard's records, given by topic."""
        inputs = heads(logs, self.inputs, self.read)
        for step in merge(inputs):
            self.watermark = step.w
            self.fire_timers(step.w)
            if step.reading is not None:
                self.take(step, step.reading)
        return self.taken(inputs)

    def follow(self, logs: Mapping[str, Sequence[Record]], batches: Sequence[Folded]) -> World:
        """Fold the shard's records as they were folded under the wall clock."""
        inputs = heads(logs, self.inputs, self.read)
        by_topic = {head.source.topic: head for head in inputs}
        for batch in batches:
            assert batch.floor >= self.watermark
            self.start, self.floor = batch.start, batch.floor
            for (topic, offset), w, now in batch.records:
                head = by_topic[topic]
                head.skip_ticks()
                record, _ = head.records[head.taken]
                reading = self.read(record, now)
                assert record.offset == offset, f"{topic}: {offset} was folded where {record.offset} comes next"
                assert w >= self.watermark, "the watermark went back"
                head.taken += 1
                self.watermark = w
                self.fire_timers(w, hold=batch.hold)
                self.take(Step(w, head.source, record, reading), reading)
            self.watermark = batch.watermark
            self.fire_timers(batch.watermark, batch.until, hold=batch.hold)
        for head in inputs:
            head.skip_ticks()
        return self.taken(inputs)

    def taken(self, inputs: Sequence[Head]) -> World:
        """Take note of how far the inputs were read."""
        self.counts["ticks"] = sum(head.ticks for head in inputs)
        for head in inputs:
            if head.taken:
                self.offsets[head.source.topic] = head.records[head.taken - 1][0].offset + 1
        return self

    def read(self, record: Record, now: int = 0) -> DecodedRecord:
        """A record as it was read at a worker's `now` (ms; 0: under the event clock).

        A Kafka timestamp before 1990 is none. By the wall clock one that is still to come is none either; a record
        without counts as come now, and nothing has happened later than now.
        """
        came = record.timestamp if record.timestamp >= YEAR_1990 else -1
        if now:
            came = came if 0 <= came <= now else now
        reading = self.reader.read(record.value, came)
        reading.e = min(reading.e, now) if now else reading.e
        return reading

    def take(self, step: Step, reading: DecodedRecord) -> None:
        """One record: forwarded to where it belongs, or a dead letter, a duplicate, or applied."""
        misrouted = self.misrouted(reading)
        if misrouted and reading.event is not None and self.settings.misrouted == "forward":
            self.counts["forwarded"] += 1
            return
        self.counts["events"] += 1
        code = reading.rejected.code if reading.rejected else "misrouted" if misrouted else None
        now = int(max(reading.e, step.w)) if step.w > -math.inf else reading.e
        folded = code is None or (isinstance(reading.event, Ordered | Amended) and not misrouted)
        self.counts["late"] += folded and reading.e < step.w
        if folded:
            self.minutes[reading.e // MINUTE, "events"] += 1
        stranger = folded and reading.shopper not in self.shoppers and self.outlived(reading, now)
        if code is None:
            self.counts["applied" if stranger else self.shopper(reading).offer(reading, now)] += 1
        else:
            self.counts["dead_letters"] += 1
            self.counts[f"dead:{code}"] += 1
            assert step.source is not None
            assert step.record is not None
            as_of = reading.e if reading.e >= 0 else int(max(step.w, 0))
            origin = (step.source.topic, step.record.offset)
            self.said.append(Said(DEAD_LETTERS, "dead_letter", reading.shopper, (code, *origin), as_of))
            if folded and not stranger:
                self.shopper(reading).salvage(reading, now)
        self.collect(reading.shopper)

    def misrouted(self, reading: DecodedRecord) -> bool:
        return bool(reading.shopper) and self.place(reading.shopper.encode(), self.partitions) != self.partition

    def outlived(self, reading: DecodedRecord, now: int) -> bool:
        """Whether a profile that began with this event would be over by now: then none begins."""
        buys = isinstance(reading.event, Ordered | Amended)
        return reading.e + (self.settings.buyer_ttl if buys else self.settings.visitor_ttl) <= now

    def shopper(self, reading: DecodedRecord) -> Shopper:
        shopper = self.shoppers.setdefault(reading.shopper, Shopper(reading.shopper, self.settings))
        shopper.start, shopper.places = self.start, self.places
        return shopper

    def fire_timers(self, before: float, last: tuple[int, bytes] | None = None, *, hold: bool = False) -> None:
        """Fire all timers with due < `before`, the earliest first, ties by the bytes of the shopper's id.

        Where `last` is given, those up to it instead. With `hold` a shopper whose earliest timer asks somebody to act
        waits.

        The heap holds every shopper's earliest timer of some moment; one that is no longer the earliest is dropped.
        """
        held = []
        while self.heap and (self.heap[0][0] < before if last is None else self.heap[0][:2] <= last):
            due, name, kind = heappop(self.heap)
            shopper = self.shoppers.get(name.decode())
            if shopper is None:
                continue
            earliest = shopper.earliest()
            if (earliest.due, earliest.kind) != (due, kind):
                continue
            if hold and shopper.acts(due):
                held.append((due, name, kind))
                continue
            if due < self.floor and shopper.acts(due) and shopper.ends() > self.floor:
                shopper.catch_up(self.floor)
            else:
                earliest.act(due)
            self.collect(shopper.user)
        for timer in held:
            heappush(self.heap, timer)

    def collect(self, user: str) -> None:
        """Move what was said and counted from the shopper to the shard; forget a shopper who expired."""
        shopper = self.shoppers.get(user)
        if shopper is None:
            return
        for said in shopper.carts.said:
            if said.kind == "triggered":
                self.minutes[said.as_of // MINUTE, "triggers"] += 1
        self.minutes.update(shopper.traffic.minutes)
        shopper.traffic.minutes.clear()
        self.views += shopper.traffic.views
        shopper.traffic.views.clear()
        for counts in (shopper.hours, shopper.carts.hours, shopper.acting.hours):
            self.hours.update(counts)
            counts.clear()
        self.said += shopper.said + shopper.carts.said
        shopper.said.clear()
        shopper.carts.said.clear()
        for counted in (shopper.counts, shopper.acting.counts):
            self.counts.update(counted)
            counted.clear()
        self.counts["reminders_dropped"] += shopper.carts.reminders.dropped
        shopper.carts.reminders.dropped = 0
        self.counts["carts_closed"] += shopper.carts.closed_unfired
        shopper.carts.closed_unfired = 0
        gross = shopper.book.gross
        self.revenue += gross - shopper.gross
        shopper.gross = gross
        if shopper.history:
            earliest = shopper.earliest()
            heappush(self.heap, (earliest.due, user.encode(), earliest.kind))
        else:
            del self.shoppers[user]
            self.counts["shoppers_expired"] += 1
