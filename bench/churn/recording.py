"""Calls of the fold, recorded from a run of the simulator's busy shop: what is timed is then folded again.

Each call has the packed profile it began with, and its table of cuts and model: of orders and clicks of known buyers,
and of timers at which a label matures and the next snapshot is taken.
"""

from __future__ import annotations

from itertools import islice
from random import Random
from typing import Any, NamedTuple

from bench.fold_instructions import Call, Reader
from kairos.config.settings import load
from kairos.replay import ticks
from kairos.replay.local import Local
from kairos.simulate.settings import BUSY
from kairos.simulate.shop import Shop
from models.churn.model import NAME as MODEL
from models.features import SHOPPERS
from models.kernel.boundaries import boundary, version
from models.kernel.effects import Context
from models.kernel.events import CLICKSTREAM, Ordered
from models.kernel.moment import slot
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY
from models.kernel.shopper import Profile
from models.profile import codec
from models.rfm.cuts import NAME as CUTS
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from streams.fold import Shoppers

KEPT = 200
"""Calls kept of a kind: drawn from those of the last third of the run, when the model has learned."""
ORDER, CLICK, LABEL = "order", "click", "label"
_ORDERS = SHOPPERS.named["orders"]


class Recorded(NamedTuple):
    """A run.

    Attributes
    ----------
    calls
        By kind.
    names
        The shard's vocabulary.
    tables
        Cuts and model, packed, by their version.
    counts, before
        What was counted for the newest model, and the model before it.
    """

    calls: dict[str, list[Call]]
    names: dict[str, int]
    tables: dict[int, tuple[bytes, bytes]]
    counts: bytes
    before: bytes


class Recorder(Shoppers):
    """The fold of shoppers that keeps some of its calls from a time on (ms)."""

    def __init__(self, reads: Reader, begin: int) -> None:
        self.calls: dict[str, list[Call]] = {ORDER: [], CLICK: [], LABEL: []}
        self.versions: dict[int, tuple[bytes, bytes]] = {}
        self._reads, self._begin = reads, begin
        self._counts = dict.fromkeys(self.calls, 0)
        self._random = Random(7)

    def event(  # type: ignore[override]
        self, ctx: Context, user: str, p: Profile | None, reading: DecodedRecord, watermark: int
    ) -> tuple[Profile | None, str]:
        """Fold an event, and keep it if a known buyer orders or clicks."""
        packed = codec.encode(p) if p is not None and watermark >= self._begin else b""
        message = self._reads.message(reading)
        after, outcome = Shoppers.event(ctx, user, p, reading, watermark)
        kind = ORDER if type(reading.event) is Ordered else CLICK if reading.role == CLICKSTREAM else ""
        if kind and packed and outcome == "applied" and slot(codec.decode(packed), _ORDERS) is not None:
            self._keep(kind, ctx, Call(user, packed, *message, watermark, ctx.tables[MODEL].version))
        return after, outcome

    def timer(self, ctx: Context, user: str, p: Profile, now: int) -> Profile | None:
        """Fold a timer, and keep it if a label matures."""
        packed, labels = codec.encode(p), ctx.effects.counts["labels"]
        after = Shoppers.timer(ctx, user, p, now)
        if now >= self._begin and ctx.effects.counts["labels"] > labels:
            self._keep(LABEL, ctx, Call(user, packed, None, 0, now, ctx.tables[MODEL].version))
        return after

    def _keep(self, kind: str, ctx: Context, call: Call) -> None:
        kept = self.calls[kind]
        self._counts[kind] += 1
        self.versions.setdefault(call.version, (ctx.tables[CUTS].encode(), ctx.tables[MODEL].encode()))
        if len(kept) < KEPT:
            kept.append(call)
        elif (place := self._random.randrange(self._counts[kind])) < KEPT:
            kept[place] = call


def record(events: int) -> Recorded:
    """Fold the first events of the shop, and keep some of the calls."""
    rows = list(islice(Shop(BUSY), events))
    store = MemoryStore()
    engine = Local(load({}), 1, store, MemoryOutputs())
    (shard,) = engine.shards
    reader = Reader(shard._shard.reader)
    began, ended = (row[0] or 0 for row in (rows[0], rows[-1]))
    recorder = shard._shard.fold = Recorder(reader, ended - (ended - began) // 3)
    for buffer in shard.buffers.values():
        buffer.reader = reader
    engine.run(ticks.spans([rows]))
    return Recorded(recorder.calls, dict(shard.ctx.vocabulary.ids), recorder.versions, *_newest(store, shard.ctx))


def _newest(store: MemoryStore, ctx: Context) -> tuple[bytes, bytes]:
    """What was counted for the newest model, and the model before."""
    at = boundary(ctx.tables[MODEL].version)
    counts, _ = store.frozen(0, MODEL, version(at))
    before: Any = store.table(MODEL, version(at - DAY))
    if counts is None or before is None:
        raise ValueError("the run is too short: no two models were made")
    return counts, before
