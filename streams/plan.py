"""The first stage of a batch: which tables are in force, which records it takes, and which timers may fire in it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from models.kernel.effects import Context
from models.kernel.settings import DAY, SECOND
from sinks.shard_state import ShardState
from streams.buffer import Entry
from streams.clearance import Clearance
from streams.merge import Merge
from streams.records import End
from streams.tables import Tables

logger = logging.getLogger(__name__)

FRESH = 10 * SECOND
"""Under ``clock=wall`` a head younger than this counts as caught up."""


class BatchPlan(NamedTuple):
    """What one batch is to fold.

    Attributes
    ----------
    entries
        Records, in order.
    watermark
        Before the batch (ms).
    end
        No timer due then or later fires (ms).
    limit
        Where a batch must end because of tables (ms).
    behind
        Whether time can go on without any record: the batch before this one was cut short, or a head came.
    caught_up
        Whether this batch takes all that has come by now (``clock=wall``).
    hold
        Whether acting timers must wait.
    """

    entries: list[Entry]
    watermark: int
    end: int
    limit: int
    behind: bool
    caught_up: bool
    hold: bool


class Planner:
    """Plans the batches of one claim of a shard.

    `caught_up` is the newest folded batch's: acting timers wait for two such batches in a row.
    """

    def __init__(
        self,
        partition: int,
        state: ShardState,
        ctx: Context,
        tables: Tables,
        merge: Merge,
        clearance: Clearance,
        *,
        records: int,
        size: int,
    ) -> None:
        self.caught_up = False
        self._partition = partition
        self._state, self._ctx = state, ctx
        self._tables, self._merge, self._clearance = tables, merge, clearance
        self._records, self._bytes = records, size
        self._warned = False

    def plan(self, now: int, ends: Mapping[str, End], most: int | None = None) -> BatchPlan | None:
        """Take what one batch can fold, of records at most `most` (None: as set). None: a table must be there first.

        `now` (wall time, ms) and `ends` (by topic) count under ``clock=wall`` only. Raises `StoreError`.
        """
        wall, merge, tables = self._merge.wall, self._merge, self._tables
        caught_up = wall and self._look(now, ends)
        steady = caught_up and self.caught_up
        self._clearance.note(now - FRESH if steady else 0, now)
        if not tables.settle(self._ctx, now):
            return None
        watermark = self._state.watermark
        self._ctx.floor = watermark if wall else 0
        limit = tables.limit(watermark)
        entries = merge.take(self._records if most is None else min(most, self._records), self._bytes, limit)
        reached = max([watermark, *[entry.time for entry in entries]])
        end = max(reached, merge.low(now))
        behind = watermark < (merge.promised if wall else min(end, limit))
        self._warn_of_a_jump(reached, end)
        if not watermark:
            limit = tables.begin(next((entry.time for entry in entries if entry.time > 0), end))
            merge.put_back(entries, _beyond(entries, limit))
        return BatchPlan(entries, watermark, min(end, limit), limit, behind, caught_up, wall and not steady)

    def _look(self, now: int, ends: Mapping[str, End]) -> bool:
        """See which inputs are empty. Whether nothing old waits to be folded."""
        self._state.born = self._state.born or now
        self._ctx.start = self._state.born
        self._merge.observe(now, ends)
        return self._merge.caught_up(now - FRESH)

    def _warn_of_a_jump(self, before: int, end: int) -> None:
        if self._merge.wall and not self._warned and before and end - before > DAY:
            self._warned = True
            logger.warning(
                "shard %d: event time jumps by %d days, because its inputs are empty and the clock is `wall`. "
                "For history use `--clock event`",
                self._partition,
                (end - before) // DAY,
            )


def _beyond(entries: Sequence[Entry], limit: int) -> int:
    """Index of the first record that a batch up to `limit` must not fold."""
    return next((i for i, entry in enumerate(entries) if entry.time >= limit), len(entries))
