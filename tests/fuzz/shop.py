"""Mutants through the real shards of one shop, over a store in memory; and what became of each."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from models.features import ShopSettings
from models.kernel.events import ROLES
from models.kernel.outputs import DEAD_LETTERS, DeadLetter
from models.kernel.settings import Rate
from sinks.memory_store import MemoryStore
from sinks.outputs import Header, Message
from streams.claimed import ClaimedShard
from streams.records import Chunk, Input
from streams.shard import Shard
from tests.fuzz.mutations import PARTITIONS, Mutant

INPUTS = tuple(Input(role, rank, role) for rank, role in enumerate(ROLES))
SETTINGS = ShopSettings(table_every=0, rates=(Rate("EUR", "1.08", 0),))
FINAL = json.dumps({"type": "kairos.tick", "timestamp": "2026-06-01T00:00:00Z"}).encode()
LATER = 1_780_272_000_000
"""The same instant in ms."""
RECORD = 1_000
"""A record costs as much as so many bytes, whatever its size."""
Place = tuple[str, int, int]
"""Topic, partition, offset."""


class Rec(NamedTuple):
    """One record of a log."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header] = ()


class MutantShop:
    """Shards that fold whatever they are given. `records` is all of it by place (None: our own ticks), `letters` the
    dead letters, `costs` the CPU time of this thread (s) that each chunk took, for each byte of it."""

    def __init__(self, settings: ShopSettings = SETTINGS) -> None:
        self.store = MemoryStore()
        self.shards = [Shard(p, PARTITIONS, INPUTS, self.store, settings).claim() for p in range(PARTITIONS)]
        self.records: dict[Place, Mutant | None] = {}
        self.ends: Counter[tuple[str, int]] = Counter()
        self.letters: dict[Place, DeadLetter] = {}
        self.costs: list[float] = []

    def feed(self, mutants: Sequence[Mutant]) -> None:
        """Append a chunk of records to the logs, and fold what can be folded."""
        size = sum(len(mutant.value or b"") + RECORD for mutant in mutants)
        started = time.thread_time()
        fresh: dict[tuple[str, int], list[Rec]] = {}
        for mutant in mutants:
            self._append(fresh, mutant.topic, mutant.partition, mutant.key, mutant.value, mutant)
        self._offer(fresh)
        self.costs.append((time.thread_time() - started) / size)

    def close(self) -> None:
        """A last tick everywhere: everything is folded."""
        fresh: dict[tuple[str, int], list[Rec]] = {}
        for source in INPUTS:
            for partition in range(PARTITIONS):
                self._append(fresh, source.topic, partition, None, FINAL, None)
        self._offer(fresh)
        assert not any(buffer.waiting for shard in self.shards for buffer in shard.buffers.values())

    def _forward(self, message: Message, partition: int) -> None:
        """The record comes once more, where it belongs."""
        [(_, header)] = message.headers
        _, source, offset, *_ = json.loads(header)
        mutant = self.records.pop((message.topic, source, offset))
        assert mutant is not None, "a tick was forwarded"
        offset = self.ends[message.topic, partition]
        self.ends[message.topic, partition] += 1
        self.records[message.topic, partition, offset] = mutant._replace(key=message.key, home=True)
        record = Rec(offset, LATER, message.key, message.value, message.headers)
        self.shards[partition].receive(Chunk(message.topic, partition, offset, [record]))

    def _append(self, fresh: Any, topic: str, partition: int, key: Any, value: Any, mutant: Mutant | None) -> None:
        offset = self.ends[topic, partition]
        self.ends[topic, partition] += 1
        record = Rec(offset, mutant.at if mutant else LATER, key, value)
        self.records[topic, partition, offset] = mutant
        fresh.setdefault((topic, partition), []).append(record)

    def _offer(self, fresh: Mapping[tuple[str, int], list[Rec]]) -> None:
        for (topic, partition), records in fresh.items():
            self.shards[partition].receive(Chunk(topic, partition, records[0].offset, records))
        while sum(self._step(shard) for shard in self.shards):
            pass

    def _step(self, shard: ClaimedShard) -> bool:
        if not shard.step():
            return False
        for message in shard.outbox:
            if message.partition is not None:
                self._forward(message, message.partition)
            elif message.topic == DEAD_LETTERS:
                letter = msgspec.json.decode(message.value, type=DeadLetter)
                place = letter.topic, letter.partition, letter.offset
                assert place not in self.letters, f"two dead letters of one record: {letter}"
                self.letters[place] = letter
            else:
                msgspec.json.decode(message.value)
        shard.published()
        return True

    def counts(self) -> Counter[str]:
        """The counters of all shards, added up."""
        found: Counter[str] = Counter()
        for partition in range(PARTITIONS):
            for name, value in self.store.stats(partition).items():
                if value.lstrip("-").isdigit():
                    found[name] += int(value)
        return found
