"""The engine by itself: another fold, of other records, runs in the same shard."""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec
import pytest

from models.kernel.settings import HOUR
from sinks.memory_store import MemoryStore
from sinks.store import SchemaTooNew
from streams.claimed import ClaimedShard
from streams.records import Input
from streams.shard import EngineSettings, Shard
from tests.streams.counting import Counted, Counting
from tests.streams.driven import HOUR0, SETTINGS
from tests.streams.logs import chunk

INPUTS = [Input("examples", 0, "examples"), Input("more", 1, "more")]
END = HOUR0 + 20 * HOUR


def lines(rng: Random, count: int) -> list[tuple[str, int]]:
    """Keys and times, in order of time, all before the end."""
    times = sorted(rng.randrange(HOUR0, END - 2 * HOUR) for _ in range(count))
    return [(rng.choice("abc"), at) for at in times]


def by_hand(seen: list[tuple[str, int]]) -> tuple[dict[str, int], int]:
    """How often each key was seen since it was last forgotten; and how often in all of those that were forgotten."""
    times: Counter[str] = Counter()
    last: dict[str, int] = {}
    forgotten = 0
    for key, at in sorted(seen, key=lambda one: one[1]):
        if key in last and last[key] + HOUR < at:
            forgotten += times.pop(key)
        times[key] += 1
        last[key] = at
    for key in [key for key in times if last[key] + HOUR < END]:
        forgotten += times.pop(key)
    return dict(times), forgotten


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("records", [1, 7, 2_000])
def test_another_fold_is_run_by_the_same_shard(seed: int, records: int) -> None:
    rng, store = Random(seed), MemoryStore()
    seen = [lines(rng, 60), [*lines(rng, 40), ("d", END - HOUR + 1)]]
    logs = [[*(b"%s %d" % (key.encode(), at) for key, at in log), b"a b c", b"%d" % END] for log in seen]

    def owner() -> ClaimedShard:
        shard = Shard(0, 1, INPUTS, store, SETTINGS, fold=Counting(), engine=EngineSettings(batch_records=records))
        claimed = shard.claim()
        for (topic, offset), log in zip(claimed.positions.items(), logs, strict=True):
            claimed.receive(chunk(topic, log[offset or 0 :], offset or 0))
        claimed.published()
        return claimed

    shard, dead = owner(), 0
    while shard.step():
        dead += len(shard.outbox)
        shard.published()
        if rng.random() < 0.1:
            shard = owner()
    times, forgotten = by_hand(seen[0] + seen[1])
    packed = dict(store.profiles(0))
    assert {key: msgspec.msgpack.decode(data, type=Counted).times for key, data in packed.items()} == times
    assert {key: store.public(0, key) for key in times} == {key: {"times": str(n)} for key, n in times.items()}
    assert int(store.stats(0)["forgotten"]) == forgotten
    assert (store.stats(0)["applied"], store.stats(0)["dead_letters"], dead) == ("101", "2", 2)
    assert dict(store.timers(0)).keys() == times.keys()


def test_the_layout_is_the_folds() -> None:
    store = MemoryStore()
    Shard(0, 1, INPUTS, store, SETTINGS, fold=Counting()).claim()
    with pytest.raises(SchemaTooNew, match="has schema 7"):
        Shard(0, 1, INPUTS, store, SETTINGS).claim()
