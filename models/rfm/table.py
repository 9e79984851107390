"""The cuts as a kind of table (see `streams.tables.Table`): what each shard counts for them, and how they come into
force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from models.kernel.effects import Context
from models.kernel.settings import SharedSettings
from models.rfm.cuts import FIXED, NAME, Cuts, computed
from models.rfm.sketch import Sketch, total
from models.rfm.steps import bounded

VISITS = "visits:"
"""Prefix of the counters of visits."""


class CutsTable:
    """Buyers are counted in a `Sketch` and judged by `Cuts`."""

    name = NAME

    def resume(self, ctx: Context, packed: bytes) -> None:
        """Count on from the shard's sketch as committed."""
        ctx.sketches[NAME] = Sketch.decode(packed)

    def changed(self, ctx: Context) -> bytes | None:
        """The sketch, packed, if a buyer moved in it; else None."""
        return _sketch(ctx).encode() if NAME in ctx.effects.recounted else None

    def frozen(self, ctx: Context, counters: Callable[[str], Mapping[str, int]]) -> bytes:
        """The sketch as it is at a boundary, with the shop's visits."""
        return _sketch(ctx).encode(counters(VISITS))

    def computed(
        self, settings: SharedSettings, boundary: int, sketches: Iterable[bytes], before: bytes | None
    ) -> bytes:
        """The table of a boundary (ms), from what all shards had frozen there, not too far from the one before."""
        new = computed(total(map(Sketch.decode, sketches)), boundary, settings)
        return (bounded(new, Cuts.decode(before)) if before is not None else new).encode()

    def enforce(self, ctx: Context, table: bytes | None) -> int:
        """Judge by this table, by version 0 if there is none or nothing of it was computed. Answers the version."""
        cuts = Cuts.decode(table).in_force if table is not None else FIXED
        ctx.enforce(NAME, cuts)
        return cuts.version


def _sketch(ctx: Context) -> Sketch:
    sketch: Sketch = ctx.sketches[NAME]
    return sketch
