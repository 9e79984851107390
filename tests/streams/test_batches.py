"""Batches do not show: whatever their size, and however often the shard is claimed anew, the store ends the same."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from sinks.memory_store import MemoryStore
from sinks.outputs import Message
from sinks.shard_state import ShardState
from streams.records import Chunk, Input
from streams.shard import EngineSettings, Shard
from tests.reference.histories import history
from tests.reference.logs import Logs

TOPICS = ("clickstream", "cart", "orders")
INPUTS = [Input(topic, rank, topic) for rank, topic in enumerate(TOPICS)]


def fold(logs: Logs, engine: EngineSettings, most: int, rng: Random) -> tuple[dict[str, Any], list[Message]]:
    """Everything partition 0 leaves in the store, and what it says; `most` records a chunk."""
    store, said = MemoryStore(), []
    unclaimed = Shard(0, logs.partitions, INPUTS, store, logs.settings, engine=engine)
    records = logs.shard(0)
    shard = unclaimed.claim()
    positions = {topic: offset or 0 for topic, offset in shard.positions.items()}
    moved = True
    while moved:  # a log may end in records that nothing can be folded before
        moved = False
        for topic in TOPICS:
            piece = records[topic][positions[topic] : positions[topic] + rng.randint(1, most)]
            if piece and shard.wants(topic):
                shard.receive(Chunk(topic, 0, positions[topic], piece))
                positions[topic] += len(piece)
                moved = True
        if shard.step():
            moved = True
            said += shard.outbox
            shard.published()
            if rng.random() < 0.1:
                shard = unclaimed.claim()
                positions = {topic: offset or 0 for topic, offset in shard.positions.items()}
                shard.published()
    users = {m.key.decode() for m in said if m.key} | {user for user, _ in store.profiles(0)}
    left = {
        "profiles": dict(store.profiles(0)),
        "public": {user: dict(store.public(0, user)) for user in users},
        "timers": dict(store.timers(0)),
        "stats": {k: v for k, v in store.stats(0).items() if v != "0"},
        "vocabulary": dict(store.vocab(0)),
        "promises": ShardState.decode(store.shard(0)).promises,
        "offsets": dict(store.offsets(0)),
    }
    return left, said


@pytest.mark.parametrize("seed", range(60))
def test_the_store_ends_the_same(seed: int) -> None:
    logs = history(seed)
    whole, said = fold(logs, EngineSettings(), 10_000, Random(seed))
    small = EngineSettings(batch_records=3, batch_outputs=2, buffer_records=7, cache_profiles=2)
    pieces, said_again = fold(logs, small, 5, Random(seed))
    assert said_again == said
    for part, content in whole.items():
        assert pieces[part] == content, part
    assert all(whole["public"][user] == {} for user in whole["public"] if user not in whole["profiles"])
