"""The tail and the profiles before it are together the whole history."""

from __future__ import annotations

from collections import Counter
from itertools import chain

import pytest
from msgspec.structs import replace

from bench.sources import First, Source, stream
from bench.warm import split
from kairos.config.settings import load
from kairos.replay import ticks
from kairos.replay.local import Local
from kairos.simulate.settings import BUSY
from kairos.simulate.shop import Shop
from models.profile import codec
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.summary import merge


def test_nothing_is_lost_at_the_cut():
    source, seen = stream(21_000), []
    warm = split(source, 12_345, seen.append)
    rows = list(chain.from_iterable(source.batches))
    assert list(chain.from_iterable(warm.tail)) == rows[-12_345:]
    assert sum(codec.decode(profile).events for profile in warm.packed.values()) == 21_000 - 12_345
    assert set(warm.packed) == {row[2].decode() for row in rows[:-12_345]}
    assert seen[-1] == 21_000
    assert warm.folded == 21_000


@pytest.fixture(scope="module")
def untidy():
    """A shop whose events come twice now and then, some of them bad."""
    rows = [row for row, _ in zip(Shop(replace(BUSY, duplicates=0.1, bad=0.02)), range(6_000), strict=False)]
    return Source("stream", "USD", len(rows), [rows[:2_500], rows[2_500:]])


def test_repeats_and_what_cannot_be_read_are_in_no_profile(untidy):
    warm = split(untidy, 1_000, lambda _: None)
    store = MemoryStore()
    settings = load({"KAIROS_CURRENCY": "USD", "KAIROS_VISITOR_TTL": "3650d"})
    Local(settings, 1, store, MemoryOutputs()).run(ticks.spans(untidy.batches))
    counts: Counter[str] = merge([{k: v for k, v in store.stats(0).items() if k != "letters"}]).counts
    assert counts["duplicates"] > 100
    assert counts["dead_letters"] > 20
    assert warm.folded == counts["applied"]


@pytest.mark.parametrize("events", [0, 3, 4, 5, 99])
def test_the_first_rows(events):
    batches = [[(1, 0, b"a", b"")] * 3, [(2, 0, b"b", b"")] * 2]
    rows = list(chain.from_iterable(batches))
    for _ in range(2):  # it can be gone through again
        assert list(chain.from_iterable(First(batches, events))) == rows[:events]
