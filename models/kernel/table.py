"""A kind of table: what all shards are judged by in the same way, computed once a day from what each of them counted.

`streams.tables` freezes, sums, pins and waits for all kinds alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from models.kernel.effects import Context
from models.kernel.settings import SharedSettings


class Table(Protocol):
    """One kind of table. Its methods touch the context, and nothing else."""

    @property
    def name(self) -> str:
        """Part of keys in the store, and of pins: it never changes. By it features read `Context.tables`."""

    def resume(self, ctx: Context, packed: bytes) -> None:
        """Count on from the shard's sketch as committed; no bytes: it has none yet."""

    def changed(self, ctx: Context) -> bytes | None:
        """The shard's sketch, packed, if the batch being folded changed it; else None."""

    def frozen(self, ctx: Context, counters: Callable[[str], Mapping[str, int]]) -> bytes:
        """The shard's sketch as it is at a boundary. `counters` answers the shard's counters by the prefix of their
        names."""
        ...

    def computed(
        self, settings: SharedSettings, boundary: int, sketches: Iterable[bytes], before: bytes | None
    ) -> bytes:
        """The table of a boundary (ms), from what all shards had frozen there (no bytes: of a shard that had nothing),
        whatever their order; and from the newest earlier table, None if there is none."""
        ...

    def enforce(self, ctx: Context, table: bytes | None) -> int:
        """Judge by this table; None: by the one that is there before any other, whose version is 0. Answers the version
        to be pinned: another one's if this table is no good for judging."""
        ...
