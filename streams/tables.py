"""Tables: which boundary a batch must not cross, what is frozen there, and which table is in force.

      W ──────────── d ─────────── d + lag ───────────────▶ event time
                     │                │
        a batch ends here;            a batch ends here again; the shard goes on once table d is there
        its APPLY freezes             (clock=event), or as soon as it is (clock=wall), and judges by it
        the shard's sketch

Table d is the sum of all shards' sketches frozen at d, so it is the same whoever sums it and whenever. A shard that
began after d had no buyers then. Nothing waits while anything is uncommitted or unpublished.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from models.kernel.effects import Context
from models.kernel.settings import SECOND, Settings
from models.rfm import cuts
from models.rfm.cuts import FIXED, NAME, Cuts
from models.rfm.sketch import Sketch, total
from sinks.store import Store
from streams.errors import TableLost
from streams.state import ShardState, Stats
from streams.timers import FOREVER

logger = logging.getLogger(__name__)

VISITS = "visits:"
"""Prefix of the counters of visits."""
KEPT = 8
"""Boundaries for which a shard keeps its frozen sketch. Only under clock=wall are any but the newest ever needed."""
RETRY = SECOND
"""Under clock=wall a table that is not there yet is looked for this often (ms)."""


class Tables:
    """The tables of one claim of one shard.

    Attributes
    ----------
    awaited
        What the shard waits for, in words ("": nothing).
    moved
        Whether a table was taken that no APPLY has committed yet.
    """

    def __init__(self, store: Store, partitions: int, settings: Settings, state: ShardState, *, wall: bool) -> None:
        self.awaited = ""
        self.moved = False
        self._store, self._partitions, self._settings = store, partitions, settings
        self._state, self._wall = state, wall
        self._every, self._lag = settings.table_every, settings.table_lag
        self._suspect = 0  # the shard that was behind when last asked
        self._again = 0

    def restore(self, ctx: Context) -> None:
        """Judge by the table pinned last. Raises `TableLost`."""
        pinned = self._state.pins[NAME]
        ctx.cuts = FIXED
        if pinned:
            found = self._store.table(NAME, pinned)
            if found is None:
                raise TableLost(f"table {NAME}/{pinned} is gone: restore it with `replay --tables`, or replay anew")
            ctx.cuts = Cuts.decode(found)

    def _next(self, watermark: int) -> int:
        return (watermark // self._every + 1) * self._every

    def begin(self, first: int) -> int:
        """The shard begins at the first event time it hears of (ms; 0: none yet), in a batch that ends before it.

        Earlier boundaries are none of its, and the table in force there must be taken before the first record.
        """
        if not self._every or not first:
            return FOREVER
        self._state.opened = self._next(first)
        return first

    def limit(self, watermark: int) -> int:
        """The next event time at which a batch must end (ms)."""
        if not self._every or not watermark:
            return FOREVER
        boundary = self._next(watermark)
        due = boundary - self._every + self._lag
        return due if due > watermark else boundary

    def frozen(self, limit: int, sketch: Sketch, stats: Stats) -> dict[str, bytes | None]:
        """What the APPLY of a batch freezes that was to end at `limit`: sketches by version, None where one has had
        its time."""
        self.moved = False
        if self._state.watermark != limit or limit % self._every:
            return {}
        old = str(cuts.version(limit - KEPT * self._every))
        return {str(cuts.version(limit)): sketch.encode(stats.group(VISITS)), old: None}

    def settle(self, ctx: Context, now: int) -> bool:
        """Take the newest table that is due at the shard's event time into force.

        False if the shard must wait for it. `now` (wall time, ms) counts under ``clock=wall`` only.
        Raises `StoreError`.
        """
        state = self._state
        if not self._every or not state.watermark:
            return True
        boundary = (state.watermark - self._lag) // self._every * self._every
        if boundary <= state.settled or (self._wall and now < self._again):
            return True
        table = self._table(boundary)
        if table is None:
            self._again = now + RETRY
            return self._wall
        self.awaited = ""
        state.settled = boundary
        self.moved = True
        ctx.cuts = table.in_force
        state.pins[NAME] = ctx.cuts.version
        return True

    def _table(self, boundary: int) -> Cuts | None:
        """The table of a boundary, summed here if nobody did it yet; None while a shard has not come so far."""
        version = cuts.version(boundary)
        found = self._store.table(NAME, version)
        if found is None:
            sketches = list(self._sketches(boundary, version))
            if len(sketches) < self._partitions:
                return None
            summed = cuts.computed(total(sketches), boundary, self._settings)
            found = self._store.keep_table(NAME, version, summed.encode())
        return Cuts.decode(found)

    def _sketches(self, boundary: int, version: int) -> Iterator[Sketch]:
        """All shards' sketches, up to the first shard that has not come so far."""
        for i in range(self._partitions):
            partition = (self._suspect + i) % self._partitions
            packed, shard = self._store.frozen(partition, version)
            if packed is None and not ShardState.decode(shard).opened > boundary:
                self._suspect = partition
                self.awaited = f"table {NAME}/{version}, for shard {partition} to come so far"
                return
            yield Sketch.decode(packed or b"")
