"""Shards that are lost and found: fenced, taken away, gaps, seeks, rebalances."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from sinks.store import Unavailable
from streams.errors import Leaving, RecordsLost
from streams.records import Chunk
from streams.transport.broker import MemoryBroker
from streams.transport.delivery import Delivery
from tests.streams.embedded import FAST, TOPICS, contiguous, new_app, new_broker, produce, running, until
from tests.streams.fakes import FakeShard, Ledger


def test_a_fenced_shard_is_claimed_again_while_the_group_counts_us_in(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        broker = new_broker()
        produce(broker, 50)
        async with running(new_app(broker, ledger)) as app:
            await until(lambda: broker.lag(TOPICS) == 0)
            before = dict(app.shards.owned)
            member = [False, True]
            app.consumer.is_member = lambda: asyncio.sleep(0, member.pop(0))
            ledger.claim(2, "somebody else")
            produce(broker, 50)
            await until(lambda: broker.lag(TOPICS) == 0)
            after = dict(app.shards.owned)
        assert "another owner has claimed shard 2" in caplog.text
        assert "shard 2: no longer a member of the group" in caplog.text
        assert [p for p in before if before[p] is not after[p]] == [2]
        assert contiguous(ledger)

    asyncio.run(main())


def test_a_fenced_shard_is_let_go_when_the_group_takes_it_away(ledger: Ledger) -> None:
    async def main() -> None:
        broker = new_broker()
        async with running(new_app(broker, ledger)) as app:
            await until(lambda: len(app.shards.owned) == 4)
            app.consumer.is_member = lambda: asyncio.sleep(0, False)
            ledger.claim(2, "somebody else")
            produce(broker, 50)
            await until(lambda: 2 not in app.shards.owned)
            await app.consumer.rebalance({0, 1})
            await until(lambda: set(app.shards.owned) == {0, 1})
        assert ("cart", 2) not in ledger.applied()
        assert contiguous(ledger)

    asyncio.run(main())


def again(broker: MemoryBroker, begin: int, first: int) -> list[int]:
    """Offsets from `begin` to `first`, and from `begin` again to the end."""
    return [*range(begin, first), *range(begin, broker.log("cart", 0).end)]


def test_a_store_that_comes_back_empty_is_said_to_be_and_all_is_read_again(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        broker = new_broker(partitions=2)
        produce(broker, 50)
        async with running(new_app(broker, ledger)):
            await until(lambda: broker.lag(TOPICS) == 0)
            ledger.empty()
            produce(broker, 50)
            await until(lambda: broker.lag(TOPICS) == 0)
        assert "the store no longer knows shard 0 (nobody's): it came back without its data" in caplog.text
        assert "another worker" not in caplog.text
        assert ledger.applied() == {place: again(broker, 0, 50) for place in ledger.applied()}

    asyncio.run(main())


@pytest.mark.parametrize("begin", [0, 7])
@pytest.mark.parametrize("rebalance", [False, True])
def test_what_the_log_no_longer_holds_of_an_emptied_store_stops_the_worker(
    ledger: Ledger, begin: int, rebalance: bool
) -> None:
    """What was deleted before the first start was never counted, and is not missed."""

    async def main() -> None:
        broker = new_broker(partitions=1)
        produce(broker, 50)
        broker.log("cart", 0).trim(begin)
        async with running(new_app(broker, ledger)) as app:
            await until(lambda: broker.lag(TOPICS) == 0)
            ledger.empty()
            broker.log("cart", 0).trim(10)
            if rebalance:
                await app.consumer.rebalance({0})
            produce(broker, 50)
            await until(lambda: app.crash_reason)
            assert isinstance(app.crash_reason, RecordsLost)
            said = f"cart[0]: the store came back without its data, and {10 - begin} records that it had counted were"
            assert said in str(app.crash_reason)
        assert ledger.applied()["cart", 0] == list(range(begin, 50))

    asyncio.run(main())


def test_without_them_it_goes_on_where_that_is_asked_for(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        broker = new_broker(partitions=1)
        produce(broker, 50)
        async with running(new_app(broker, ledger, on_gap="skip")):
            await until(lambda: broker.lag(TOPICS) == 0)
            for _ in range(2):  # what is gone is missed once: then counting has begun anew
                ledger.empty()
                broker.log("cart", 0).trim(10)
                produce(broker, 50)
                await until(lambda: broker.lag(TOPICS) == 0)
        assert caplog.text.count("10 records that it had counted were deleted") == 1
        assert ledger.applied()["cart", 0] == [*range(50), *range(10, 100), *range(10, 150)]

    asyncio.run(main())


def test_a_log_of_which_nothing_was_counted_may_begin_anywhere(ledger: Ledger) -> None:
    """On a first start; and where a store is emptied that had counted none of its records."""

    async def main() -> None:
        broker = new_broker(partitions=1)
        async with running(new_app(broker, ledger)) as app:
            await until(lambda: app.shards.owned)
            broker.append("orders", 0, b"k", b"v")
            await until(lambda: broker.lag(TOPICS) == 0)
            ledger.empty()
            await app.shards.release()
            produce(broker, 50)
            broker.log("cart", 0).trim(10)
            await app.consumer.rebalance({0})
            await until(lambda: broker.lag(TOPICS) == 0)
        assert ledger.applied()["cart", 0] == list(range(10, 50))

    asyncio.run(main())


def test_an_older_copy_of_the_store_is_no_other_worker(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    class Numbered(FakeShard):
        """Its store counts batches, and one day is at an older one."""

        def claim(self) -> Any:
            self.seq = stored.pop()
            return super().claim()

    async def main() -> None:
        broker = new_broker(partitions=1)
        async with running(new_app(broker, ledger, lambda p, n: Numbered(p, TOPICS, ledger))) as app:
            await until(lambda: app.shards.owned)
            ledger.claim(0, "an older claim")
            produce(broker, 1)
            await until(lambda: broker.lag(TOPICS) == 0)
        assert "shard 0: the store is at batch 7, and was at 9" in caplog.text

    stored = [7, 9]
    asyncio.run(main())


def test_a_lost_chunk_is_read_again(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        broker = new_broker()
        async with running(new_app(broker, ledger)) as app:
            await until(lambda: len(app.shards.owned) == 4)
            dispatch, dropped = app.shards.dispatch, []

            def leaky(delivery: Any) -> None:
                if len(dropped) < 3 and delivery.chunk.partition == 1:
                    dropped.append(delivery)
                else:
                    dispatch(delivery)

            app.shards.dispatch = leaky
            for _ in range(20):
                produce(broker, 10)
                await asyncio.sleep(0.01)
            await until(lambda: broker.lag(TOPICS) == 0)
            assert len(dropped) == 3
        assert "expected 0; reading again from the store's offsets" in caplog.text
        assert contiguous(ledger)

    asyncio.run(main())


def test_chunks_from_before_a_seek_are_dropped(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    """They may still be in Faust's queue when the shard has been claimed again."""

    async def main() -> None:
        broker = new_broker(partitions=1)
        produce(broker, 10)
        async with running(new_app(broker, ledger)) as app:
            await until(lambda: broker.lag(TOPICS) == 0)
            before = app.shards.epoch(0)
            await app.consumer.rebalance({0})
            await until(lambda: app.shards.epoch(0) > before)
            app.shards.dispatch(Delivery(Chunk("cart", 0, 5, broker.log("cart", 0).read(5, 9)), before))
            produce(broker, 10)
            await until(lambda: broker.lag(TOPICS) == 0)
        assert contiguous(ledger)
        assert "reading again" not in caplog.text

    asyncio.run(main())


def test_a_chunk_fetched_while_its_shard_was_lost_is_dropped(ledger: Ledger) -> None:
    """A fetch may be under way when APPLY is refused, and be answered before the shard is claimed again."""

    async def main() -> None:
        broker = new_broker(partitions=1)
        produce(broker, 10)
        app = new_app(broker, ledger)
        assert app.consumer is app.shards.source
        await app.shards.renew()
        await app.shards.assign(app.shards.assignment, {0}, 1)
        app.shards.dispatch(Delivery(Chunk("cart", 0, 5, broker.log("cart", 0).read(5, 9)), app.shards.epoch(0)))
        async with running(app):
            await until(lambda: broker.lag(TOPICS) == 0)
        assert contiguous(ledger)

    asyncio.run(main())


def test_who_set_out_under_an_assignment_that_is_over_begins_nothing(ledger: Ledger) -> None:
    """The shard may be owned by then, and its claim not answered."""

    async def main() -> None:
        app = new_app(new_broker(partitions=1), ledger)
        assert app.consumer is app.shards.source
        await app.shards.renew()
        over = app.shards.assignment
        await app.shards.assign(over, {0}, 1)
        await app.shards.renew()
        claiming = asyncio.ensure_future(app.shards.assign(app.shards.assignment, {0}, 1))
        await asyncio.sleep(0)
        with pytest.raises(Leaving):
            app.shards.begin(over, {0: dict.fromkeys(TOPICS, 0)})
        with pytest.raises(Leaving):
            await app.shards.assign(over, {0}, 1)
        assert set(await claiming) == {0}
        await app.shards.release()

    asyncio.run(main())


def test_the_last_words_are_true(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    """Of three stops: with all done, though an earlier release had cut a batch off; with a batch cut off; and without
    the group's offsets."""
    broker = new_broker()
    caplog.set_level("INFO")

    async def stopped(act: Callable[[Any], Awaitable[None]]) -> str:
        app = new_app(broker, ledger, shards=FAST | {"patience": 0.1})
        async with running(app):
            await act(app)
        app.say_stopped()
        return caplog.messages[-1]

    async def cut_off(app: Any) -> None:
        await until(lambda: len(app.shards.owned) == 4)
        ledger.fail = [Unavailable("down")] * 1000
        broker.append("cart", 2, b"k", b"v")
        await until(lambda: len(ledger.fail) < 1000)

    async def done(app: Any) -> None:
        await cut_off(app)
        await app.shards.release()
        assert app.shards.cut_off == {2}
        ledger.fail.clear()
        await app.consumer.rebalance({0, 1, 2, 3})
        await until(lambda: broker.lag(TOPICS) == 0)

    async def behind(app: Any) -> None:
        await until(lambda: broker.lag(TOPICS) == 0)
        app.consumer.commit = partial(asyncio.sleep, 60)
        app.consumer.COMMIT_WITHIN = 0.05

    async def main() -> None:
        assert await stopped(done) == "stopped: everything committed"
        assert "not everything committed" in (said := await stopped(cut_off))
        assert "these shards: 2. Their next owner" in said
        ledger.fail.clear()
        assert "but Kafka did not take the group's offsets" in await stopped(behind)

    asyncio.run(main())


def test_a_stop_in_the_middle_of_a_rebalance_is_no_crash(ledger: Ledger) -> None:
    """Else several workers that are told to end at the same time would end with an error."""

    async def main() -> None:
        broker = new_broker()
        async with running(new_app(broker, ledger)) as app:
            await until(lambda: len(app.shards.owned) == 4)
            ledger.fail = [Unavailable("down")] * 1000
            await app.consumer.rebalance({0, 1})
            await until(lambda: len(ledger.fail) < 1000)
            assert app.rebalancing
        assert app.crash_reason is None

    asyncio.run(main())
