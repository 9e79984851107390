"""Drives real shards under a simulated wall clock: records become visible when they arrive, workers are away for hours,
and the broker is asked now and then how far its logs go."""

from __future__ import annotations

from random import Random

import pytest

from models.kernel.settings import DAY, HOUR, MINUTE, SECOND
from streams.claimed import ClaimedShard
from streams.records import Chunk, End
from tests.reference.driver import Driver
from tests.reference.interleaving import RecordedStore
from tests.reference.logs import START, Logs

WAITS = (0, 1, 100, 600, 5 * SECOND)
AWAY = (MINUTE, HOUR, DAY, 10 * DAY)
"""A worker that is away comes back to a backlog."""
AFTERWARDS = (HOUR, 8 * DAY, 22 * DAY, 100 * DAY, 1_300 * DAY)


class WallDriver(Driver):
    """One shard's life under ``clock=wall``. `store.batches` is the interleaving."""

    store: RecordedStore

    def __init__(self, logs: Logs, partition: int, rng: Random, monkeypatch: pytest.MonkeyPatch) -> None:
        arrivals = {topic: logs.arrivals[topic, partition] for topic in logs.shard(partition)}
        self.arrivals = {topic: [START + at for at in times] for topic, times in arrivals.items()}
        self.known = {topic: End() for topic in arrivals}
        super().__init__(logs, partition, rng, "wall", RecordedStore(monkeypatch))
        self.now = START + rng.choice([0, max(max(times, default=0) for times in arrivals.values()) // 2])

    def arrived(self, topic: str) -> int:
        """How many records of an input are there by now."""
        return sum(at <= self.now for at in self.arrivals[topic])

    def fetch(self) -> None:
        """Ask the broker for some input."""
        topic = self.rng.choice(list(self.logs))
        start, end = self.position[topic], self.arrived(topic)
        if not self.shard.wants(topic):
            return
        chunk = self.logs[topic][start : min(end, start + self.rng.choice([1, 4, 10, 200]))]
        if chunk:
            self.shard.receive(Chunk(topic, self.partition, start, chunk))
            self.position[topic] = start + len(chunk)
        self.known[topic] = End(end, self.now)

    def ends(self, shard: ClaimedShard) -> dict[str, End]:
        """What the last answers said."""
        return dict(self.known)

    def step(self) -> bool:
        """Time goes on; one batch."""
        self.now += self.rng.choice(WAITS)
        return super().step()

    def run(self) -> None:
        """The whole history, with misfortune on the way; then time goes on."""
        while self.pending():
            dice = self.rng.random()
            if dice < 0.02:
                self.rebalance()
            elif dice < 0.06 and self.zombies:
                self.haunt()
            elif dice < 0.08:
                self.now += self.rng.choice(AWAY)
            elif dice < 0.6:
                self.fetch()
            elif not self.step():
                self.skip()
        self.misfortune.calm = True
        self.settle()
        self.now += self.rng.choice(AFTERWARDS)
        self.settle()

    def pending(self) -> bool:
        """Whether records are still to be fetched."""
        return any(self.position[topic] < len(log) for topic, log in self.logs.items())

    def skip(self) -> None:
        """Nothing was to do: mostly wait for the next record."""
        later = [at for times in self.arrivals.values() for at in times if at > self.now]
        if later and self.rng.random() < 0.5:
            self.now = min(later)

    def settle(self) -> None:
        """Fold what there is, until nothing more can be done."""
        idle = 0
        while idle < 9 or self.pending():
            for _ in range(9):
                self.fetch()
            idle = 0 if self.step() else idle + 1
