"""Golden digests: one SHA-256 over all that is said and one over all that is known, for a set of shops.

    python -m tests.golden                compare every shop with tests/golden.json
    python -m tests.golden --only small   only those that need no data set
    python -m tests.golden --record       write the file anew, after a change that was meant

A change of the code's structure leaves all of them as they are. Stored bytes may change, their decoded meaning may not.
When a profile is evaluated next, and was last, is not in them: that says how it is folded, not what is known.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from kairos.config.settings import Settings, load
from kairos.replay import dump, ticks
from kairos.replay.local import Local
from kairos.replay.row import Rows
from kairos.simulate.settings import BUSY
from kairos.simulate.shop import Shop
from models.kernel.settings import DAY
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.summary import merge

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
RECORDED = ROOT / "tests" / "golden.json"

Digests = dict[str, str]
Make = Callable[[Settings], Iterable[Rows]]


def simulated(seed: int) -> Make:
    """Sixty days of a small shop with all that may go wrong with its events."""
    faults = {"duplicates": 0.1, "late": 0.05, "out_of_order": 0.1, "bad": 0.05}
    shop = replace(BUSY, seed=seed, shoppers=1_000, end=BUSY.start + 60 * DAY, **faults)
    return lambda settings: [list(Shop(shop))]


def example(settings: Settings) -> Iterable[Rows]:
    """The events of the docs."""
    from kairos.replay.segment import Segment

    return Segment([str(ROOT / "docs" / "events.jsonl")], settings.shop)


def ga360(settings: Settings) -> Iterable[Rows]:
    """Three months of a real shop."""
    from kairos.replay.ga360 import Ga360

    return Ga360([str(DATA / "ga360" / "events.parquet")])


def cdnow(settings: Settings) -> Iterable[Rows]:
    """Eighteen months of purchases."""
    from kairos.replay.cdnow import Cdnow

    return Cdnow([str(DATA / "cdnow" / "CDNOW_master.txt.gz")])


def online_retail(settings: Settings) -> Iterable[Rows]:
    """A year of invoices."""
    from kairos.replay.online_retail import OnlineRetail

    return OnlineRetail([str(DATA / "online_retail" / "online_retail.parquet")], settings.shop)


SMALL: dict[str, Make] = {"example": example, **{f"simulated-{seed}": simulated(seed) for seed in range(1, 6)}}
LARGE: dict[str, Make] = {"cdnow": cdnow, "online_retail": online_retail, "ga360": ga360}


def digest(lines: Iterable[Any]) -> str:
    """Of JSON lines, in whatever order they come."""
    found = sha256()
    for line in sorted(map(dump.encode, lines)):
        found.update(line + b"\n")
    return found.hexdigest()


def known(store: MemoryStore, settings: Settings) -> Iterator[Any]:
    """Profiles, public hashes and counters, decoded."""
    for line in dump.profiles(store, settings.shop):
        yield line
        public = store.public(store_partition(store, line["user"]), line["user"])
        yield {"user": line["user"], "public": {name: x for name, x in public.items() if name != "as_of"}}
    shards = [store.stats(partition) for partition in range(store.partitions())]
    totals: Counter[str] = Counter()
    for stats in shards:
        totals.update({name: int(x) for name, x in stats.items() if x.lstrip("-").isdigit()})
    yield {"counters": {name: n for name, n in totals.items() if n}}
    found = merge(shards)
    yield {"minutes": found.minutes, "hours": found.hours, "top_carts": found.top_carts}
    for kind in ("cuts", "model"):
        yield {"tables": {str(version): table.decode() for version, table in store.tables(kind).items()}}


def store_partition(store: MemoryStore, user: str) -> int:
    """Where a shopper lives."""
    return next(p for p in range(store.partitions()) if store.profile(p, user) is not None)


def fold(make: Make, shards: int, every: str) -> Digests:
    """One shop through the engine."""
    settings = load({"KAIROS_TABLE_EVERY": every, "KAIROS_TABLE_HISTORY": "0d"})
    store, outputs = MemoryStore(), MemoryOutputs()
    Local(settings, shards, store, outputs).run(ticks.spans(make(settings)))
    said = dump.outputs(dump.PublishedOutput(m.topic, m.key, m.value) for _, m in outputs.messages)
    return {"said": digest(said), "known": digest(known(store, settings))}


def digests(shops: dict[str, Make]) -> Iterator[tuple[str, Digests]]:
    """Of every shop, at one shard and at eight, with tables daily and off."""
    for (name, make), shards, every in product(shops.items(), (1, 8), ("1d", "0")):
        yield f"{name}, shards {shards}, tables {every}", fold(make, shards, every)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="write tests/golden.json anew")
    parser.add_argument("--only", choices=["small", *SMALL, *LARGE], help="one shop, or all that need no data set")
    options = parser.parse_args()
    shops = (
        SMALL if options.only == "small" else {n: m for n, m in (SMALL | LARGE).items() if options.only in (None, n)}
    )
    recorded = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    differ, started = 0, time.monotonic()
    for name, found in digests(shops):
        wrong = [what for what in found if recorded.get(name, {}).get(what) != found[what]]
        recorded[name] = found
        differ += bool(wrong)
        verdict = f"differs in {', '.join(wrong)}" if wrong else "the same"
        print(f"{time.monotonic() - started:6.1f} s  {name}: {verdict}", flush=True)
    if options.record:
        RECORDED.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n")
        return 0
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
