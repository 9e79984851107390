"""Two kinds of tables in one engine: each counted, frozen, pinned and restored by its own name."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from models.kernel.settings import DAY, HOUR
from sinks.shard_state import ShardState
from streams.errors import TableLost
from streams.shard import EngineSettings, Shard
from tests.reference.logs import START, Logs
from tests.streams.counting import BusyShoppers
from tests.streams.test_tables import INPUTS, fold, orders, shop

BOTH = BusyShoppers()


@pytest.mark.parametrize("seed", range(10))
def test_batches_turns_and_owners_do_not_show_in_either(seed: int) -> None:
    logs = shop(seed)
    whole = fold(logs, Random(seed), EngineSettings(), by=BOTH)
    pieces = fold(logs, Random(-seed - 1), most=7, by=BOTH)
    assert pieces.content(logs) == whole.content(logs)
    assert dict(pieces.store.tables("busy")) == dict(whole.store.tables("busy"))
    alone = fold(logs, Random(seed), EngineSettings())
    assert dict(alone.store.tables("cuts")) == dict(whole.store.tables("cuts"))
    assert alone.said == whole.said


def busy_days() -> Logs:
    """Of two shards: 30 orders on the first day, a visit on the second, two on the third."""
    logs = Logs(2)
    orders(logs, 30)
    for at in (DAY + 2 * HOUR, 2 * DAY + 2 * HOUR, 2 * DAY + 3 * HOUR):
        logs.track("Page Viewed", "b7", at)
    return logs


def test_a_table_counts_what_all_shards_folded_before_its_boundary() -> None:
    logs = busy_days()
    logs.tick(3 * DAY + 2 * HOUR)
    folded = fold(logs, Random(1), by=BOTH)
    tables = {day: msgspec.json.decode(packed)[1] for day, packed in folded.store.tables("busy").items()}
    assert tables == {20260101: 0, 20260102: 30, 20260103: 31, 20260104: 33}
    assert [shard.ctx.tables["busy"].events for shard in folded.shards] == [33, 33]
    assert [shard.ctx.tables["cuts"].version for shard in folded.shards] == [0, 0]  # too few buyers: pinned by itself
    states = [ShardState.decode(folded.store.shard(p)) for p in range(2)]
    assert [state.pins for state in states] == [{"cuts": 0, "model": 20260104, "busy": 20260104}] * 2


def test_a_new_owner_goes_on_with_both() -> None:
    logs = busy_days()
    logs.tick(3 * DAY + 2 * HOUR)
    store = fold(logs, Random(1), by=BOTH).store
    owners = [Shard(p, 2, INPUTS, store, logs.settings, fold=BOTH).claim() for p in range(2)]
    assert sum(owner.ctx.sketches["busy"] for owner in owners) == 33
    assert sum(owner.ctx.sketches["cuts"].buyers for owner in owners) == 30
    assert [owner.ctx.tables["busy"].events for owner in owners] == [33, 33]
    del store._tables["busy", 20260104]
    with pytest.raises(TableLost, match="table busy/20260104 is gone"):
        Shard(0, 2, INPUTS, store, logs.settings, fold=BOTH).claim()


def test_a_shard_waits_for_either() -> None:
    logs = busy_days()
    logs.tick(3 * DAY + 2 * HOUR, partition=0)
    logs.tick(3 * DAY - HOUR, partition=1)
    folded = fold(logs, Random(1), by=BOTH)
    [cuts, busy] = [dict(folded.store.tables(name)) for name in ("cuts", "busy")]
    assert cuts.keys() == busy.keys() == {20260101, 20260102, 20260103}
    assert folded.shards[0].watermark == START + 3 * DAY + HOUR
    assert folded.shards[0].ctx.tables["busy"].events == 31
    assert folded.shards[0].waiting() == "table busy/20260104, for shard 1 to come so far"


@pytest.mark.parametrize("at", [2 * DAY - HOUR, 2 * DAY, 2 * DAY + HOUR // 2, 2 * DAY + 2 * HOUR])
def test_a_kind_that_is_added_to_a_shop_at_work_keeps_nobody_waiting(at: int) -> None:
    """Before a boundary, at it, between it and its lag, and after that."""
    logs = Logs(2)
    orders(logs, 30)
    logs.tick(at)
    store = fold(logs, Random(1)).store
    for days in (2, 3):
        logs.track("Page Viewed", "b7", days * DAY + 3 * HOUR)
    logs.tick(4 * DAY + 2 * HOUR)
    folded = fold(logs, Random(1), by=BOTH, store=store)
    assert {shard.watermark for shard in folded.shards} == {START + 4 * DAY + 2 * HOUR}
    assert list(folded.store.tables("cuts")) == [20260101, 20260102, 20260103, 20260104, 20260105]
    busy = {day: msgspec.json.decode(packed)[1] for day, packed in folded.store.tables("busy").items()}
    assert busy.items() >= {20260104: 1, 20260105: 2}.items()
    assert {shard.ctx.tables["busy"].events for shard in folded.shards} == {2}


def test_a_state_of_one_kind_froze_it_from_the_first_boundary_on() -> None:
    """Where its sketch is gone, others wait for it in vain, as ever; of a new kind it had none."""
    packed = msgspec.msgpack.encode([START + 9 * DAY, {}, {"cuts": 20260101}, 0, START + DAY, START + 8 * DAY])
    state = ShardState.decode(packed)
    assert [state.counted_nothing("cuts", START + days * DAY) for days in (0, 1, 5, 9, 10)] == [True] + [False] * 4
    assert [state.counted_nothing("busy", START + days * DAY) for days in (0, 1, 5, 9, 10)] == [True] * 4 + [False]
