"""The agent, the shards and the transport together, in one process: nothing lost, nothing twice, whatever happens."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from streams.errors import LogRecreated, NotCopartitioned, RecordsLost
from streams.transport.consumer import ChunkConsumer
from tests.streams.embedded import TOPICS, contiguous, new_app, new_broker, produce, running, until
from tests.streams.fakes import OUT, FakeShard, Ledger


def test_everything_is_applied_once_published_and_reported(ledger: Ledger) -> None:
    async def main() -> None:
        broker = new_broker()
        total = produce(broker, 300)
        async with running(new_app(broker, ledger)):
            await until(lambda: broker.lag(TOPICS) == 0)
            total += produce(broker, 5)  # the same again, into an idle worker
            await until(lambda: broker.lag(TOPICS) == 0)
        assert ledger.count() == total
        assert contiguous(ledger)
        said = [(p, record.key) for p, log in enumerate(broker.logs[OUT]) for record in log.read(0, 10_000)]
        assert len(said) == len(set(said)) == total

    asyncio.run(main())


def test_delivery_is_contiguous_over_rebalances(ledger: Ledger) -> None:
    chance = random.Random(5)

    async def main() -> None:
        broker = new_broker(partitions=6)
        total = 0
        async with running(new_app(broker, ledger)) as app:
            await until(lambda: app.shards.owned)
            for _ in range(12):
                total += produce(broker, 200)
                await app.consumer.rebalance(set(chance.sample(range(6), chance.randrange(7))))
                await asyncio.sleep(chance.choice([0, 0.01, 0.03]))
            await app.consumer.rebalance(set(range(6)))
            await until(lambda: ledger.count() >= total)
        assert ledger.count() == total
        assert contiguous(ledger)

    asyncio.run(main())


@pytest.mark.parametrize("before", [set(), {0, 1, 2, 3}], ids=["from-nothing", "overtaken"])
def test_no_chunk_is_read_before_faust_lets_the_streams_go_on(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, before: set[int]
) -> None:
    """Where it does, it empties the agents' queues. A chunk in them would be missed only once the next record of the
    same partition comes: maybe never. Faust does not stop the flow where nothing was assigned before, and a recovery
    that was overtaken by a rebalance lets it go on in the middle of the next."""
    seek, empty = ChunkConsumer.perform_seek, ChunkConsumer.wait_empty
    early: list[int] = []

    async def slow_seek(self: ChunkConsumer) -> None:
        await seek(self)
        read = ledger.count()
        await asyncio.sleep(0.1)
        early.append(ledger.count() - read)

    async def slow_empty(self: ChunkConsumer) -> None:
        await empty(self)
        await asyncio.sleep(0.2)  # meanwhile the recovery of the assignment before comes to its end

    async def main() -> None:
        broker = new_broker()
        async with running(new_app(broker, ledger)) as app:
            await until(lambda: len(app.shards.owned) == 4)
            await app.consumer.rebalance(before)
            await until(lambda: set(app.shards.owned) == before and not app.rebalancing)
            monkeypatch.setattr(ChunkConsumer, "perform_seek", slow_seek)
            monkeypatch.setattr(ChunkConsumer, "wait_empty", slow_empty)
            total = 0
            for _ in range(3):
                total += produce(broker, 10)
                await app.consumer.rebalance({0, 1, 2, 3})
                await until(lambda: len(app.shards.owned) == 4)
            await until(lambda: ledger.count() == total, within=5)
        assert contiguous(ledger)
        assert early == [0] * len(early)

    asyncio.run(main())


def test_a_full_shard_is_left_out_of_the_fetch_and_the_others_go_on(ledger: Ledger) -> None:
    """Only the input that is full waits: the same shard's other inputs, and other shards, do not."""

    class Stuck(FakeShard):
        def step(self, *clock: Any) -> bool:
            return False if self.partition == 0 else super().step(*clock)

    async def main() -> None:
        broker = new_broker()
        produce(broker, 20_000)
        app = new_app(broker, ledger, lambda p, n: Stuck(p, TOPICS, ledger, buffer=1500))
        async with running(app):
            await until(lambda: ledger.count() == 3 * 3 * 20_000)
            held = app.shards.owned[0]._buffers
            assert all(1500 <= len(buffered) <= 1500 + 2 * app.consumer.CHUNK for buffered in held.values())
            assert not app.crash_reason

    asyncio.run(main())


def test_records_lost_stop_the_worker_with_their_count(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        broker = new_broker()
        produce(broker, 100)
        async with running(new_app(broker, ledger)):
            await until(lambda: broker.lag(TOPICS) == 0)
        produce(broker, 100)
        broker.log("cart", 2).trim(142)
        async with running(new_app(broker, ledger)) as app:
            await until(lambda: app.crash_reason)
            assert isinstance(app.crash_reason, RecordsLost)
        assert "cart[2]: 42 records were deleted before they were read" in caplog.text

        async with running(new_app(broker, ledger, on_gap="skip")):
            await until(lambda: ledger.count() == 12 * 200 - 42)
        assert ledger.applied()["cart", 2] == [*range(100), *range(142, 200)]

    asyncio.run(main())


def test_records_lost_while_running_are_noticed(ledger: Ledger) -> None:
    """Retention overtakes a shard that is full: Kafka's clients would go on elsewhere, in silence."""
    stuck = [True]

    class Stuck(FakeShard):
        def step(self, *clock: Any) -> bool:
            return False if stuck else super().step(*clock)

    async def main() -> None:
        broker = new_broker()
        produce(broker, 5000)
        async with running(
            new_app(broker, ledger, lambda p, n: Stuck(p, TOPICS, ledger, buffer=10), clock="wall")
        ) as app:
            await until(
                lambda: len(app.shards.owned) == 4 and all(s._buffers["orders"] for s in app.shards.owned.values())
            )
            broker.log("orders", 1).trim(4990)
            stuck.clear()
            await until(lambda: app.crash_reason)
            assert isinstance(app.crash_reason, RecordsLost)
            assert "orders[1]" in str(app.crash_reason)
        assert contiguous(ledger)

    asyncio.run(main())


def test_a_topic_made_anew_stops_the_worker(ledger: Ledger) -> None:
    async def main() -> None:
        broker = new_broker()
        produce(broker, 10)
        async with running(new_app(broker, ledger)):
            await until(lambda: broker.lag(TOPICS) == 0)
        async with running(new_app(new_broker(), ledger, on_gap="skip")) as app:
            await until(lambda: app.crash_reason)
            assert isinstance(app.crash_reason, LogRecreated)
            assert "Was the topic recreated?" in str(app.crash_reason)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda logs: logs["cart"].pop(), "cart has 3, clicks has 4, orders has 4"),
        (lambda logs: logs.pop("cart"), "no such topic: cart"),
    ],
)
def test_inputs_that_do_not_fit_together_stop_the_start(ledger: Ledger, change: Any, message: str) -> None:
    async def main() -> None:
        broker = new_broker()
        change(broker.logs)
        async with running(new_app(broker, ledger)) as app:
            await until(lambda: app.crash_reason)
            assert isinstance(app.crash_reason, NotCopartitioned)
            assert message in str(app.crash_reason)

    asyncio.run(main())


def test_under_the_wall_clock_a_shard_is_told_the_time_and_the_ends(ledger: Ledger) -> None:
    async def main() -> None:
        broker = new_broker()
        produce(broker, 7)
        async with running(new_app(broker, ledger, clock="wall")) as app:
            await until(lambda: ledger.count() == 7 * 12)
            shard = app.shards.owned[0]
            seen = len(shard.clocks)
            await until(lambda: len(shard.clocks) >= seen + 2)  # it wakes by itself
            now, ends = shard.clocks[-1]
            assert abs(now - broker.log("cart", 0).read(6, 1)[0].timestamp) < 20_000
            assert {topic: end.highwater for topic, end in ends.items()} == dict.fromkeys(TOPICS, 7)
            assert all(end.polled <= now for end in ends.values())

    asyncio.run(main())


def test_a_shard_hears_at_once_that_an_input_it_waits_for_is_empty(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fetch that brings no chunk wakes the shard; waiting for the next look at the clock would be too late."""
    monkeypatch.setattr("streams.rest.UNANSWERED", 60.0)
    monkeypatch.setattr("streams.rest.VAIN_REST", 60.0)

    class Careful(FakeShard):
        """Applies only while the other inputs are known to be empty, as of after the first look at the records."""

        since = 0

        @property
        def blocked(self) -> bool:
            return any(self._buffers.values())

        def step(self, now: Any = None, ends: Any = None) -> bool:
            dry = [topic for topic in TOPICS if not self._buffers[topic]]
            if len(dry) == len(TOPICS):
                return False
            self.since = self.since or now + 50
            if any(ends[t].polled < self.since or ends[t].highwater > (self._expected[t] or 0) for t in dry):
                return False
            return super().step(now, ends)

    async def main() -> None:
        broker = new_broker(partitions=1)
        produce(broker, 1)
        for topic in TOPICS:
            broker.log(topic, 0).trim(1)  # all deleted before anybody read: a log that begins at 1, and is empty
        app = new_app(broker, ledger, lambda p, n: Careful(p, TOPICS, ledger), clock="wall")
        async with running(app):
            await until(lambda: app.shards.owned)
            broker.append("cart", 0, b"k", b"v")
            await until(lambda: ledger.applied() == {("cart", 0): [1]}, within=5)

    asyncio.run(main())


def test_what_was_read_long_ago_is_forgotten_and_the_rest_is_kept(ledger: Ledger) -> None:
    async def main() -> None:
        broker = new_broker(keep=100)
        produce(broker, 1000)
        assert broker.log("cart", 0).start == 0  # nobody has read it yet
        async with running(new_app(broker, ledger)):
            await until(lambda: broker.lag(TOPICS) == 0)
            produce(broker, 1)
            await until(lambda: broker.lag(TOPICS) == 0)
        assert broker.log("cart", 0).start == 901
        assert broker.log(OUT, 0).end - broker.log(OUT, 0).start <= 200
        assert contiguous(ledger)

    asyncio.run(main())
