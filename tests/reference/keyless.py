"""A feed without keys through all shards of a shop: records land anywhere, workers die, outboxes come again."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Literal

from models.features import ShopSettings
from models.kernel.settings import HOUR
from sinks.memory_store import MemoryStore
from sinks.outputs import Message
from streams.claimed import ClaimedShard
from tests.reference.driver import Driver
from tests.reference.logs import START, Logs, Rec

PARTITIONS = 3
CALM = ShopSettings(table_every=0, bot_rate=100_000)


def shopping(rng: Random) -> Logs:
    """A keyed shop of some hours: few shoppers and many events of each, more than any ring of message ids holds."""
    logs = Logs(PARTITIONS, CALM)
    for user in ("a", "b", "c", "d")[: rng.randint(1, 4)]:
        for number in range(rng.choice([5, 40, 150])):
            at = rng.randrange(5 * HOUR)
            events = ["Page Viewed", "Product Viewed", "Product Added", "Order Completed"]
            event = rng.choice(events if number < 16 else events[:-1])  # so many orders a profile lists
            product = {"product_id": f"p{rng.randrange(4)}", "price": rng.randrange(1, 50)}
            order = {"order_id": f"{user}-{number}", "revenue": rng.randrange(1, 90)}
            logs.track(event, user, at, **(order if event == "Order Completed" else product))
    logs.tick(6 * HOUR)
    return logs


def keyless(logs: Logs, rng: Random) -> Logs:
    """The same messages without keys, each in some partition; ticks are everywhere, and say that nothing follows."""
    scattered = Logs(logs.partitions, logs.settings)
    for (topic, _), records in logs.records.items():
        for record in records:
            if b"kairos.tick" not in (record.value or b""):
                scattered.write(topic, rng.randrange(logs.partitions), record.value)
    scattered.tick(6 * HOUR)
    return scattered


class KeylessDriver(Driver):
    """One shard among others. What it forwards is in the others' logs at once, in any order, and often in part only."""

    def __init__(
        self, logs: Logs, partition: int, rng: Random, clock: Literal["event", "wall"], store: MemoryStore
    ) -> None:
        self.shared = logs
        super().__init__(logs, partition, rng, clock, store)

    def publish(self, shard: ClaimedShard) -> None:
        """Send some of it, or all of it, and all of it again."""
        messages = list(shard.outbox)
        self._send(self.rng.sample(messages, self.rng.randint(0, len(messages))))
        if messages:
            shard.faults.at("mid_outbox")
        self._send(self.rng.sample(messages, len(messages)))
        shard.faults.at("before_ack")
        shard.published()

    def _send(self, messages: Sequence[Message]) -> None:
        for message in messages:
            if message.partition is None:
                self.published.append(message)
            else:
                log = self.shared.records[message.topic, message.partition]
                log.append(Rec(len(log), self.now, message.key, message.value, message.headers))

    def act(self) -> None:
        """Whatever happens next."""
        dice = self.rng.random()
        if dice < 0.05:
            self.rebalance()
        elif dice < 0.15 and self.zombies:
            self.haunt()
        elif dice < 0.6:
            self.fetch()
        else:
            self.step()


def drive(logs: Logs, rng: Random, clock: Literal["event", "wall"] = "event") -> tuple[MemoryStore, list[Message]]:
    """All shards in turns by chance, until nothing is left to do: the store, and what was said, repeats included."""
    store = MemoryStore()
    drivers = [KeylessDriver(logs, p, Random(rng.random()), clock, store) for p in range(logs.partitions)]
    for driver in drivers:
        driver.now = START + 7 * HOUR
    for _ in range(rng.choice([60, 200, 500])):
        rng.choice(drivers).act()
    for driver in drivers:
        driver.misfortune.calm = True
    idle = 0
    while idle < 6:
        idle += 1
        for driver in drivers:
            for _ in range(9):
                driver.fetch()
            while driver.step():
                idle = 0
            idle = 0 if driver.left() else idle
    return store, [message for driver in drivers for message in driver.published]
