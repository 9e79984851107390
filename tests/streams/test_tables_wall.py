"""Tables under ``clock=wall``: idle shards freeze, nobody waits, and a boundary may be without a table."""

from __future__ import annotations

from models.kernel.settings import DAY, HOUR
from models.rfm.cuts import Cuts
from sinks.memory_store import MemoryStore
from streams.claimed import ClaimedShard
from streams.records import End
from streams.shard import Shard
from tests.reference.logs import START, Logs
from tests.streams.test_tables import INPUTS, SHOP, offer, orders, starts


def live(logs: Logs, now: int, shards: list[ClaimedShard], positions: list[dict[str, int]]) -> None:
    """All shards under ``clock=wall``, up to where their inputs are empty at `now` (ms since `START`)."""
    for shard, position in zip(shards, positions, strict=True):
        offer(shard, position, logs, 10_000)
        ends = {topic: End(len(records), START + now) for topic, records in logs.shard(shard.partition).items()}
        while shard.step(START + now, ends):
            shard.published()


def test_under_the_wall_clock_idle_shards_freeze_and_nobody_waits() -> None:
    logs, store = Logs(2, SHOP), MemoryStore()
    orders(logs, 200)
    shards = [Shard(p, 2, INPUTS, store, logs.settings, clock="wall").claim() for p in range(2)]
    positions = [starts(shard) for shard in shards]
    live(logs, 2 * HOUR, shards, positions)
    live(logs, DAY + 2 * HOUR, shards[:1], positions[:1])
    logs.track("Page Viewed", "b1", DAY + 2 * HOUR)
    live(logs, DAY + 2 * HOUR, shards[:1], positions[:1])
    assert shards[0].watermark > START + DAY + HOUR  # the other has not come so far; this one goes on by the old table
    assert shards[0].ctx.tables["cuts"].version == 0
    live(logs, DAY + 2 * HOUR + 1, shards[1:], positions[1:])  # nothing arrived there, and yet it freezes
    assert shards[1].ctx.tables["cuts"].version == 20260102
    live(logs, DAY + 2 * HOUR + 100, shards[:1], positions[:1])
    assert shards[0].ctx.tables["cuts"].version == 0  # it looks once a second
    live(logs, DAY + 2 * HOUR + 2_000, shards[:1], positions[:1])
    assert shards[0].ctx.tables["cuts"].version == 20260102


def test_a_table_is_bounded_by_the_newest_earlier_one_there_is() -> None:
    """Under ``clock=wall`` a boundary may be without a table: then it is two days' steps from the one before."""
    logs, store = Logs(1, SHOP), MemoryStore()
    orders(logs, 200)
    shards = [Shard(0, 1, INPUTS, store, logs.settings, clock="wall").claim()]
    positions = [starts(shards[0])]
    for day in (0, 1, 2):
        live(logs, day * DAY + 2 * HOUR, shards, positions)
    del store._tables["cuts", 20260103]
    for number in range(150):
        logs.track("Order Completed", f"b{number}", 2 * DAY + 3 * HOUR + number, order_id=f"n{number}", revenue=5_000)
    live(logs, 2 * DAY + 4 * HOUR, shards, positions)
    live(logs, 3 * DAY + 2 * HOUR, shards, positions)
    first, last = (Cuts.decode(store.tables("cuts")[version]) for version in (20260102, 20260104))
    assert [b - a for a, b in zip(first.monetary, last.monetary, strict=True)] == [4, 4, 4, 4]
