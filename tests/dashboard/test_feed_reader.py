"""Readers of the feed: whatever is written, wherever one comes back, each output arrives once, in its shard's order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import cursor, feed_log
from dashboard.feed_reader import FeedReader
from dashboard.watch import Watcher
from sinks.look import FEED_LENGTH
from sinks.memory_store import MemoryStore
from tests.dashboard.shop_floor import SHARDS, Floor, by_shard

EVERY = 0.001
TIMES = st.lists(st.integers(0, 20), max_size=4)
STEPS = st.one_of(
    st.tuples(st.just("say"), st.integers(0, SHARDS - 1), TIMES),
    st.tuples(st.just("look"), st.integers(0, 1)),
    st.tuples(st.just("read")),
    st.tuples(st.just("return"), st.integers(0, 1), st.integers(0, 3)),
)


async def look(watcher: Watcher) -> None:
    """Let a process see what there is now."""
    await asyncio.sleep(3 * EVERY)
    await watcher.fresh()


class Reader:
    """A reader who may go to another process, with the cursor of the last output that arrived there."""

    def __init__(self, watcher: Watcher) -> None:
        self.at = FeedReader(watcher.log, watcher.reader)
        self.cursor = self.at.cursor
        self.ids: list[str] = []
        self.missed = False

    async def read(self, keep: int | None = None) -> None:
        """Read on; of what comes only the first `keep` arrive."""
        found = await self.at.read()
        items = found.items if keep is None else found.items[:keep]
        self.ids += [item.id for item in items]
        self.missed |= found.missed
        self.cursor = items[-1].cursor if items else self.at.cursor if keep is None else self.cursor

    def come_back(self, watcher: Watcher) -> None:
        """Go on at this process."""
        self.at = FeedReader(watcher.log, watcher.reader, cursor.read(self.cursor))


@pytest.fixture(autouse=True)
def _little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few outputs are kept in memory, so that the store is needed."""
    monkeypatch.setattr(feed_log, "KEPT", 5)


def watched(test: Callable[[Floor, list[Watcher]], object]) -> None:
    """Run a test with two processes over one store."""

    async def run() -> None:
        store = MemoryStore()
        floor = Floor(store)
        async with AsyncExitStack() as stack:
            watchers = [await stack.enter_async_context(Watcher(store, every=EVERY)) for _ in range(2)]
            for watcher in watchers:
                await look(watcher)
            await test(floor, watchers)  # type: ignore[misc]

    asyncio.run(run())


@given(st.lists(STEPS, max_size=25))
def test_each_output_arrives_once(steps: list[tuple[str, int, list[int]]]) -> None:
    async def follow(floor: Floor, watchers: list[Watcher]) -> None:
        reader = Reader(watchers[0])
        for step in steps:
            match step:
                case "say", partition, times:
                    floor.say(partition, *times)
                case "look", which:
                    await look(watchers[which])
                case ("read",):
                    await reader.read()
                case "return", which, keep:
                    await reader.read(keep)  # type: ignore[arg-type]
                    reader.come_back(watchers[which])
        await look(watchers[1])
        await reader.read()
        reader.come_back(watchers[1])
        await reader.read()
        assert by_shard(reader.ids) == {p: names for p, names in floor.said.items() if names}
        assert not reader.missed

    watched(follow)


def test_outputs_of_one_look_come_in_the_order_of_event_time_but_never_against_their_shards() -> None:
    async def follow(floor: Floor, watchers: list[Watcher]) -> None:
        reader = Reader(watchers[0])
        floor.say(0, 5, 1, 9)
        floor.say(1, 2, 7)
        await look(watchers[0])
        await reader.read()
        assert reader.ids == ["1/1/0", "0/1/0", "0/1/1", "1/1/1", "0/1/2"]

    watched(follow)


def test_a_cursor_whose_outputs_the_store_dropped_says_so_and_goes_on_with_the_oldest() -> None:
    async def follow(floor: Floor, watchers: list[Watcher]) -> None:
        reader = Reader(watchers[0])
        floor.say(0, 1)
        await look(watchers[0])
        await reader.read()
        for _ in range(FEED_LENGTH // 100 + 1):
            floor.say(0, *[2] * 100)
        await look(watchers[1])
        reader.come_back(watchers[1])
        await reader.read()
        assert reader.missed
        assert reader.ids[1:] == floor.said[0][-FEED_LENGTH:]

    watched(follow)


def test_a_cursor_of_another_store_begins_anew_and_says_so() -> None:
    async def follow(floor: Floor, watchers: list[Watcher]) -> None:
        floor.say(0, 1)
        await look(watchers[0])
        reader = Reader(watchers[0])
        reader.cursor = "0:77-3,1:88-0,2:0-0"
        reader.come_back(watchers[0])
        await reader.read()
        assert (reader.ids, reader.missed) == (["0/1/0"], True)
        floor.say(1, 4)
        await look(watchers[0])
        await reader.read()
        assert reader.ids == ["0/1/0", "1/1/0"]

    watched(follow)


def test_a_process_that_is_behind_another_tells_nothing_twice() -> None:
    async def follow(floor: Floor, watchers: list[Watcher]) -> None:
        reader = Reader(watchers[0])
        floor.say(0, 1)
        await look(watchers[0])
        await reader.read()
        stale = FeedReader(watchers[1].log, watchers[1].reader, cursor.read(reader.cursor))
        assert await stale.read() == ([], False)
        floor.say(0, 2)
        await look(watchers[1])
        assert [item.id for item in (await stale.read()).items] == ["0/2/0"]

    watched(follow)


@pytest.mark.parametrize(
    "text", ["", "x", "0:1", "0:1-", "0:1-2,", "0:1-2,0:3-4", "0:-1-2", "0:1-2\n", "٣:1-2", f"0:1-{2**64}"]
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        cursor.read(text)
