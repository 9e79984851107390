"""One shard: one partition of every input, folded into one slice of the store by one writer.

Here is what it is made of, and how it is claimed. At work it is a `ClaimedShard`, whose module has the picture.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from models.kernel.partition import partitioner
from models.kernel.settings import SharedSettings
from sinks.outputs import Outputs
from sinks.store import Store
from streams.claimed import ClaimedShard
from streams.faults import Faults
from streams.fold import PRODUCTION, Fold
from streams.observer import Observer
from streams.records import Input


class EngineSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds of a batch and of buffers; patience, and what is gathered, under ``clock=wall`` (ms)."""

    batch_records: int = 2_000
    batch_bytes: int = 1 << 20
    batch_outputs: int = 10_000
    buffer_records: int = 8_000
    cache_profiles: int = 20_000
    max_idle: int = 500
    grace: int = 2_000
    gather: int = 15


class Shard:
    """A shard that may be claimed.

    Parameters
    ----------
    partition, partitions
        Which one, and how many there are.
    inputs
        Its topics, in the order of their ranks.
    store
        Where its state lives.
    settings
        Of the shop.
    fold
        What events and timers do.
    topics
        The topic of each role of outputs; by default the role.
    namespace
        Of the store's: says in forwarded records whose they are.
    clock
        "wall" for live streams; "event" for history.
    """

    def __init__(
        self,
        partition: int,
        partitions: int,
        inputs: Sequence[Input],
        store: Store,
        settings: SharedSettings,
        *,
        fold: Fold[Any] = PRODUCTION,
        topics: Mapping[str, str] | None = None,
        namespace: str = "kairos",
        clock: Literal["wall", "event"] = "event",
        engine: EngineSettings | None = None,
        faults: Faults | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.partition, self.partitions = partition, partitions
        self.inputs = inputs
        self.store = store
        self.settings = settings
        self.fold = fold
        self.topics = dict(topics or {})
        self.namespace = namespace
        self.wall = clock == "wall"
        self.engine = engine or EngineSettings()
        self.faults = faults or Faults()
        self.observer = observer or Observer()
        self.reader = fold.reader(settings)
        self._partition_of = partitioner(settings.partitioner)

    def claim(self) -> ClaimedShard:
        """Own the shard under a new token, with the state as committed; whoever owned it is fenced from here on.

        Raises `StoreError`.
        """
        token = uuid.uuid4().hex
        claim = self.store.claim(self.partition, token, schema=self.fold.schema, partitions=self.partitions)
        return ClaimedShard(self, token, claim)

    def owner(self, user: str) -> int:
        """The partition a shopper belongs to."""
        return self._partition_of(user.encode(), self.partitions)


MakeShard = Callable[[int, int], Shard]
"""(partition, number of partitions) -> a shard to be claimed."""


class Flow(NamedTuple):
    """Input topics that are folded together, and what folds them.

    Attributes
    ----------
    name
        Also the name of its Faust agent.
    inputs
        Topics with the same number of partitions; a shard reads its partition of each.
    make
        Makes a shard to be claimed.
    outputs
        Where outboxes go.
    """

    name: str
    inputs: Sequence[Input]
    make: MakeShard
    outputs: Outputs
