"""A filled store is one the engine could have written."""

from __future__ import annotations

import pytest

from bench.filled import EVENTS, PATTERNS, QUIET, Filler, name, patterns
from bench.scale import visits
from bench.stream import END, Stream
from models.features import SHOPPERS
from models.kernel.moment import slot
from models.kernel.partition import java_partition
from models.profile import codec
from sinks.memory_store import MemoryStore

pytestmark = pytest.mark.slow

COUNT = 2_500


@pytest.fixture(scope="module")
def found():
    return patterns(END)


def test_patterns_are_of_all_kinds_and_quiet(found):
    profiles = [codec.decode(pattern.packed) for pattern in found]
    assert len(found) == PATTERNS
    assert all(pattern.due == profile.due >= END + QUIET for pattern, profile in zip(found, profiles, strict=True))
    orders, carts = ([slot(p, SHOPPERS.named[name]) for p in profiles] for name in ("orders", "carts"))
    assert sum(history is not None for history in orders) > 20
    assert sum(profile.events == 1 for profile in profiles) > 20
    assert all(
        (pattern.public is not None) == (history is not None or (state is not None and state.carts != []))
        for pattern, history, state in zip(found, orders, carts, strict=True)
    )


def test_everybody_is_in_the_shard_the_id_leads_to(found):
    store = MemoryStore()
    filler = Filler(store, 3, found)
    for number in range(COUNT):
        filler.add(number)
    filler.finish()
    for number in (0, 1, COUNT - 1):
        shard = java_partition(name(number).encode(), 3)
        assert store.load(shard, [name(number)]) == [found[number % PATTERNS].packed]
    timers = [user for shard in range(3) for _, user in store.due(shard, 0, 1 << 62, COUNT)]
    assert sorted(timers) == [name(number) for number in range(COUNT)]


@pytest.mark.parametrize("shoppers", [20_000, 100_000])
def test_each_visitor_comes_once(shoppers):
    rows = [row for batch in visits(shoppers, 20_000) for row in batch]
    assert len({key for _, _, key, _ in rows}) == len(rows) == 20_000
    assert all(END <= e < END + 3_600_000 for e, *_ in rows)
    pasts = {value[14:24] for batch in Stream(EVENTS) for *_, value in batch}
    assert not pasts & {value[14:24] for *_, value in rows}, "a message of a past would be a repeat"
