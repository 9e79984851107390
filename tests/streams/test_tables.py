"""Tables with several shards: the same whatever batches and turns, in force on time, and nobody waits for ever."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest

from models.features import SHOPPERS, ShopSettings
from models.kernel.moment import slot
from models.kernel.settings import DAY, HOUR
from models.profile import codec
from models.profile.describe import describe
from models.rfm.cuts import Cuts
from sinks.memory_store import MemoryStore
from sinks.shard_state import ShardState
from streams.claimed import ClaimedShard
from streams.errors import TableLost
from streams.fold import PRODUCTION
from streams.records import Chunk, Input
from streams.shard import EngineSettings, Shard
from tests.conftest import seeds
from tests.reference.driver import engine
from tests.reference.histories import Shape, history
from tests.reference.logs import START, TOPICS, Logs

INPUTS = [Input(topic, rank, topic) for rank, topic in enumerate(TOPICS)]


SHOP = ShopSettings(table_history=0)


class Fold(NamedTuple):
    """What a fold of all shards leaves."""

    store: MemoryStore
    said: dict[str, bytes]
    shards: list[ClaimedShard]

    def content(self, logs: Logs) -> dict[str, Any]:
        """Everything that must not depend on batches, turns and owners."""
        partitions = range(logs.partitions)
        states = [ShardState.decode(self.store.shard(p)) for p in partitions]
        return {
            "tables": {kind.name: dict(self.store.tables(kind.name)) for kind in PRODUCTION.tables},
            "said": self.said,
            "profiles": {
                user: describe(codec.decode(packed), self.store.vocab(p), logs.settings)
                for p in partitions
                for user, packed in self.store.profiles(p)
            },
            "states": [(s.watermark, s.promises, s.pins, s.settled) for s in states],
            "offsets": [dict(self.store.offsets(p)) for p in partitions],
            "timers": [dict(self.store.timers(p)) for p in partitions],
        }


def fold(
    logs: Logs,
    rng: Random,
    bounds: EngineSettings | None = None,
    most: int = 10_000,
    by: Any = PRODUCTION,
    store: MemoryStore | None = None,
) -> Fold:
    """Fold all shards in turns drawn by `rng`, `most` records a chunk; one batch in ten is followed by a new owner."""
    store, said = store or MemoryStore(), {}
    unclaimed = [
        Shard(p, logs.partitions, INPUTS, store, logs.settings, engine=bounds or engine(rng), fold=by)
        for p in range(logs.partitions)
    ]
    shards = [shard.claim() for shard in unclaimed]
    positions = [starts(shard) for shard in shards]
    idle: set[int] = set()
    while len(idle) < len(shards):
        shard = rng.choice(shards)
        moved = offer(shard, positions[shard.partition], logs, rng.randint(1, most))
        for _ in range(rng.randint(1, 4)):
            if not shard.step():
                break
            moved = True
            for message in shard.outbox:
                key = msgspec.json.decode(message.value)["id"]
                assert said.setdefault(key, message.value) == message.value
            shard.published()
        if moved and rng.random() < 0.1:
            shards[shard.partition] = new = unclaimed[shard.partition].claim()
            positions[shard.partition] = starts(new)
            new.published()
        idle = set() if moved else idle | {shard.partition}
    return Fold(store, said, shards)


def starts(shard: ClaimedShard) -> dict[str, int]:
    """Where to read on."""
    return {topic: offset or 0 for topic, offset in shard.positions.items()}


def offer(shard: ClaimedShard, position: dict[str, int], logs: Logs, most: int) -> bool:
    """Some records of every input."""
    moved = False
    for topic, records in logs.shard(shard.partition).items():
        piece = records[position[topic] : position[topic] + most]
        if piece and shard.wants(topic):
            shard.receive(Chunk(topic, shard.partition, position[topic], piece))
            position[topic] += len(piece)
            moved = True
    return moved


def shop(seed: int) -> Logs:
    """A random history of two shards with so few buyers that two must do for a table."""
    logs = history(seed, Shape(paces=("hours", "days"), final_tick=1, records=90))
    logs.settings = msgspec.structs.replace(logs.settings, table_every=DAY, table_buyers=2, table_history=0)
    return logs


@pytest.mark.parametrize("seed", seeds(30, quick=5))
def test_batches_turns_and_owners_do_not_show(seed: int) -> None:
    logs = shop(seed)
    whole = fold(logs, Random(seed), EngineSettings()).content(logs)
    pieces = fold(logs, Random(-seed - 1), most=7).content(logs)
    for part, content in whole.items():
        assert pieces[part] == content, part


@pytest.mark.slow
def test_tables_come_into_force_and_outputs_name_them() -> None:
    """Else the test above compares nothing."""
    named = set()
    for seed in range(10):
        folded = fold(shop(seed), Random(seed), EngineSettings())
        named |= {msgspec.json.decode(value).get("table") for value in folded.said.values()}
    assert len(named - {None, "cuts/0"}) > 5


def orders(logs: Logs, buyers: int) -> None:
    """So many buyers order one after the other within the first hours, each for another amount."""
    for number in range(buyers):
        logs.track("Order Completed", f"b{number}", HOUR + number, order_id=f"o{number}", revenue=10 + number)


def test_a_shard_waits_at_the_lag_for_the_slowest_and_for_nothing_else() -> None:
    logs = Logs(2)
    orders(logs, 3)
    logs.tick(DAY + 2 * HOUR, partition=0)
    logs.tick(20 * HOUR, partition=1)
    fast, slow = fold(logs, Random(1), EngineSettings()).shards
    assert fast.watermark == START + DAY + HOUR
    assert fast.waiting() == "table model/20260102, for shard 1 to come so far"
    assert slow.watermark == START + 20 * HOUR
    logs.tick(DAY, partition=1)
    fast, slow = fold(logs, Random(1), EngineSettings()).shards
    assert fast.watermark == START + DAY + 2 * HOUR
    assert fast.waiting() == ""


def test_a_shard_that_begins_later_had_no_buyers_before() -> None:
    logs = Logs(2)
    orders(logs, 4)
    logs.records["orders", 1].clear()
    logs.tick(5 * DAY, partition=0)
    logs.tick(4 * DAY - HOUR, partition=1)  # the first it hears of
    folded = fold(logs, Random(1), EngineSettings())
    assert [shard.watermark - START for shard in folded.shards] == [4 * DAY + HOUR, 4 * DAY - HOUR]
    assert list(folded.store.tables("cuts")) == [20260101, 20260102, 20260103, 20260104]  # of 1 to 4 January


def test_under_two_hundred_buyers_the_fixed_cuts_stay() -> None:
    for buyers, name in ((199, "cuts/0"), (200, "cuts/20260102")):
        logs = Logs(2, SHOP)
        orders(logs, buyers)
        logs.track("Page Viewed", "b7", DAY + 2 * HOUR)
        logs.track("Order Completed", "b7", DAY + 3 * HOUR, order_id="second", revenue=5)
        logs.tick(DAY + 4 * HOUR)
        said = [msgspec.json.decode(value) for value in fold(logs, Random(1), EngineSettings()).said.values()]
        [table] = {m["table"] for m in said if m["as_of"] >= START + DAY + 2 * HOUR and "table" in m}
        assert table == name


def test_the_fixed_cuts_stay_until_the_history_is_long_enough() -> None:
    """Fourteen days after its first order a shop knows nothing of how long buyers stay away."""
    for days, name in ((13, "cuts/0"), (14, "cuts/20260115")):
        logs = Logs(2, ShopSettings(table_history=14 * DAY))
        orders(logs, 200)
        logs.track("Order Completed", "b7", days * DAY + 3 * HOUR, order_id="second", revenue=5_000)
        logs.tick(days * DAY + 4 * HOUR)
        said = [msgspec.json.decode(value) for value in fold(logs, Random(1), EngineSettings()).said.values()]
        late = [m for m in said if m["as_of"] >= START + days * DAY + 3 * HOUR]
        [table] = {m["table"] for m in late if m.get("table", "").startswith("cuts/")}
        assert table == name


def test_every_buyer_looks_at_the_first_table_without_an_event() -> None:
    """By the fixed cuts 50.00 is M 3 and 208.00 M 4; among 200 buyers from 10.00 to 209.00 they are M 2 and 5."""
    logs = Logs(1, SHOP)
    orders(logs, 200)
    logs.tick(DAY + HOUR)
    before = fold(logs, Random(1), EngineSettings())
    logs.tick(3 * DAY)
    after = fold(logs, Random(1), EngineSettings())
    new = [msgspec.json.decode(value) for key, value in after.said.items() if key not in before.said]
    changed = {m["user_id"]: m for m in new if m["kind"] == "entered" and m["tag"].startswith("value:")}
    assert {user for user, m in changed.items() if m["tag"] == "value:low"} >= {f"b{n}" for n in range(40, 70)}
    assert {user for user, m in changed.items() if m["tag"] == "value:high"} >= {f"b{n}" for n in range(180, 200)}
    times = {m["as_of"] - START for m in changed.values()}
    assert all(DAY + HOUR < at <= 2 * DAY + HOUR for at in times)
    assert len(times) > 50
    assert {m["table"] for m in changed.values()} == {"cuts/20260102"}


def test_a_cut_comes_nearer_step_by_step_and_those_it_passes_look_then() -> None:
    """Half of the buyers come back and spend far more. Cuts of M move by 2 buckets of 2 % a day."""
    logs = Logs(1, SHOP)
    orders(logs, 200)
    for number in range(100):
        logs.track("Order Completed", f"b{number}", 3 * DAY + number, order_id=f"again{number}", revenue=5_000)
    logs.tick(3 * DAY + HOUR)
    logs.tick(33 * DAY)
    folded = fold(logs, Random(1), EngineSettings())
    said = [msgspec.json.decode(value) for value in folded.said.values()]
    low = {m["user_id"]: m for m in said if m.get("tag") == "value:low" and m["as_of"] > START + 4 * DAY}
    assert low.keys() >= {f"b{number}" for number in range(100, 163)}
    assert low.keys() <= {f"b{number}" for number in range(100, 200)}
    assert len({m["table"] for m in low.values()}) > 10
    cuts = [cuts for table in folded.store.tables("cuts").values() if not (cuts := Cuts.decode(table)).fixed]
    for one, two in pairwise(cuts):
        assert all(abs(a - b) <= 2 for a, b in zip(one.monetary, two.monetary, strict=True))
        assert all(abs(a - b) <= 1 for a, b in zip(one.recency, two.recency, strict=True))


def test_an_event_of_a_buyer_is_judged_by_the_table_in_force() -> None:
    """Also one that changes nothing else: an own event comes before the buyer's own time of the day."""
    logs = Logs(1, SHOP)
    orders(logs, 200)
    moment = DAY + HOUR + 1
    for at in (2 * HOUR, 2 * HOUR + 1, moment):
        logs.track("Page Viewed", "b60", at)
    logs.tick(moment + 1)
    folded = fold(logs, Random(1), EngineSettings())
    visited, absent = (codec.decode(packed) for name in ("b60", "b61") for packed in [folded.store.profile(0, name)])
    scores = [slot(p, SHOPPERS.named["scores"]).scores for p in (visited, absent)]
    assert visited.evaluated_at - START == moment
    assert scores[0] % 10 == 2  # the second fifth of 200; 70.00 is M 3 by the fixed cuts
    assert scores[1] % 10 == 3


def test_a_silence_of_forty_days_is_crossed_boundary_by_boundary() -> None:
    logs = Logs(3)
    orders(logs, 9)
    logs.tick(40 * DAY)
    folded = fold(logs, Random(3), EngineSettings())
    assert {shard.watermark - START for shard in folded.shards} == {40 * DAY}
    assert len(folded.store.tables("cuts")) == 40
    assert [len(folded.store._shard(p).frozen) for p in range(3)] == [8 * len(PRODUCTION.tables)] * 3


def test_no_tables_where_none_are_wanted() -> None:
    logs = Logs(2, msgspec.structs.replace(Logs().settings, table_every=0))
    orders(logs, 250)
    logs.tick(3 * DAY, partition=0)
    folded = fold(logs, Random(1), EngineSettings())
    assert folded.shards[0].watermark == START + 3 * DAY
    assert not folded.store.tables("cuts")


def test_a_new_owner_judges_by_the_pinned_table_and_says_so_if_it_is_gone() -> None:
    logs = Logs(1, SHOP)
    orders(logs, 200)
    logs.tick(DAY + 2 * HOUR)
    store = fold(logs, Random(1), EngineSettings()).store
    owner = Shard(0, 1, INPUTS, store, logs.settings).claim()
    assert owner.ctx.tables["cuts"].version == 20260102
    assert owner.ctx.sketches["cuts"].buyers == 200
    store._tables.clear()
    with pytest.raises(TableLost, match="cuts/20260102 is gone: restore it"):
        Shard(0, 1, INPUTS, store, logs.settings).claim()
