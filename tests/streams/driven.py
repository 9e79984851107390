"""A shard over a memory store, fed and stepped by hand."""

from __future__ import annotations

import msgspec

from models.features import ShopSettings
from models.kernel.settings import HOUR
from sinks.memory_store import MemoryStore
from streams.claimed import ClaimedShard
from streams.records import End
from streams.shard import EngineSettings, Shard
from tests.acting import PLAIN
from tests.streams.logs import INPUTS, T0, chunk, track

SETTINGS = ShopSettings(table_every=0, **PLAIN)  # where batches end because of tables: test_tables.py
HOUR0 = T0 - T0 % HOUR + HOUR


def shard(store: MemoryStore, clock: str = "event", **engine: int) -> ClaimedShard:
    mode = "wall" if clock == "wall" else "event"
    return Shard(0, 1, INPUTS, store, SETTINGS, clock=mode, engine=EngineSettings(**engine)).claim()


def feed(s: ClaimedShard, *, clicks: list[bytes] = [], cart: list[bytes] = [], orders: list[bytes] = []) -> None:  # noqa: B006
    for topic, values in (("clickstream", clicks), ("cart", cart), ("orders", orders)):
        expected = s.buffers[topic].expected or 0
        s.receive(chunk(topic, values, expected))


def run(s: ClaimedShard, now: int = 0, ends: dict[str, End] | None = None) -> list[dict[str, object]]:
    """Step until there is nothing to do; the outputs."""
    out = [msgspec.json.decode(m.value) for m in s.outbox]
    s.published()
    while s.step(now, ends):
        out += [msgspec.json.decode(m.value) for m in s.outbox]
        s.published()
    return out


def kinds(outputs: list[dict[str, object]]) -> list[object]:
    return [o["kind"] for o in outputs if "cart_id" in o]


CART = [track("Product Added", HOUR0, product_id="p1", price=10.0, quantity=2)]
