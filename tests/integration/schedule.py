"""A Faust worker over a broker in memory and a real Redis, to which everything happens that may, by a seed."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random

import redis

from sinks.outputs import Message
from sinks.redis_reader import RedisReader
from sinks.redis_store import RedisStore
from streams.claimed import ClaimedShard
from streams.process import App
from streams.records import Chunk
from streams.shard import Flow, Shard
from streams.topology import build
from streams.transport.broker import MemoryBroker
from streams.transport.memory import Memory
from tests.integration.histories import done, shop
from tests.integration.mortal import Life, MortalFaults, MortalOutputs, MortalStore
from tests.integration.outcome import Outcome, outcome
from tests.integration.published import Published
from tests.reference.driver import engine
from tests.reference.flaky import Crash, Misfortune
from tests.reference.histories import Shape
from tests.reference.logs import INPUTS, TOPICS
from tests.streams.embedded import FAST, until
from tests.topics import OUTPUT_TOPICS

SHAPE = Shape(records=200, partitions=3)
WITHIN = 120.0
"""Seconds a schedule may take."""


class Schedule:
    """One history on its way through workers that fail, die and lose their shards to others."""

    def __init__(self, seed: int, redis_url: str) -> None:
        self.logs = shop(seed, SHAPE)
        self.rng = Random(-seed - 1)
        self.fate = Misfortune(self.rng)
        self.met: Counter[str] = Counter()
        self.broker = MemoryBroker(TOPICS, OUTPUT_TOPICS, partitions=SHAPE.partitions)
        client = redis.Redis.from_url(redis_url)
        self.store = RedisStore(client, f"schedule-{seed}")
        self.reader = RedisReader(client, f"schedule-{seed}")

    async def run(self) -> Outcome:
        """Live through it, then tell what it came to."""
        async with asyncio.timeout(WITHIN):
            while not self._done():
                await self._live()
        said = [
            Published(p, topic, record.key, record.value or b"")
            for topic in OUTPUT_TOPICS
            for p, log in enumerate(self.broker.logs[topic])
            for record in log.read(0, log.end)
        ]
        return outcome(self.reader, self.logs.settings, said)

    async def _live(self) -> None:
        """One process, until it dies or everything is folded."""
        app = self._app(Life())
        await app.start()
        try:
            await until(lambda: app.crash_reason or app.shards.owned)
            while not (app.crash_reason or self._done()):
                await self._go_on(app)
        finally:
            async with asyncio.timeout(20):
                await app.stop()
        if app.crash_reason:
            self.met["crash"] += 1
            if not isinstance(app.crash_reason, Crash):
                raise app.crash_reason

    def _done(self) -> bool:
        return self.fate.calm and not self.broker.lag(TOPICS) and done(self.logs, INPUTS, self.reader)

    def _app(self, life: Life) -> App:
        faults = MortalFaults(self.fate, life)
        store = MortalStore(self.store, self.fate, life)

        def make(partition: int, partitions: int) -> Shard:
            settings, bounds = self.logs.settings, engine(self.rng)
            return Shard(partition, partitions, INPUTS, store, settings, engine=bounds, faults=faults)

        outputs = MortalOutputs(self.broker, self.fate, life)
        flow = Flow("shoppers", INPUTS, make, outputs)
        return build("g", [flow], Memory(self.broker), clock="event", faults=faults, shards=FAST)

    # What happens meanwhile.

    async def _go_on(self, app: App) -> None:
        """The next thing that happens; sooner or later all is calm."""
        dice = self.rng.random()
        await asyncio.sleep(self.rng.choice([0, 0.002, 0.01]))
        if self.fate.calm:
            return
        if dice < 0.04:
            self._all_is_well()
            await self._rebalance(app, range(SHAPE.partitions))
        elif dice < 0.12:
            await self._rebalance(app, self.rng.sample(range(SHAPE.partitions), self.rng.randint(0, SHAPE.partitions)))
        elif dice < 0.2:
            self._usurp(self.rng.randrange(SHAPE.partitions))
        else:
            self._produce(self.rng.choice([1, 5, 30]))

    def _all_is_well(self) -> None:
        self.fate.calm = True
        while any(self._missing().values()):
            self._produce(1_000)

    def _missing(self) -> dict[tuple[str, int], int]:
        """Records that are not in the broker yet, by place."""
        return {place: len(log) - self.broker.log(*place).end for place, log in self.logs.records.items()}

    def _produce(self, count: int) -> None:
        """Some more records of one place."""
        places = [place for place, missing in self._missing().items() if missing]
        if places:
            place = self.rng.choice(places)
            have = self.broker.log(*place).end
            for record in self.logs.records[place][have : have + count]:
                self.broker.append(*place, record.key, record.value, record.timestamp)

    async def _rebalance(self, app: App, partitions: object) -> None:
        if not app.crash_reason:
            self.met["rebalance"] += 1
            await app.consumer.rebalance(set(partitions))

    def _usurp(self, partition: int) -> None:
        """Another worker takes a shard over, and goes on with it for a batch."""
        self.met["usurped"] += 1
        bounds = engine(self.rng)
        shard = Shard(partition, SHAPE.partitions, INPUTS, self.store, self.logs.settings, engine=bounds).claim()
        self._publish(shard)
        for topic, offset in shard.positions.items():
            log = self.broker.log(topic, partition)
            shard.receive(Chunk(topic, partition, offset or 0, log.read(offset or 0, log.end)))
        if shard.step():
            self._publish(shard)

    def _publish(self, shard: ClaimedShard) -> None:
        messages: list[Message] = list(shard.outbox)
        for message in messages:
            self.broker.append(message.topic, shard.partition, message.key, message.value)
        shard.published()
