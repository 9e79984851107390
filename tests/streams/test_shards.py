"""What the driver does when a shard, its store or its outputs fail."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sinks.outputs import Message, PublishError
from sinks.store import PartitionsChanged, Refused, SchemaTooNew, Unavailable
from streams.faults import Faults
from streams.observer import Observer
from streams.outages import Outages
from streams.records import Chunk
from streams.retries import pauses
from streams.runner import Runner
from streams.transport.broker import BrokerOutputs, MemoryBroker, MemoryRecord
from tests.streams.embedded import TOPICS, contiguous, new_app, new_broker, produce, running, until
from tests.streams.fakes import OUT, FakeShard, Ledger


class Failing(BrokerOutputs):
    """Outputs that fail a number of times, after half of what they were given is out."""

    def __init__(self, broker: MemoryBroker, times: int) -> None:
        super().__init__(broker)
        self.times = times

    async def publish(self, partition: int, messages: Sequence[Message]) -> None:
        if messages and self.times > 0:
            self.times -= 1
            await super().publish(partition, messages[: len(messages) // 2])
            raise PublishError("no leader")
        await super().publish(partition, messages)


def test_outputs_that_fail_are_sent_again_the_same(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        broker = new_broker(partitions=1)
        produce(broker, 100)
        async with running(new_app(broker, ledger, outputs=Failing(broker, 3))):
            await until(lambda: broker.lag(TOPICS) == 0)
        keys = [record.key for record in broker.log(OUT, 0).read(0, 10_000)]
        assert len(set(keys)) == 300 == ledger.count()
        assert len(keys) > 300
        assert caplog.text.count("outputs are not acknowledged (no leader)") == 1
        assert caplog.text.count("outputs are acknowledged again") == 1

    asyncio.run(main())


def test_outputs_that_take_long_are_an_outage(
    ledger: Ledger, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A producer that tries again by itself says nothing."""
    monkeypatch.setattr("streams.runner.ACKNOWLEDGED_WITHIN", 0.05)

    class Silent(BrokerOutputs):
        async def publish(self, partition: int, messages: Sequence[Message]) -> None:
            await acknowledge.wait()
            await super().publish(partition, messages)

    async def main() -> None:
        broker = new_broker()
        produce(broker, 1)
        async with running(new_app(broker, ledger, outputs=Silent(broker))) as app:
            await until(lambda: app.shards.outages.outputs.since)
            await asyncio.sleep(0.2)
            assert not app.shards.outages.store.problem
            acknowledge.set()
            await until(lambda: broker.lag(TOPICS) == 0)
            assert not app.shards.outages.outputs.problem
        assert caplog.text.count("outputs are not acknowledged (waited 0 s)") == 1
        assert caplog.text.count("outputs are acknowledged again, after 0 s") == 1

    acknowledge = asyncio.Event()
    asyncio.run(main())


@pytest.mark.parametrize(
    ("error", "message", "over"),
    [
        (Unavailable("timed out"), "Redis does not answer (timed out)", "Redis answers again, after 0 s"),
        (Refused("OOM"), "Redis refuses to write (OOM)", "Redis takes writes again, after 0 s"),
    ],
)
def test_a_store_that_fails_is_asked_again(
    ledger: Ledger, error: Exception, message: str, over: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        broker = new_broker(partitions=2)
        ledger.fail = [error] * 5  # claims and applies alike
        produce(broker, 100)
        async with running(new_app(broker, ledger)):
            await until(lambda: broker.lag(TOPICS) == 0)
        assert ledger.count() == 600
        assert contiguous(ledger)
        assert caplog.text.count(message) == caplog.text.count(over) <= 2  # in the claims, and in a batch after them

    asyncio.run(main())


def test_release_ends_every_wait_at_once(ledger: Ledger) -> None:
    """A store that never answers, in claim or in apply, holds up neither a rebalance nor the end."""

    async def main() -> None:
        broker = new_broker()
        produce(broker, 10)
        async with running(new_app(broker, ledger)) as app:
            await until(lambda: broker.lag(TOPICS) == 0)
            ledger.fail = [Unavailable("down")] * 1000
            produce(broker, 10)
            await asyncio.sleep(1.5)  # pauses are long by now
            started = time.monotonic()
            await app.consumer.rebalance({0, 1})  # waits in apply end
            await asyncio.sleep(0.5)
            await app.consumer.rebalance({0, 1, 2, 3})  # waits in claim end
            await app.shards.release()
            await app.shards.release()
            assert not app.shards.outages.store.problem  # nobody is left who could tell when it is over
            assert time.monotonic() - started < 1.5
            assert app.shards.owned == {}
        assert contiguous(ledger)

    asyncio.run(main())


def test_release_finishes_the_batch_in_hand(ledger: Ledger) -> None:
    """A step under way when the partitions go is applied, published and reported; what is queued is not begun."""
    inside, go = threading.Event(), threading.Event()

    class Slow(FakeShard):
        def step(self, *clock: Any) -> bool:
            if self._buffers["cart"]:
                inside.set()
                go.wait(5)
            return super().step(*clock)

    async def main() -> None:
        broker = new_broker(partitions=1)
        broker.append("cart", 0, b"k", b"1")
        async with running(new_app(broker, ledger, lambda p, n: Slow(p, TOPICS, ledger))) as app:
            await until(inside.is_set)
            broker.append("cart", 0, b"k", b"2")
            asyncio.get_running_loop().call_later(0.1, go.set)
            await app.shards.release()
            assert ledger.applied() == {("cart", 0): [0]}
            assert broker.log("cart", 0).committed == 1
            assert [record.key for record in broker.log(OUT, 0).read(0, 9)] == [b"cart:0"]

    asyncio.run(main())


@pytest.mark.parametrize("error", [SchemaTooNew("upgrade this worker"), PartitionsChanged("8, not 4"), ValueError("?")])
@pytest.mark.parametrize("call", ["claim", "step"])
def test_any_other_failure_ends_the_process(ledger: Ledger, error: Exception, call: str) -> None:
    class Broken(FakeShard):
        pass

    def fail(self: Any, *_: Any) -> Any:
        raise error

    setattr(Broken, call, fail)

    async def main() -> None:
        async with running(new_app(new_broker(), ledger, lambda p, n: Broken(p, TOPICS, ledger))) as app:
            await until(lambda: app.crash_reason)
            assert app.crash_reason is error

    asyncio.run(main())


def test_a_failing_agent_ends_the_process(ledger: Ledger) -> None:
    async def main() -> None:
        broker = new_broker()
        async with running(new_app(broker, ledger)) as app:
            await until(lambda: app.shards.owned)

            def broken(delivery: Any) -> None:
                raise RuntimeError("dispatch is broken")

            app.shards.dispatch = broken
            produce(broker, 1)
            await until(lambda: app.crash_reason)
            assert "dispatch is broken" in str(app.crash_reason)

    asyncio.run(main())


def test_fault_points_are_passed_in_order(ledger: Ledger) -> None:
    class Noting(Faults):
        def at(self, point: Any) -> None:
            passed.append((point, len(broker.logs[OUT][0].read(0, 99))))

    passed: list[tuple[str, int]] = []
    broker = new_broker(partitions=1)

    async def main() -> None:
        async with running(new_app(broker, ledger, faults=Noting.parse("after_fold:1:kill"))) as app:
            await until(lambda: app.shards.owned)
            for _ in range(3):
                broker.append("cart", 0, b"k", b"v")
            await until(lambda: broker.lag(["cart"]) == 0)

    asyncio.run(main())
    claimed, *batches = [passed[0], *passed[1:]]
    assert claimed == ("before_ack", 0)
    assert [point for point, _ in batches] == ["mid_outbox", "before_ack"] * (len(batches) // 2)
    assert all(mid <= whole for (_, mid), (_, whole) in zip(batches[::2], batches[1::2], strict=True))


def test_under_the_event_clock_a_long_wait_says_for_what(
    ledger: Ledger, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.runner.SAY_AFTER", 0.05)

    async def main() -> None:
        async with running(new_app(new_broker(partitions=1), ledger)):
            await until(lambda: "shard 0 waits: clicks, cart, orders partition 0" in caplog.text)

    asyncio.run(main())


def test_pauses_grow_and_are_bounded() -> None:
    first = [pause for pause, _ in zip(pauses(), range(12), strict=False)]
    assert first[:3] == [0.1, 0.2, 0.4]
    assert first[-3:] == [10.0, 10.0, 10.0]


def test_a_queued_chunk_keeps_no_partition_out_of_the_fetch_before_its_shard_is_full(ledger: Ledger) -> None:
    """What is left out lies in the client meanwhile, which then fetches nothing for anybody."""
    shard = FakeShard(0, TOPICS, ledger, buffer=2)

    async def main() -> None:
        nobody: Any = None
        with ThreadPoolExecutor(1) as threads:
            options = {"faults": Faults(), "observer": Observer(), "outages": Outages()}
            runner = Runner("books", 0, shard.claim, nobody, nobody, threads, nobody, clock="wall", **options)
            await runner.acquire()
        runner.begin(1, dict.fromkeys(TOPICS, 0))
        for offset, wanted in ((0, True), (1, False)):
            runner.enqueue(Chunk("cart", 0, offset, [MemoryRecord(offset, 0, b"k", b"v")]))
            assert runner.wants("cart") is wanted

    asyncio.run(main())
