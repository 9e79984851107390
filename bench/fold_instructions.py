"""``python -m bench.fold_instructions``: instructions a call of the fold by kind of event or timer, counted by
valgrind's callgrind; beside them, what unpacking and packing that profile takes.

A run of the engine in memory is recorded: of each kind some hundred calls, each with the packed profile it began with.
A process of its own then folds them under callgrind, kind after kind, when each was folded once before.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec

from bench.stream import Stream
from kairos.config.settings import load
from kairos.replay import ticks
from kairos.replay.ga360 import Ga360
from kairos.replay.local import Local
from kairos.replay.row import Row
from models.kernel.effects import Context
from models.kernel.events import CART, CLICKSTREAM
from models.kernel.record import DecodedRecord
from models.kernel.shopper import Profile
from models.kernel.vocabulary import Vocabulary
from models.profile import codec
from models.rfm.cuts import NAME, Cuts
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from streams.fold import PRODUCTION, Reads, Shoppers

EVENTS = {"stream": 60_000}
"""Events of a run; of ga360 200,000, some two months."""
KEPT = 200
"""Calls kept of a kind."""


class Call(NamedTuple):
    """One call: packed profile (None: of a stranger), message (None: a timer) and when it came, W or the due, version
    of the table."""

    user: str
    packed: bytes | None
    message: bytes | None
    recorded: int
    at: int
    version: int


class Recorded(NamedTuple):
    """A run: how often each kind was called, some of the calls, and what they share."""

    counts: dict[str, int]
    calls: dict[str, list[Call]]
    names: dict[str, int]
    tables: dict[int, bytes]


class Reader:
    """Reads as another one does, and knows the message that each record was until that is asked for."""

    def __init__(self, reader: Reads) -> None:
        self._reader = reader
        self._messages: dict[int, tuple[bytes, int]] = {}

    def read(self, value: bytes | None, recorded: int) -> DecodedRecord:
        """What a record says."""
        reading = self._reader.read(value, recorded)
        self._messages[id(reading)] = value or b"", recorded
        return reading

    def message(self, reading: DecodedRecord) -> tuple[bytes, int]:
        """The message of a record that was read here, and when it came."""
        return self._messages.pop(id(reading))


class Recorder(Shoppers):
    """The fold of shoppers that keeps some of its calls."""

    def __init__(self, reads: Reader) -> None:
        self.recorded = Recorded({}, {}, {}, {})
        self._reads = reads
        self._random = Random(7)

    def event(  # type: ignore[override]
        self, ctx: Context, user: str, p: Profile | None, reading: DecodedRecord, watermark: int
    ) -> tuple[Profile | None, str]:
        """Fold an event, and keep it."""
        packed = codec.encode(p) if p is not None else None
        visits, said = p.visits if p is not None else 0, len(ctx.effects.outputs)
        after, outcome = Shoppers.event(ctx, user, p, reading, watermark)
        who = "stranger's" if packed is None else "same visit" if after and after.visits == visits else "new visit"
        what = "click" if reading.role == CLICKSTREAM else "cart" if reading.role == CART else "order"
        if outcome == "duplicate":
            who = outcome
        kind = f"{what}, {who}, {_said(len(ctx.effects.outputs) - said)}"
        self._keep(kind, ctx, Call(user, packed, *self._reads.message(reading), watermark, ctx.tables[NAME].version))
        return after, outcome

    def timer(self, ctx: Context, user: str, p: Profile, now: int) -> Profile | None:
        """Fold a timer, and keep it."""
        packed, said = codec.encode(p), len(ctx.effects.outputs)
        after = Shoppers.timer(ctx, user, p, now)
        end = ", the shopper's last" if after is None else ""
        spoke = {output.role for output in ctx.effects.outputs[said:]}
        topic = " on another topic" if spoke - {"user-tags"} else ""
        kind = f"timer{end}, {_said(len(ctx.effects.outputs) - said)}{topic}"
        self._keep(kind, ctx, Call(user, packed, None, 0, now, ctx.tables[NAME].version))
        return after

    def _keep(self, kind: str, ctx: Context, call: Call) -> None:
        counts, calls, _, tables = self.recorded
        count = counts[kind] = counts.get(kind, 0) + 1
        kept = calls.setdefault(kind, [])
        if call.version not in tables:
            tables[call.version] = ctx.tables[NAME].encode()
        if len(kept) < KEPT:
            kept.append(call)
        elif (place := self._random.randrange(count)) < KEPT:
            kept[place] = call


def _said(n: int) -> str:
    return ("says nothing", "says one thing")[n] if n < 2 else "says more"


def record(rows: Iterable[Row], every: str) -> Recorded:
    """Fold these rows, and keep some of the calls."""
    engine = Local(load({"KAIROS_TABLE_EVERY": every}), 1, MemoryStore(), MemoryOutputs())
    (shard,) = engine.shards
    reader = Reader(shard._shard.reader)
    recorder = shard._shard.fold = Recorder(reader)
    for buffer in shard.buffers.values():
        buffer.reader = reader
    engine.run(ticks.spans([list(rows)]))
    recorder.recorded.names.update(shard.ctx.vocabulary.ids)
    return recorder.recorded


def replay(path: str, every: str) -> None:
    """Fold recorded calls, kind after kind; between the parts callgrind's counters are written out."""
    recorded = msgspec.msgpack.decode(Path(path).read_bytes(), type=Recorded)
    contexts = _contexts(recorded, every)
    for warm in (True, False):
        for calls in recorded.calls.values():
            readings = read(calls)
            gc.collect()
            gc.disable()
            kept = zip(calls, readings, strict=True)
            _measure([(contexts[c.version], c.user, c.packed, reading, c.at) for c, reading in kept], warm)


def read(calls: Iterable[Call]) -> list[DecodedRecord | None]:
    """The records of calls, read anew; None of a timer."""
    reader = PRODUCTION.reader(load({}).shop)
    return [None if call.message is None else reader.read(call.message, call.recorded) for call in calls]


def _measure(calls: Sequence[tuple[Any, ...]], warm: bool) -> None:
    """Unpack, fold, pack: each a part."""
    decode, encode, event, timer = codec.decode, codec.encode, PRODUCTION.event, PRODUCTION.timer
    mark: Callable[[], object] = bool if warm else _mark
    mark()
    profiles = [decode(packed) if packed is not None else None for _, _, packed, _, _ in calls]
    mark()
    for place, (ctx, user, _, reading, at) in enumerate(calls):
        if reading is None:
            profiles[place] = timer(ctx, user, profiles[place], at)
        else:
            profiles[place] = event(ctx, user, profiles[place], reading, at)[0]
    mark()
    for p in profiles:
        if p is not None:
            encode(p)
    mark()


def _mark() -> None:
    """A C function that nothing else calls, at which callgrind writes out what it counted since the last time."""
    os.getpgid(0)


def _contexts(recorded: Recorded, every: str) -> dict[int, Context]:
    """A context for each table that was in force."""
    settings, vocabulary = load({"KAIROS_TABLE_EVERY": every}).shop, Vocabulary(recorded.names)
    contexts = {}
    for version, table in recorded.tables.items():
        ctx = contexts[version] = PRODUCTION.context(settings, vocabulary=vocabulary)
        ctx.enforce(NAME, Cuts.decode(table))
    return contexts


def counted(recorded: Recorded, every: str) -> dict[str, tuple[int, int, int]]:
    """Instructions a call by kind: to unpack the profile, to fold, to pack it."""
    with TemporaryDirectory() as folder:
        calls, out = Path(folder, "calls"), Path(folder, "out")
        calls.write_bytes(msgspec.msgpack.encode(recorded))
        command = ["valgrind", "--tool=callgrind", "--dump-before=getpgid", f"--callgrind-out-file={out}"]
        command += [sys.executable, "-m", __spec__.name, str(calls), "--replay", "--tables", every]
        run = subprocess.run(
            command, capture_output=True, text=True, env=os.environ | {"PYTHONHASHSEED": "0"}, check=False
        )
        if run.returncode:
            raise ValueError(f"valgrind: {run.stderr[-800:]}")
        parts = sorted(Path(folder).glob("out.*"), key=lambda part: int(part.suffix[1:]))
        totals = [int(re.findall(r"^(?:totals|summary): (\d+)", part.read_text(), re.M)[-1]) for part in parts]
    found = {}
    for place, (kind, kept) in enumerate(recorded.calls.items()):
        _, *of = totals[4 * place : 4 * place + 4]
        found[kind] = tuple(total // len(kept) for total in of)
    return found  # type: ignore[return-value]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="a ga360 file (events.parquet), or `stream`: the seeded stream of `make bench`")
    parser.add_argument("--tables", default="0", help="KAIROS_TABLE_EVERY (default: 0, the fixed cuts)")
    parser.add_argument("--events", type=int, help="how many (default: 200,000 of ga360, 60,000 of the stream)")
    parser.add_argument("--replay", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.replay:
        replay(options.source, options.tables)
        return
    most = options.events or EVENTS.get(options.source, 200_000)
    rows = Stream(most) if options.source == "stream" else Ga360([options.source])
    recorded = record(islice(chain.from_iterable(rows), most), options.tables)
    show(recorded, counted(recorded, options.tables), most)


def show(recorded: Recorded, each: dict[str, tuple[int, int, int]], events: int) -> None:
    """Print a line a kind, the commonest first, and what an event costs."""
    print(f"{'calls':>8} {'unpack':>8} {'fold':>8} {'pack':>8}  kind")
    for kind, count in sorted(recorded.counts.items(), key=lambda pair: -pair[1]):
        unpack, fold, pack = each[kind]
        print(f"{count:>8,} {unpack:>8,} {fold:>8,} {pack:>8,}  {kind}")
    for name, timers in (("events", False), ("timers", True)):
        spent = sum(n * each[kind][1] for kind, n in recorded.counts.items() if kind.startswith("timer") is timers)
        print(f"fold of {name}: {spent // events:,} instructions an event of the run")


if __name__ == "__main__":
    main()
