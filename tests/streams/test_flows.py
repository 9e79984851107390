"""Two flows in one app: inputs, partitions and shards of their own, one consumer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from sinks.store import Unavailable
from streams.errors import NotCopartitioned
from streams.process import App
from streams.records import Input
from streams.shard import Flow
from streams.topology import build
from streams.transport.broker import BrokerOutputs, MemoryBroker
from streams.transport.memory import Memory
from tests.streams.embedded import FAST, contiguous, running, until
from tests.streams.fakes import FakeShard, Ledger

SHOPPERS, PRODUCTS = ("clicks", "orders"), ("products",)
PARTITIONS = {"clicks": 4, "orders": 4, "products": 2}
OUTS = ("out-shoppers", "out-products")


class World(NamedTuple):
    """A broker, and each flow's books."""

    broker: MemoryBroker
    shoppers: Ledger
    products: Ledger

    def flows(self) -> list[Flow]:
        """Both."""
        return [
            self._flow("shoppers", SHOPPERS, self.shoppers, OUTS[0]),
            self._flow("products", PRODUCTS, self.products, OUTS[1]),
        ]

    def _flow(self, name: str, topics: tuple[str, ...], ledger: Ledger, out: str) -> Flow:
        inputs = [Input(topic, rank) for rank, topic in enumerate(topics)]
        return Flow(name, inputs, lambda p, n: FakeShard(p, topics, ledger, out=out), BrokerOutputs(self.broker))

    def app(self, **options: Any) -> App:
        """One app with both."""
        return build("test", self.flows(), Memory(self.broker), **{"clock": "event", "shards": FAST} | options)

    def produce(self, each: int) -> int:
        """So many records to every partition of every input; how many that is."""
        for topic, partitions in PARTITIONS.items():
            for partition in range(partitions):
                for _ in range(each):
                    self.broker.append(topic, partition, b"k", b"v")
        return each * sum(PARTITIONS.values())

    def done(self) -> bool:
        """Whether all of it is applied, published and reported."""
        return self.broker.lag(list(PARTITIONS)) == 0


@pytest.fixture
def world(tmp_path: Path) -> World:
    broker = MemoryBroker(PARTITIONS, OUTS, partitions=4)
    del broker.logs["products"][2:]
    return World(broker, Ledger(tmp_path / "shoppers.db"), Ledger(tmp_path / "products.db"))


def test_each_flow_folds_its_own_inputs_once(world: World) -> None:
    async def main() -> None:
        world.produce(50)
        async with running(world.app()) as app:
            await until(world.done)
            world.produce(7)
            await until(world.done)
            assert [sorted(shards.owned) for shards in app.flows] == [[0, 1, 2, 3], [0, 1]]

    asyncio.run(main())
    assert set(world.shoppers.applied()) == {(topic, p) for topic in SHOPPERS for p in range(4)}
    assert set(world.products.applied()) == {("products", 0), ("products", 1)}
    for ledger, out in ((world.shoppers, OUTS[0]), (world.products, OUTS[1])):
        assert contiguous(ledger)
        assert {len(offsets) for offsets in ledger.applied().values()} == {57}
        said = [record.key for log in world.broker.logs[out] for record in log.read(0, 10_000)]
        assert len(said) == ledger.count()


def test_rebalances_lose_nothing_of_either(world: World) -> None:
    chance = Random(3)

    async def main() -> None:
        async with running(world.app()) as app:
            await until(lambda: app.flows[1].owned)
            for _ in range(10):
                world.produce(40)
                await app.consumer.rebalance(set(chance.sample(range(4), chance.randrange(5))))
                await asyncio.sleep(chance.choice([0, 0.01, 0.03]))
            await app.consumer.rebalance(set(range(4)))
            await until(world.done)

    asyncio.run(main())
    assert contiguous(world.shoppers)
    assert contiguous(world.products)
    assert world.shoppers.count() + world.products.count() == 10 * 40 * sum(PARTITIONS.values())


def test_a_shard_that_is_lost_is_claimed_again_and_the_other_flows_stays(world: World) -> None:
    """Both have a shard 1."""

    async def main() -> None:
        world.produce(5)
        async with running(world.app()) as app:
            await until(world.done)
            before = [dict(shards.owned) for shards in app.flows]
            world.products.claim(1, "somebody else")
            world.produce(5)
            await until(world.done)
            after = [shards.owned for shards in app.flows]
            assert after[0] == before[0]
            assert [p for p in before[1] if before[1][p] is not after[1][p]] == [1]

    asyncio.run(main())
    assert contiguous(world.shoppers)
    assert contiguous(world.products)


def test_a_store_that_fails_one_flow_is_an_outage_until_that_flow_gets_through(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """However often shards of the same numbers get through in the other."""

    async def main() -> None:
        async with running(world.app()) as app:
            await until(lambda: len(app.flows[0].owned) == 4 and len(app.flows[1].owned) == 2)
            world.products.fail = [Unavailable("down")] * 1000
            world.produce(5)
            await until(lambda: app.outages.store.since)
            for _ in range(5):
                world.produce(5)
                await until(lambda: world.broker.lag(SHOPPERS) == 0)
                assert app.outages.store.problem
            world.products.fail.clear()
            await until(world.done)
            assert not app.outages.store.problem
        assert caplog.text.count("Redis does not answer") == caplog.text.count("Redis answers again") == 1

    asyncio.run(main())


def test_inputs_of_one_flow_must_fit_together(world: World) -> None:
    world.broker.logs["orders"].pop()

    async def main() -> None:
        async with running(world.app()) as app:
            await until(lambda: app.crash_reason)
            assert isinstance(app.crash_reason, NotCopartitioned)
            assert "clicks has 4, orders has 3" in str(app.crash_reason)

    asyncio.run(main())


def test_flows_that_cannot_run_together_are_refused(world: World) -> None:
    shoppers, products = world.flows()
    for flows, said in (
        ([], "no flow: nothing would be read"),
        ([shoppers, products, products._replace(inputs=[Input("x", 0)])], "two flows of the name products"),
        ([shoppers, products._replace(inputs=[Input("orders", 0)])], "two flows that read the topic orders"),
    ):
        with pytest.raises(ValueError, match=said):
            build("test", flows, Memory(world.broker))


def test_an_app_with_two_flows_has_no_only_one(world: World) -> None:
    with pytest.raises(ValueError, match="too many values"):
        _ = world.app().shards
