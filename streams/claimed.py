"""A claimed shard: what one claim of it holds, and how it plans, folds and commits one batch a step.

    receive(chunks) ─▶ plan ─▶ load ─▶ fold ─▶ commit ─▶ outbox ─▶ (the driver publishes it) ─▶ published()

    plan     the tables in force; as many records as a batch takes, merged by event time (plan.py, tables.py, merge.py)
    load     the timers that are due, and the profiles of all who have a record or a timer (timers.py, cache.py)
    fold     records and timers in time order, into profiles and outputs (batch.py, fold.py)
    commit   all that the batch changed, by one APPLY (commit.py)

Synchronous, and without Faust: a driver feeds it, steps it and publishes its outbox. Every step is one batch, committed
whole or not at all; a batch whose commit may or may not have arrived is sent again unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from models.kernel.effects import Effects
from models.kernel.vocabulary import Vocabulary
from sinks.outputs import Message
from sinks.shard_state import ShardState
from sinks.store import Claim, Commit, StoreError
from sinks.summary import LETTERS, UNKNOWN_NAMES
from streams import outbox
from streams.batch import Batch
from streams.buffer import Buffer
from streams.cache import Cache
from streams.clearance import Clearance
from streams.commit import build
from streams.dead_letters import DeadLetters
from streams.errors import Fenced, quoting
from streams.forwarding import Forwarding
from streams.merge import Merge
from streams.observer import Laps
from streams.plan import BatchPlan, Planner
from streams.records import Chunk, End
from streams.stats import Stats
from streams.tables import Tables
from streams.timers import FOREVER
from streams.unknown_names import UnknownNames

if TYPE_CHECKING:
    from streams.shard import Shard


class Prepared(NamedTuple):
    """A folded batch on its way into the store: the same however often it is sent."""

    commit: Commit
    messages: Sequence[Message]
    crossed: bool
    seconds: Mapping[str, float]
    counts: Mapping[str, int]


class ClaimedShard:
    """A shard owned under one token. `outbox` must be published before the next `step`; after a claim it holds the
    outputs committed last, to be published again.

    `crossed` tells that the last batch came to where it had to end: other shards may wait for that.
    """

    def __init__(self, shard: Shard, token: str, claim: Claim) -> None:
        self.partition = shard.partition
        self.faults = shard.faults
        self.seq, self.next_due = claim.seq, claim.next_due
        self.offsets = dict(claim.offsets)
        self.state = ShardState.decode(claim.shard)
        self.stats = Stats(claim.stats)
        self.dead_letters = DeadLetters(self.stats.texts.get(LETTERS, ""))
        self.unknown_names = UnknownNames(self.stats.texts.get(UNKNOWN_NAMES, ""))
        self.ctx = shard.fold.context(shard.settings, vocabulary=Vocabulary(claim.vocab))
        place = shard.namespace, shard.partition, shard.partitions
        self.forwarding = Forwarding(*place, self.state, self.offsets, shard.settings.partitioner)
        kinds = shard.fold.tables
        self.tables = Tables(kinds, shard.store, shard.partitions, shard.settings, self.state, wall=shard.wall)
        self.tables.restore(self.ctx, claim.sketches)
        self.cache = Cache(shard.engine.cache_profiles)
        promises = self.state.promises
        self.buffers = {
            source.topic: Buffer(source, shard.reader, self.offsets.get(source.topic), promises.get(source.topic, -1))
            for source in shard.inputs
        }
        patience = {"max_idle": shard.engine.max_idle, "grace": shard.engine.grace}
        self.merge = Merge(list(self.buffers.values()), wall=shard.wall, **patience)
        bounds = {"records": shard.engine.batch_records, "size": shard.engine.batch_bytes}
        self.clearance = Clearance(shard.store, shard.partition, shard.partitions, self.state)
        self.planner = Planner(self.partition, self.state, self.ctx, self.tables, self.merge, self.clearance, **bounds)
        self.outbox: Sequence[Message] = outbox.unpack(claim.outbox)
        self.crossed = False
        self._shard, self._token = shard, token
        self._store, self._engine = shard.store, shard.engine
        self._cursor = 0  # timers due before it are held back (clock=wall)
        self._held = FOREVER  # those due from there on, for other shards
        self._prepared: Prepared | None = None

    @property
    def positions(self) -> dict[str, int | None]:
        """The offset to read on from, by topic; None: the log's start."""
        return {topic: self.offsets.get(topic) for topic in self.buffers}

    @property
    def watermark(self) -> int:
        """W: event time (ms) before which every timer has fired."""
        return self.state.watermark

    # -- delivery ----------------------------------------------------------------------------

    def receive(self, chunk: Chunk) -> bool:
        """Buffer a chunk. False if all of it lies below what was seen. Raises `Gap` if records were lost before it."""
        buffer = self.buffers[chunk.topic]
        before = buffer.waiting
        buffer.append(chunk)
        return buffer.waiting > before

    def wants(self, topic: str, queued: int = 0) -> bool:
        """False while this input has enough to do, with so many records on their way to it."""
        return self.buffers[topic].waiting + queued < self._engine.buffer_records

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
        if self._prepared is None:
            self._prepared = self._prepare(now, ends or {})
        if self._prepared is None:
            return False
        self._commit(self._prepared)
        return True

    def _prepare(self, now: int, ends: Mapping[str, End]) -> Prepared | None:
        """Everything up to the commit. None if there is nothing to do."""
        laps = Laps()
        plan = self.planner.plan(now, ends)
        if plan is None:
            return None
        laps.lap("plan")
        batch = self._load(plan, now)
        laps.lap("load")
        with quoting(batch.profiles):
            if not self._fold(batch, plan):
                self.merge.block(now)
                return None
            commit, messages = self._gather(batch, plan)
        laps.lap("fold")
        crossed = self.state.watermark == plan.limit
        return Prepared(commit, messages, crossed, laps.seconds, self.ctx.effects.counts)

    def _load(self, plan: BatchPlan, now: int) -> Batch:
        """The batch, with the profiles of all whom it may concern. If the store fails, the records go back."""
        shard = self._shard
        letters, names = self.dead_letters, self.unknown_names
        batch = Batch(shard.fold, self.ctx, letters, names, self.partition, shard.owner, self.forwarding)
        batch.hold = plan.hold
        users = dict.fromkeys(entry.reading.shopper for entry in plan.entries if entry.reading.event is not None)
        users.pop("", None)
        due = self.next_due is not None and self.next_due < plan.end
        try:
            if shard.wall:
                batch.until = self.clearance.until(now, look=due)
            if due:
                users |= dict.fromkeys(self._due(batch, plan.end))
            batch.load(self.cache.get(self._store, self.partition, list(users)))
        except BaseException:
            self.merge.put_back(plan.entries)
            raise
        return batch

    def _due(self, batch: Batch, before: int) -> list[str]:
        """Who has a timer due before a time (ms): all of them where some are held back, else about a batch of them."""
        if batch.until > self._held:
            self._cursor = 0
        self._held = batch.until
        start, most = (self._cursor, FOREVER) if batch.waits(before) else (0, self._engine.batch_records)
        return batch.timers.fetch(self._store, self.partition, start, before, most)

    def _fold(self, batch: Batch, plan: BatchPlan) -> bool:
        """Fold the batch; what it did not come to goes back. Whether there is anything to commit."""
        self.ctx.effects = Effects()
        try:
            folded = batch.run(plan.entries, plan.watermark, plan.end, self._engine.batch_outputs)
        except Exception as error:
            self._fenced_by(error)
            raise
        count, self.state.watermark = folded
        self.merge.put_back(plan.entries, count)
        self.planner.caught_up = plan.caught_up
        self._cursor = max(self._cursor, batch.swept) if batch.waits(plan.end) else 0
        moved = self.tables.moved or self.state.watermark == plan.limit or self.clearance.due()
        return bool(self.merge.moved or batch.fired or plan.behind or moved)

    def _gather(self, batch: Batch, plan: BatchPlan) -> tuple[Commit, Sequence[Message]]:
        """What the batch commits, and what it says."""
        effects = batch.effects()
        offsets, effects.counts["ticks"] = self.merge.settle()
        effects.counts["merge_forced"] += self.merge.forced
        self.merge.forced = 0
        self.stats.add(effects.counts)
        self.stats.minutes.add(effects.minutes)
        if effects.counts["dead_letters"]:
            self.stats.put(LETTERS, self.dead_letters.encode())
        if effects.counts["unknown_events"]:
            self.stats.put(UNKNOWN_NAMES, self.unknown_names.encode())
        self.state.promises = {topic: b.promise for topic, b in self.buffers.items() if b.promise >= 0}
        messages = outbox.messages(effects.outputs, self._shard.topics) + batch.forwards
        sketches, frozen = self.tables.changed(self.ctx), self.tables.frozen(plan.limit, self.ctx, self.stats)
        return build(batch, offsets, self.state, self.stats, messages, sketches, frozen), messages

    def _commit(self, prepared: Prepared) -> None:
        """APPLY. Raises `Fenced`, `StoreError`."""
        commit = prepared.commit
        self.faults.at("after_fold")
        laps = Laps()
        applied = self._store.apply(self.partition, self._token, self.seq + 1, commit)
        if applied.status != "OK":
            raise Fenced(f"APPLY {self.seq + 1}: {applied.status}", applied.status)
        self.faults.at("after_apply")
        self.seq += 1
        self.offsets.update(commit.offsets)
        self.next_due = applied.next_due
        self.cache.put(commit.profiles)
        self._prepared = None
        self.clearance.told(prepared.counts.get("forwarded", 0))
        self.outbox, self.crossed = prepared.messages, prepared.crossed
        laps.lap("apply")
        self._shard.observer.committed(self.partition, {**prepared.seconds, **laps.seconds}, prepared.counts)

    # -- what may go wrong -------------------------------------------------------------------

    def owned(self) -> bool:
        """Whether nobody else has claimed the shard since. Raises `StoreError`."""
        return self._store.owned(self.partition, self._token)

    def _fenced_by(self, error: Exception) -> None:
        """Raise Fenced if the fold failed because another owner writes what this one reads."""
        try:
            owned = self.owned()
        except StoreError:
            owned = False  # claiming again tells
        if not owned:
            raise Fenced(f"shard {self.partition}: the fold met another owner's writes: {error!r}") from error
