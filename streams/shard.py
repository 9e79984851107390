"""One shard: one partition of every input, folded into one slice of the store by one writer.

    receive(chunks) → merge → load → fold → APPLY → outbox → (the driver publishes it) → published()

Synchronous, and without Faust: a driver feeds it, steps it and publishes its outbox. Every step is one batch, committed
whole or not at all; a batch whose commit may or may not have arrived is sent again unchanged.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from models.kernel.effects import Effects
from models.kernel.events import Tick
from models.kernel.partition import partitioner
from models.kernel.settings import DAY, SECOND, Settings
from models.kernel.vocabulary import Vocabulary
from sinks.outputs import Message
from sinks.store import Commit, Store, StoreError
from sinks.summary import LETTERS
from streams import outbox
from streams.batch import Batch
from streams.buffer import Buffer, Entry
from streams.cache import Cache
from streams.commit import build
from streams.dead_letters import DeadLetters
from streams.errors import Fenced, quoting
from streams.faults import Faults
from streams.fold import SHOPPERS, Fold
from streams.merge import Merge
from streams.observer import Laps, Observer
from streams.records import Chunk, End, Input
from streams.state import ShardState, Stats
from streams.tables import Tables
from streams.timers import FOREVER

logger = logging.getLogger(__name__)

FRESH = 10 * SECOND
"""Under ``clock=wall`` a head younger than this counts as caught up."""


class EngineSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds of a batch and of buffers; patience under ``clock=wall`` (ms)."""

    batch_records: int = 2_000
    batch_bytes: int = 1 << 20
    batch_outputs: int = 10_000
    buffer_records: int = 8_000
    cache_profiles: int = 20_000
    max_idle: int = 500
    grace: int = 2_000


class Shard:
    """One shard. See the module's picture; `outbox` must be published before the next `step`.

    `crossed` tells that the last batch came to where it had to end: other shards may wait for that.
    """

    def __init__(
        self,
        partition: int,
        partitions: int,
        inputs: Sequence[Input],
        store: Store,
        settings: Settings,
        *,
        fold: Fold[Any] = SHOPPERS,
        topics: Mapping[str, str] | None = None,
        clock: Literal["wall", "event"] = "event",
        engine: EngineSettings | None = None,
        faults: Faults | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.partition, self.partitions = partition, partitions
        self.inputs = inputs
        self.store = store
        self.settings = settings
        self.fold = fold
        self.topics = dict(topics or {})
        self.wall = clock == "wall"
        self.engine = engine or EngineSettings()
        self.faults = faults or Faults()
        self.observer = observer or Observer()
        self.reader = fold.reader(settings)
        self.outbox: Sequence[Message] = ()
        self.token = ""
        self.crossed = False
        self._warned = False
        self._partition_of = partitioner(settings.partitioner)

    # -- ownership ---------------------------------------------------------------------------

    def claim(self) -> dict[str, int | None]:
        """Own the shard under a new token, with the state as committed; whoever owned it is fenced from here on.

        Returns the offset to read on from, by topic (None: the log's start). `outbox` then holds the committed outputs,
        to be published again. Raises `StoreError`.
        """
        self.token = uuid.uuid4().hex
        claim = self.store.claim(self.partition, self.token, schema=self.fold.schema, partitions=self.partitions)
        self.seq, self.next_due = claim.seq, claim.next_due
        self.offsets = dict(claim.offsets)
        self.state = ShardState.decode(claim.shard)
        self.stats = Stats(claim.stats)
        self.dead_letters = DeadLetters(self.stats.texts.get(LETTERS, ""))
        self.ctx = self.fold.context(self.settings, vocabulary=Vocabulary(claim.vocab))
        self.tables = Tables(self.fold.tables, self.store, self.partitions, self.settings, self.state, wall=self.wall)
        self.tables.restore(self.ctx, claim.sketches)
        self.cache = Cache(self.engine.cache_profiles)
        promises = self.state.promises
        self.buffers = {
            source.topic: Buffer(source, self.reader, self.offsets.get(source.topic), promises.get(source.topic, -1))
            for source in self.inputs
        }
        patience = {"max_idle": self.engine.max_idle, "grace": self.engine.grace}
        self.merge = Merge(list(self.buffers.values()), wall=self.wall, **patience)
        self.cursor = 0  # timers due before it are held back (clock=wall)
        self._caught_up = False  # at the last batch's start: what had come by then is folded
        self._pending: tuple[Commit, Sequence[Message]] | None = None
        self.outbox = outbox.unpack(claim.outbox)
        return {source.topic: self.offsets.get(source.topic) for source in self.inputs}

    @property
    def watermark(self) -> int:
        """W: event time (ms) before which every timer has fired."""
        return self.state.watermark

    # -- delivery ----------------------------------------------------------------------------

    def receive(self, chunk: Chunk) -> bool:
        """Buffer a chunk. False if all of it lies below what was seen. Raises `Gap` if records were lost before it."""
        buffer = self.buffers[chunk.topic]
        before = len(buffer.records)
        buffer.append(chunk)
        return len(buffer.records) > before

    def wants(self, topic: str, queued: int = 0) -> bool:
        """False while this input has enough to do, with so many records on their way to it."""
        return len(self.buffers[topic].records) + queued < self.engine.buffer_records

    @property
    def awaited(self) -> str:
        """The table without which nothing can be folded, in words ("" if none)."""
        return self.tables.awaited

    def waiting(self) -> str:
        """What the shard waits for: a table, or partitions without which nothing can be folded ("" if nothing)."""
        if self.awaited:
            return self.awaited
        return ", ".join(f"{topic}[{self.partition}]" for topic in self.merge.waiting())

    def published(self) -> dict[str, int]:
        """Every message of `outbox` was acknowledged. Returns next offsets by topic, for the consumer group."""
        self.outbox = ()
        return dict(self.offsets)

    # -- one batch ---------------------------------------------------------------------------

    def step(self, now: int = 0, ends: Mapping[str, End] | None = None) -> bool:
        """Fold and commit one batch. False if there was nothing to do.

        `now` (wall time, ms) and `ends` (by topic) count under ``clock=wall`` only. Raises `Fenced`; `StoreError` (step
        again to go on); RuntimeError if the outbox was not published.
        """
        if self.outbox:
            raise RuntimeError(f"shard {self.partition}: the outbox must be published before the next batch")
        if self._pending is None and not self._prepare(now, ends or {}):
            return False
        assert self._pending is not None
        commit, messages = self._pending
        self.faults.at("after_fold")
        laps = Laps()
        applied = self.store.apply(self.partition, self.token, self.seq + 1, commit)
        if applied.status != "OK":
            raise Fenced(f"APPLY {self.seq + 1}: {applied.status}", applied.status)
        self.faults.at("after_apply")
        self.seq += 1
        self.offsets.update(commit.offsets)
        self.next_due = applied.next_due
        self.cache.put(commit.profiles)
        self._pending = None
        self.outbox = messages
        laps.lap("apply")
        self.observer.committed(self.partition, self._laps.seconds | laps.seconds, self.ctx.effects.counts)
        return True

    def _prepare(self, now: int, ends: Mapping[str, End]) -> bool:
        self._laps = laps = Laps()
        caught_up = False
        if self.wall:
            self.state.born = self.state.born or now
            self.ctx.start = self.state.born
            self.merge.observe(now, ends)
            caught_up = self.merge.caught_up(now - FRESH)
        if not self.tables.settle(self.ctx, now):
            return False
        watermark = self.state.watermark
        limit = self.tables.limit(watermark)
        entries = self.merge.plan(self.engine.batch_records, self.engine.batch_bytes, limit)
        times = [entry.time for entry in entries if type(entry.reading.event) is not Tick]
        end = max([watermark, self.merge.low(now), *times])
        behind = watermark < self.merge.promised  # the batch before this one was cut short
        self._warn_of_a_jump(max([watermark, *times]), end)
        if not watermark:
            limit = self.tables.begin(next((time for time in times if time > 0), end))
            _put_back(entries, _beyond(entries, limit))
        end = min(end, limit)
        laps.lap("plan")
        try:
            batch = self._load(entries, end, hold=self.wall and not (caught_up and self._caught_up))
        except BaseException:
            _put_back(entries)
            raise
        self.ctx.effects = Effects()
        laps.lap("load")
        with quoting(batch.profiles):
            try:
                count, self.state.watermark = batch.run(entries, watermark, end, self.engine.batch_outputs)
            except Exception as error:
                self._fenced_by(error)
                raise
            _put_back(entries, count)
            self._caught_up = caught_up
            self.cursor = max(self.cursor, batch.swept) if batch.hold else 0
            if not (entries or batch.fired or behind or self.tables.moved or self.state.watermark == limit):
                self.merge.block(now)
                return False
            self.crossed = self.state.watermark == limit
            self._finish(batch, entries, limit)
        laps.lap("fold")
        return True

    def _finish(self, batch: Batch, entries: Sequence[Entry], limit: int) -> None:
        effects = batch.effects()
        effects.counts["merge_forced"] += self.merge.forced
        self.merge.forced = 0
        self.stats.add(effects.counts)
        self.stats.minutes(effects.minutes)
        if effects.counts["dead_letters"]:
            self.stats.put(LETTERS, self.dead_letters.encode())
        self.state.promises = {topic: b.promise for topic, b in self.buffers.items() if b.promise >= 0}
        messages = outbox.messages(effects.outputs, self.topics)
        offsets = {entry.buffer.topic: entry.record.offset + 1 for entry in entries}
        sketches, frozen = self.tables.changed(self.ctx), self.tables.frozen(limit, self.ctx, self.stats)
        self._pending = build(batch, offsets, self.state, self.stats, messages, sketches, frozen), messages

    def _fenced_by(self, error: Exception) -> None:
        """Raise Fenced if the fold failed because another owner writes what this one reads."""
        try:
            owned = self.store.owned(self.partition, self.token)
        except StoreError:
            owned = False  # claiming again tells
        if not owned:
            raise Fenced(f"shard {self.partition}: the fold met another owner's writes: {error!r}") from error

    def _warn_of_a_jump(self, before: int, end: int) -> None:
        if self.wall and not self._warned and before and end - before > DAY:
            self._warned = True
            logger.warning(
                "shard %d: event time jumps by %d days, because its inputs are empty and the clock is `wall`. "
                "For history use `--clock event`",
                self.partition,
                (end - before) // DAY,
            )

    def _load(self, entries: Sequence[Entry], end: int, *, hold: bool) -> Batch:
        batch = Batch(self.fold, self.ctx, self.dead_letters, self.partition, self._owner)
        batch.hold = hold
        users = dict.fromkeys(entry.reading.shopper for entry in entries if entry.reading.event is not None)
        users.pop("", None)
        if self.next_due is not None and self.next_due < end:
            users |= dict.fromkeys(self._due(batch, end))
        batch.load(self.cache.get(self.store, self.partition, list(users)))
        return batch

    def _due(self, batch: Batch, before: int) -> list[str]:
        if not batch.hold:
            return batch.timers.fetch(self.store, self.partition, 0, before, self.engine.batch_records)
        return batch.timers.fetch(self.store, self.partition, self.cursor, before, FOREVER)

    def _owner(self, user: str) -> int:
        return self._partition_of(user.encode(), self.partitions)


def _beyond(entries: Sequence[Entry], limit: int) -> int:
    """Index of the first record that a batch up to `limit` must not fold. Ticks are no records."""
    late = (i for i, e in enumerate(entries) if e.time >= limit and type(e.reading.event) is not Tick)
    return next(late, len(entries))


def _put_back(entries: list[Entry], start: int = 0) -> None:
    """Give the entries from `start` on back to their buffers."""
    for entry in reversed(entries[start:]):
        entry.buffer.put_back(entry)
    del entries[start:]
