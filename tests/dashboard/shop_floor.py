"""A store to which outputs are written as workers would, and what was said, for comparison."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from sinks.store import Store
from tests.sinks.batches import batch

SHARDS = 3


def said(name: str, as_of: int = 0, topic: str = "user-tags", **more: Any) -> bytes:
    """An output as the feed has it."""
    message = {"id": name, "kind": "entered", "user_id": "u1", "as_of": as_of, "reason": "because", **more}
    return json.dumps({"topic": topic, "message": message}).encode()


class Floor:
    """Shards that say things.

    Attributes
    ----------
    said
        By shard, the ids of its outputs in their order.
    """

    def __init__(self, store: Store, shards: int = SHARDS) -> None:
        self.store = store
        self.seqs = dict.fromkeys(range(shards), 0)
        self.said: defaultdict[int, list[str]] = defaultdict(list)
        self.claim()

    def claim(self) -> None:
        """Own every shard, as after a start."""
        for partition in self.seqs:
            self.store.claim(partition, "t", schema=1, partitions=len(self.seqs))

    def say(self, partition: int, *as_ofs: int, **parts: Any) -> None:
        """Commit a batch with an output for each event time."""
        self.seqs[partition] += 1
        names = [f"{partition}/{self.seqs[partition]}/{i}" for i in range(len(as_ofs))]
        feed = [said(name, as_of) for name, as_of in zip(names, as_ofs, strict=True)]
        applied = self.store.apply(partition, "t", self.seqs[partition], batch(feed=feed, **parts))
        assert applied.status == "OK"
        self.said[partition] += names


def by_shard(ids: list[str]) -> dict[int, list[str]]:
    """Ids of outputs by the shard that said them, in the order given."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for name in ids:
        found[int(name.partition("/")[0])].append(name)
    return dict(found)
