"""The churn model as a kind of table (see `streams.tables.Table`): what each shard counts for it, and how it comes into
force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from models.churn.computing import computed
from models.churn.counts import Counts, total
from models.churn.model import NAME, Model, first
from models.kernel.effects import Context


class ModelTable:
    """Labels are counted in `Counts` and judged by `Model`."""

    name = NAME

    def resume(self, ctx: Context, packed: bytes) -> None:
        """Count on from the shard's counts as committed."""
        ctx.sketches[NAME] = Counts.decode(packed)

    def changed(self, ctx: Context) -> bytes | None:
        """The counts, packed, if anything was counted; else None."""
        return _counts(ctx).encode() if NAME in ctx.effects.recounted else None

    def frozen(self, ctx: Context, counters: Callable[[str], Mapping[str, int]]) -> bytes:
        """The counts as they are at a boundary."""
        return _counts(ctx).encode()

    def computed(self, settings: Any, boundary: int, sketches: Iterable[bytes], before: bytes | None) -> bytes:
        """The model of a boundary (ms), from what all shards had counted there and the model before."""
        counts = total(map(Counts.decode, sketches))
        earlier = _decoded(before) if before is not None else first(settings.churn_prior)
        share, labels, every = settings.churn_share, settings.churn_labels, settings.table_every
        maker, most = settings.churn_rival, settings.churn_most
        found = computed(counts, boundary, earlier, share=share, labels=labels, every=every, maker=maker, most=most)
        return found.encode()

    def enforce(self, ctx: Context, table: bytes | None) -> int:
        """Judge by this model; by what other shops taught if there is none. Answers its version."""
        model = _decoded(table) if table is not None else first(ctx.settings.churn_prior)
        model = replace(model, rival=replace(model.rival))  # each shard asks a rival of its own
        model = model.revived(ctx.settings.churn_rival)
        ctx.enforce(NAME, model)
        return model.version


def _counts(ctx: Context) -> Counts:
    counts: Counts = ctx.sketches[NAME]
    return counts


@lru_cache(maxsize=2)
def _decoded(table: bytes) -> Model:
    """A day's model, unpacked once for all shards of a worker: it takes 1 ms. Today's, and the one before."""
    return Model.decode(table)
