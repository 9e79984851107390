"""A fold that has nothing to do with shops, and a second kind of table: what the engine must not notice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from models.features import SHOPPERS, ShopSettings
from models.kernel.boundaries import version
from models.kernel.effects import Context
from models.kernel.events import Tick, Unrecognised
from models.kernel.record import NO_TIME, DecodedRecord, Rejection
from models.kernel.settings import HOUR
from models.kernel.vocabulary import Vocabulary
from streams.fold import Shoppers


class Counted(Struct):
    """How often a key was seen, and when it will be forgotten."""

    due: int
    times: int = 0


class LineReader:
    """Records such as ``key at`` (ms), and ticks, ``at``."""

    def read(self, value: bytes | None, recorded: int) -> DecodedRecord:
        match (value or b"").decode().split():
            case [key, at]:
                return DecodedRecord(int(at), key, Unrecognised("seen"))
            case [at]:
                return DecodedRecord(int(at), event=Tick())
        return DecodedRecord(NO_TIME, rejected=Rejection("not_json", "neither a key with a time, nor a time"))


class Counting:
    """Counts how often each key was seen, until it was not for an hour."""

    schema = 7
    tables = ()

    def reader(self, settings: ShopSettings) -> LineReader:
        return LineReader()

    def context(self, settings: ShopSettings, *, vocabulary: Vocabulary) -> Context:
        return Context(settings, vocabulary=vocabulary)

    def event(
        self, ctx: Context, key: str, p: Counted | None, reading: DecodedRecord, watermark: int
    ) -> tuple[Counted | None, str]:
        p = p or Counted(0)
        p.times += 1
        p.due = max(reading.e, watermark) + HOUR
        ctx.effects.changed.add(key)
        return p, "applied"

    def timer(self, ctx: Context, key: str, p: Counted, now: int) -> Counted | None:
        ctx.effects.counts["forgotten"] += p.times
        ctx.effects.changed.add(key)
        return None

    def acts(self, p: Counted, now: int) -> bool:
        return False

    def decode(self, packed: bytes) -> Counted:
        return msgspec.msgpack.decode(packed, type=Counted)

    def encode(self, p: Counted) -> bytes:
        return msgspec.msgpack.encode(p)

    def public(self, p: Counted | None) -> Mapping[str, str | int] | None:
        return p and {"times": p.times}


class Busy(NamedTuple):
    """How many events all shards had folded at a boundary."""

    version: int
    events: int

    @property
    def judging(self) -> int:
        return self.version


class BusyTable:
    """How many events all shards have folded."""

    name = "busy"

    def resume(self, ctx: Context, packed: bytes) -> None:
        ctx.sketches["busy"] = int(packed or b"0")

    def changed(self, ctx: Context) -> bytes | None:
        return b"%d" % ctx.sketches["busy"] if "busy" in ctx.effects.recounted else None

    def frozen(self, ctx: Context, counters: Callable[[str], Mapping[str, int]]) -> bytes:
        return b"%d" % ctx.sketches["busy"]

    def computed(self, settings: ShopSettings, boundary: int, sketches: Iterable[bytes], before: bytes | None) -> bytes:
        return msgspec.json.encode([version(boundary), sum(int(sketch or b"0") for sketch in sketches)])

    def enforce(self, ctx: Context, table: bytes | None) -> int:
        busy = msgspec.json.decode(table, type=Busy) if table else Busy(0, 0)
        ctx.enforce("busy", busy)
        return busy.version


class BusyShoppers(Shoppers):
    """The fold of shoppers, with a table beside the cuts."""

    tables = (*Shoppers.tables, BusyTable())

    def context(self, settings: ShopSettings, *, vocabulary: Vocabulary) -> Context:
        ctx = SHOPPERS.context(settings, vocabulary=vocabulary)
        ctx.sketches["busy"] = 0
        return ctx

    def event(self, ctx: Context, *args: Any) -> Any:
        ctx.sketches["busy"] += 1
        ctx.effects.recounted.add("busy")
        return Shoppers.event(ctx, *args)
