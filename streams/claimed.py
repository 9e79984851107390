"""A claimed shard: what one claim of it holds, and how it plans, folds and commits one batch a step.

    receive(chunks) ─▶ plan ─▶ load ─▶ fold ─▶ commit ─▶ outbox ─▶ (the driver publishes it) ─▶ published()

    plan     the tables in force; as many records as a batch takes, merged by event time (plan.py, tables.py, merge.py)
    load     the timers that are due, and the profiles of all who have a record or a timer (loader.py)
    fold     records and timers in time order, into profiles and outputs (batch.py, fold.py)
    commit   all that the batch changed, by one APPLY (commit.py)

Synchronous, and without Faust: a driver feeds it, steps it and publishes its outbox. Every step is one batch, committed
whole or not at all; a batch whose commit may or may not have arrived is sent again unchanged. What a step wants of the
store it asks of its driver, so that the requests of several shards travel together (`streams.work`).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from models.kernel.effects import Effects
from models.kernel.vocabulary import Vocabulary
from sinks.outputs import Message
from sinks.shard_state import ShardState
from sinks.store import Apply, Claim, Commit, Request, StoreError
from sinks.summary import LETTERS, UNKNOWN_NAMES
from streams import outbox, waking
from streams.batch import Batch
from streams.buffer import Buffer
from streams.cache import Cache
from streams.clearance import Clearance
from streams.commit import Prepared, build
from streams.dead_letters import DeadLetters
from streams.errors import Fenced, quoting
from streams.forwarding import Forwarding
from streams.loader import Loader
from streams.merge import Merge
from streams.observer import Laps
from streams.plan import BatchPlan, Planner
from streams.records import Chunk, End
from streams.stats import Stats
from streams.tables import Tables
from streams.unknown_names import UnknownNames
from streams.work import Work, alone

if TYPE_CHECKING:
    from streams.shard import Shard


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
        self.stats.restore(self.ctx.lists)
        place = self.ctx.partition, self.ctx.partitions = shard.partition, shard.partitions
        self.forwarding = Forwarding(shard.namespace, *place, self.state, self.offsets, shard.settings.partitioner)
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
        self.loader = Loader(self.cache, self.clearance, shard.engine.batch_records, wall=shard.wall)
        self.planner = Planner(self.partition, self.state, self.ctx, self.tables, self.merge, self.clearance, **bounds)
        self.outbox: Sequence[Message] = outbox.unpack(claim.outbox)
        self.crossed = False
        self.store = shard.store
        self._shard, self._token = shard, token
        self.mark = blake2b(token.encode(), digest_size=4).hexdigest()  # for others: the token itself can write
        self._engine = shard.engine
        self._cut = False  # whether the last batch ended before its end
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

    @property
    def blocked(self) -> bool:
        """Whether records lie here that another input holds back, of which nothing is known (``clock=wall``)."""
        return bool(self.merge.waiting())

    @property
    def again(self) -> bool:
        """Whether the next step may find something to do without any news."""
        if self._cut or self.crossed or self.state.watermark < self.merge.promised:
            return True
        return self.merge.buffered

    def wake(self, now: int) -> int | None:
        """When time alone may move the shard under ``clock=wall``.

        Parameters
        ----------
        now
            Wall time in ms.

        Returns
        -------
        Wall time in ms. None: never. `now` or earlier: as soon as it is known anew which inputs are empty.
        """
        return waking.due(self.state, self.tables, self.loader.held, self.next_due, self._engine.grace, now)

    def reached(self, now: int) -> int:
        """The event time that the shard has come to (ms), at rest too: then nothing that is older waits here."""
        if not self._shard.wall or not self.state.watermark or self.merge.buffered:
            return self.state.watermark
        return max(self.state.watermark, now - self._engine.grace)

    def published(self) -> dict[str, int]:
        """Every message of `outbox` was acknowledged. Returns next offsets by topic, for the consumer group."""
        self.outbox = ()
        return dict(self.offsets)

    # -- one batch ---------------------------------------------------------------------------

    def step(self, now: int = 0, ends: Mapping[str, End] | None = None) -> bool:
        """Fold and commit one batch by itself. Arguments, answer and errors as for `work`."""
        return alone(self.store, self.partition, self.work(now, ends))

    def work(self, now: int = 0, ends: Mapping[str, End] | None = None, most: int | None = None) -> Work:
        """Fold and commit one batch, asking the store by way of whoever drives this (`streams.work`).

        Parameters
        ----------
        now
            Wall time (ms); counts under ``clock=wall`` only.
        ends
            What is known of the inputs' ends, by topic; counts under ``clock=wall`` only.
        most
            Records that the batch may take; None: as the settings say.

        Returns
        -------
        False if there was nothing to do.

        Raises
        ------
        Fenced
        StoreError
            Begin again to go on.
        RuntimeError
            The outbox was not published.
        """
        if self.outbox:
            raise RuntimeError(f"shard {self.partition}: the outbox must be published before the next batch")
        if self._prepared is None:
            self._prepared = yield from self._prepare(now, ends or {}, most)
        if self._prepared is None:
            return False
        yield from self._commit(self._prepared)
        if self._shard.wall and not self.again:
            self.merge.block(now)
        return True

    def _prepare(self, now: int, ends: Mapping[str, End], most: int | None) -> Generator[Request, Any, Prepared | None]:
        """Everything up to the commit. None if there is nothing to do."""
        laps = Laps()
        plan = self.planner.plan(now, ends, most)
        if plan is None:
            return None
        laps.lap("plan")
        batch = yield from self._load(plan, now)
        laps.lap("load")
        with quoting(batch.profiles):
            if not self._fold(batch, plan):
                self.merge.block(now)
                return None
            commit, messages = self._gather(batch, plan)
        laps.lap("fold")
        crossed = self.state.watermark == plan.limit
        return Prepared(commit, messages, crossed, laps.seconds, self.ctx.effects.counts)

    def _load(self, plan: BatchPlan, now: int) -> Generator[Request, Any, Batch]:
        """The batch, with the profiles of all whom it may concern. If the store fails, the records go back."""
        shard = self._shard
        letters, names = self.dead_letters, self.unknown_names
        batch = Batch(shard.fold, self.ctx, letters, names, self.partition, shard.owner, self.forwarding)
        batch.hold = plan.hold
        try:
            yield from self.loader.load(batch, plan, self.next_due, now)
        except BaseException:
            self.merge.put_back(plan.entries)
            raise
        return batch

    def _fold(self, batch: Batch, plan: BatchPlan) -> bool:
        """Fold the batch; what it did not come to goes back. Whether there is anything to commit."""
        self.ctx.effects = Effects()
        try:
            folded = batch.run(plan.entries, plan.watermark, plan.end, self._engine.batch_outputs)
        except Exception as error:
            self._fenced_by(error)
            raise
        count, self.state.watermark = folded
        self._cut = self.state.watermark < plan.end
        self.merge.put_back(plan.entries, count)
        self.planner.caught_up = plan.caught_up
        self.loader.folded(batch, plan.end)
        moved = self.tables.moved or self.state.watermark == plan.limit or self.clearance.due()
        return bool(self.merge.moved or batch.fired or plan.behind or moved)

    def _gather(self, batch: Batch, plan: BatchPlan) -> tuple[Commit, Sequence[Message]]:
        """What the batch commits, and what it says."""
        effects = batch.effects()
        offsets, effects.counts["ticks"] = self.merge.settle()
        effects.counts["merge_forced"] += self.merge.forced
        self.merge.forced = 0
        self.stats.take(effects, self.ctx.lists)
        if effects.counts["dead_letters"]:
            self.stats.put(LETTERS, self.dead_letters.encode())
        if effects.counts["unknown_events"]:
            self.stats.put(UNKNOWN_NAMES, self.unknown_names.encode())
        self.state.promises = {topic: b.promise for topic, b in self.buffers.items() if b.promise >= 0}
        messages = outbox.messages(effects.outputs, self._shard.topics) + batch.forwards
        sketches, frozen = self.tables.changed(self.ctx), self.tables.frozen(plan.limit, self.ctx, self.stats)
        return build(batch, offsets, self.state, self.stats, messages, sketches, frozen), messages

    def _commit(self, prepared: Prepared) -> Generator[Request, Any, None]:
        """APPLY. Raises `Fenced`, `StoreError`."""
        commit = prepared.commit
        self.faults.at("after_fold")
        laps = Laps()
        applied = yield Apply(self._token, self.seq + 1, commit)
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

    def owned(self) -> bool:
        """Whether nobody else has claimed the shard since. Raises `StoreError`."""
        return self.store.owned(self.partition, self._token)

    def _fenced_by(self, error: Exception) -> None:
        """Raise Fenced if the fold failed because another owner writes what this one reads."""
        try:
            owned = self.owned()
        except StoreError:
            owned = False  # claiming again tells
        if not owned:
            raise Fenced(f"shard {self.partition}: the fold met another owner's writes: {error!r}") from error
