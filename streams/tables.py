"""Tables: which boundary a batch must not cross, what is frozen there, and which tables are in force.

      W ──────────── d ─────────── d + lag ───────────────▶ event time
                     │                │
        a batch ends here;            a batch ends here again; the shard goes on once the tables of d are there
        its APPLY freezes             (clock=event), or as soon as they are (clock=wall), and judges by them
        the shard's sketches

For each kind of table a shard counts in a sketch of its own. A table at d is computed from all shards' sketches frozen
at d, so it is the same whoever computes it and whenever. A shard that began after d had counted nothing then. Nothing
waits while anything is uncommitted or unpublished.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence

from models.kernel.boundaries import version
from models.kernel.effects import Context
from models.kernel.settings import SECOND, SharedSettings
from models.kernel.table import Table
from sinks.shard_state import ShardState
from sinks.store import Store
from streams.errors import TableLost
from streams.stats import Stats
from streams.timers import FOREVER

logger = logging.getLogger(__name__)

KEPT = 8
"""Boundaries for which a shard keeps its frozen sketches. Only under clock=wall are any but the newest ever needed."""
RETRY = SECOND
"""Under clock=wall tables that are not there yet are looked for this often (ms)."""


class Tables:
    """The tables of one claim of one shard.

    Parameters
    ----------
    kinds
        The kinds of tables, by different names.

    Attributes
    ----------
    awaited
        What the shard waits for, in words ("": nothing).
    moved
        Whether tables were taken that no APPLY has committed yet.
    """

    def __init__(
        self,
        kinds: Sequence[Table],
        store: Store,
        partitions: int,
        settings: SharedSettings,
        state: ShardState,
        *,
        wall: bool,
    ) -> None:
        self.awaited = ""
        self.moved = False
        self._kinds = kinds
        self._store, self._partitions, self._settings = store, partitions, settings
        self._state, self._wall = state, wall
        self._every, self._lag = settings.table_every, settings.table_lag
        self._suspect = 0  # the shard that was behind when last asked
        self._again = 0

    def restore(self, ctx: Context, sketches: Mapping[str, bytes]) -> None:
        """Count on from the sketches committed, judge by the tables pinned last. Raises `TableLost`."""
        for kind in self._kinds:
            kind.resume(ctx, sketches.get(kind.name, b""))
            pinned = self._state.pins.setdefault(kind.name, 0)
            kind.enforce(ctx, self._pinned(kind.name, pinned) if pinned else None)

    def _pinned(self, name: str, version: int) -> bytes:
        found = self._store.table(name, version)
        if found is None:
            raise TableLost(f"table {name}/{version} is gone: restore it with `replay --tables`, or replay anew")
        return found

    def _next(self, watermark: int) -> int:
        return (watermark // self._every + 1) * self._every

    def begin(self, first: int) -> int:
        """The shard begins at the first event time it hears of (ms; 0: none yet), in a batch that ends before it.

        Earlier boundaries are none of its, and the tables in force there must be taken before the first record.
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

    def changed(self, ctx: Context) -> dict[str, bytes]:
        """The sketches that the batch being folded changed, by the table's name."""
        packed = {kind.name: kind.changed(ctx) for kind in self._kinds}
        return {name: sketch for name, sketch in packed.items() if sketch is not None}

    def frozen(self, limit: int, ctx: Context, stats: Stats) -> dict[tuple[str, int], bytes | None]:
        """What the APPLY of a batch freezes that was to end at `limit`: sketches by the table's name and version, None
        where one has had its time."""
        self.moved = False
        if self._state.watermark != limit or limit % self._every:
            return {}
        sketches: dict[tuple[str, int], bytes | None] = {}
        for kind in self._kinds:
            sketches[kind.name, version(limit)] = kind.frozen(ctx, stats.group)
            self._state.froze.setdefault(kind.name, limit)
            sketches[kind.name, version(limit - KEPT * self._every)] = None
        return sketches

    @property
    def pending(self) -> bool:
        """Whether tables are due that are not in force."""
        return self._newest() > self._state.settled

    def _newest(self) -> int:
        """The newest boundary whose tables are due at the shard's event time (ms); 0: none."""
        watermark = self._state.watermark
        return (watermark - self._lag) // self._every * self._every if self._every and watermark else 0

    def settle(self, ctx: Context, now: int) -> bool:
        """Take the newest tables that are due at the shard's event time into force, all of them or none.

        False if the shard must wait for one. `now` (wall time, ms) counts under ``clock=wall`` only.
        Raises `StoreError`.
        """
        state, boundary = self._state, self._newest()
        if boundary <= state.settled or (self._wall and now < self._again):
            return True
        found = [table for kind in self._kinds if (table := self._table(kind, boundary)) is not None]
        if len(found) < len(self._kinds):
            self._again = now + RETRY
            return self._wall
        self.awaited = ""
        state.settled = boundary
        self.moved = True
        for kind, table in zip(self._kinds, found, strict=True):
            state.pins[kind.name] = kind.enforce(ctx, table)
        return True

    def _table(self, kind: Table, boundary: int) -> bytes | None:
        """The table of a boundary, computed here if nobody did it yet; None while a shard has not come so far."""
        found = self._store.table(kind.name, version(boundary))
        if found is None:
            sketches = list(self._sketches(kind, boundary))
            if len(sketches) < self._partitions:
                return None
            summed = kind.computed(self._settings, boundary, sketches, self._before(kind, boundary))
            found = self._store.keep_table(kind.name, version(boundary), summed)
        return found

    def _before(self, kind: Table, boundary: int) -> bytes | None:
        """The newest table earlier than a boundary, None if there is none.

        Under ``clock=event`` it is that of the boundary before. Under ``clock=wall`` boundaries may be without one: the
        search ends at the table this shard judges by, or where no shard could make one any more.
        """
        pinned = self._state.pins.get(kind.name, 0)
        for at in range(boundary - self._every, boundary - (KEPT + 1) * self._every, -self._every):
            found = self._store.table(kind.name, version(at))
            if found is not None:
                return found
        return self._pinned(kind.name, pinned) if pinned else None

    def _sketches(self, kind: Table, boundary: int) -> Iterator[bytes]:
        """All shards' sketches, up to the first shard that has not come so far."""
        for i in range(self._partitions):
            partition = (self._suspect + i) % self._partitions
            packed, shard = self._store.frozen(partition, kind.name, version(boundary))
            if packed is None and not ShardState.decode(shard).counted_nothing(kind.name, boundary):
                self._suspect = partition
                self.awaited = f"table {kind.name}/{version(boundary)}, for shard {partition} to come so far"
                return
            yield packed or b""
