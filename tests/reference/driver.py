"""Drives real shards through one history on one seeded schedule of chunks, batches, crashes and changes of owner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Literal

from sinks.memory_store import MemoryStore
from sinks.outputs import Message
from sinks.store import StoreError
from streams.claimed import ClaimedShard
from streams.errors import Fenced
from streams.records import Chunk, End
from streams.shard import EngineSettings, Shard
from tests.reference.flaky import Crash, CrashingFaults, FlakyStore, Misfortune
from tests.reference.logs import INPUTS, START, Logs, Rec


def engine(rng: Random) -> EngineSettings:
    """Bounds of some worker."""
    return EngineSettings(
        batch_records=rng.choice([1, 2, 5, 20, 2_000]),
        batch_bytes=rng.choice([1, 1_000, 1 << 20]),
        batch_outputs=rng.choice([1, 2, 10, 10_000]),
        buffer_records=rng.choice([1, 4, 8_000]),
        cache_profiles=rng.choice([0, 1, 3, 20_000]),
    )


class Driver:
    """One shard's life. `published` is what its output topics hold in the end, repeats included."""

    def __init__(
        self,
        logs: Logs,
        partition: int,
        rng: Random,
        clock: Literal["event", "wall"] = "event",
        store: MemoryStore | None = None,
    ) -> None:
        self.source = logs
        self.partition, self.partitions, self.settings = partition, logs.partitions, logs.settings
        self.logs: Mapping[str, Sequence[Rec]] = logs.shard(partition)
        self.rng, self.clock = rng, clock
        self.misfortune = Misfortune(rng)
        self.store = store or MemoryStore()
        self.flaky = FlakyStore(self.store, self.misfortune)
        self.published: list[Message] = []
        self.zombies: list[ClaimedShard] = []
        self.fenced = 0
        self.visible = {topic: 0 if clock == "wall" else len(log) for topic, log in self.logs.items()}
        self.now = START
        self.claim()

    # -- ownership -----------------------------------------------------------------------------------------------

    def claim(self) -> None:
        """A new worker takes over, sooner or later."""
        while True:
            shard = Shard(
                self.partition,
                self.partitions,
                INPUTS,
                self.flaky,
                self.settings,
                clock=self.clock,
                engine=engine(self.rng),
                faults=CrashingFaults(self.misfortune),
            )
            try:
                claimed = shard.claim()
                self.shard = claimed
                self.position = {topic: offset or 0 for topic, offset in claimed.positions.items()}
                self.publish(claimed)
                return
            except (StoreError, Crash):
                continue

    def rebalance(self) -> None:
        """Somebody else takes over, and the old owner does not know."""
        self.zombies.append(self.shard)
        self.claim()

    def haunt(self) -> None:
        """A zombie goes on where it was: it may repeat outputs, but commits nothing."""
        zombie = self.rng.choice(self.zombies)
        try:
            self.publish(zombie)
        except Crash:
            return
        self.laid(zombie, outcome(zombie.step, self.now, self.ends(zombie)))

    def laid(self, zombie: ClaimedShard, outcome: bool | Exception) -> None:
        """What became of a zombie's step."""
        if isinstance(outcome, Fenced):
            self.fenced += 1
            self.zombies.remove(zombie)
        elif isinstance(outcome, Exception) and not isinstance(outcome, (StoreError, Crash)):
            raise outcome
        else:
            assert outcome is not True, "a zombie committed"

    # -- the flow ------------------------------------------------------------------------------------------------

    def publish(self, shard: ClaimedShard) -> None:
        """Send the outbox, as a driver does; a crash may come in between."""
        messages = shard.outbox
        half = len(messages) // 2
        self.published += messages[:half]
        if messages:
            shard.faults.at("mid_outbox")
        self.published += messages[half:]
        shard.faults.at("before_ack")
        shard.published()

    def fetch(self) -> None:
        """Some records of some input, now and then with some that were seen already."""
        rng = self.rng
        topic = rng.choice(list(self.logs))
        self.visible[topic] = min(len(self.logs[topic]), self.visible[topic] + rng.choice([0, 1, 5, 30]))
        start, end = self.position[topic], self.visible[topic]
        if start < end and self.shard.wants(topic):
            start = max(0, start - rng.choice([0, 0, 0, 0, 2]))
            end = min(end, start + rng.choice([3, 4, 10, 200]))
            records = self.logs[topic][start:end]
            self.shard.receive(Chunk(topic, self.partition, start, records))
            self.position[topic] = max(self.position[topic], end)

    def ends(self, shard: ClaimedShard) -> dict[str, End]:
        """What the consumer knows of the logs' ends."""
        return {topic: End(visible, self.now) for topic, visible in self.visible.items()}

    def step(self) -> bool:
        """One batch and its outputs. A store that fails leaves everything as it was."""
        self.now += self.rng.choice([0, 1, 100, 600, 5_000])
        return self.settled(outcome(self.shard.step, self.now, self.ends(self.shard)))

    def settled(self, outcome: bool | Exception) -> bool:
        """What became of a step: its outputs go out, or somebody else goes on. Whether there may be more to do."""
        try:
            if isinstance(outcome, Exception):
                raise outcome
            if outcome:
                self.publish(self.shard)
        except StoreError:
            return True
        except Crash:
            self.claim()
            return True
        return outcome

    def run(self) -> None:
        """The whole history: a while of misfortune, then calm until nothing is left to do."""
        for _ in range(self.rng.choice([20, 60, 150])):
            dice = self.rng.random()
            if dice < 0.05:
                self.rebalance()
            elif dice < 0.10 and self.zombies:
                self.haunt()
            elif dice < 0.6:
                self.fetch()
            else:
                self.step()
        self.misfortune.calm = True
        idle = 0
        while self.left() or idle < 4:
            self.fetch()
            idle = 0 if self.step() else idle + 1
        while self.zombies:
            count = len(self.zombies)
            self.haunt()
            if len(self.zombies) == count:
                break

    def left(self) -> bool:
        """Whether records are still to be fetched. (A shard that waits for a promise may never want the rest.)"""
        return any(self.position[topic] < len(log) and self.shard.wants(topic) for topic, log in self.logs.items())


def outcome(step: Callable[..., bool], *args: Any) -> bool | Exception:
    """What a step returns or raises."""
    try:
        return step(*args)
    except Exception as error:
        return error


def straight(
    logs: Logs, partition: int = 0, settings: EngineSettings | None = None
) -> tuple[MemoryStore, list[Message]]:
    """One shard of a history, folded without any misfortune: the store, and what was published."""
    store, published = MemoryStore(), list[Message]()
    shard = Shard(partition, logs.partitions, INPUTS, store, logs.settings, clock="event", engine=settings).claim()
    for topic, records in logs.shard(partition).items():
        shard.receive(Chunk(topic, partition, 0, records))
    while shard.step():
        published += shard.outbox
        shard.published()
    return store, published
