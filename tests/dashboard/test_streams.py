"""Streams of the feed over HTTP, and what becomes of them while Redis, or the page, goes away and comes back."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from aiohttp import ClientSession

from dashboard import event_stream
from dashboard.watch import Watcher
from sinks.memory_store import MemoryStore
from tests.dashboard.shop_floor import Floor, by_shard
from tests.dashboard.viewer import EVERY, Viewer, page


def test_nothing_is_lost_or_told_twice_while_the_page_starts_again_and_again() -> None:
    async def follow() -> None:
        store = MemoryStore()
        floor, viewer, done = Floor(store), Viewer(), asyncio.Event()

        async def write() -> None:
            for number in range(120):
                floor.say(number % 3, *range(number % 4))
                await asyncio.sleep(0.005)
            done.set()

        async with page(store) as (http, api):
            await viewer.read(http, f"{api}/feed", 0)
            writing = asyncio.create_task(write())
        for wanted in (20, 60, 110, 150):
            async with page(store) as (http, api):
                await viewer.read(http, f"{api}/feed", wanted)
        await writing
        async with page(store) as (http, api):
            await viewer.read(http, f"{api}/feed", sum(map(len, floor.said.values())))
        assert by_shard(viewer.ids) == floor.said
        assert {event for event, _ in viewer.events} == {"output"}

    asyncio.run(follow())


def test_only_what_is_asked_for_and_the_cursor_moves_all_the_same() -> None:
    async def follow() -> None:
        store = MemoryStore()
        floor, viewer = Floor(store), Viewer()
        floor.say(0, 1)
        async with page(store) as (http, api):
            url = f"{api}/feed?topic=churn-alerts&after=0:0-0,1:0-0,2:0-0"
            await viewer.read(http, url, 0)
            assert (viewer.ids, viewer.id) == ([], "0:1-0,1:0-0,2:0-0")
            async with http.get(f"{api}/feed?format=json&user=u1&after=0:0-0") as response:
                found = await response.json()
                assert ([one["id"] for one in found["items"]], found["missed"]) == (["0/1/0"], False)

    asyncio.run(follow())


def test_pages_of_json_together_are_the_feed() -> None:
    async def follow() -> None:
        store = MemoryStore()
        floor, at, ids = Floor(store), "0:0-0,1:0-0,2:0-0", []
        for number in range(30):
            floor.say(number % 3, *range(4))
        async with page(store) as (http, api):
            while True:
                async with http.get(f"{api}/feed?format=json&limit=7&after={at}") as response:
                    found = await response.json()
                if not found["items"]:
                    break
                at = found["cursor"]
                ids += [one["id"] for one in found["items"]]
        assert by_shard(ids) == floor.said

    asyncio.run(follow())


def test_a_silent_stream_beats_and_ends_at_once_with_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT", 0.05)

    async def follow() -> float:
        store = MemoryStore()
        Floor(store)
        async with ClientSession() as http:
            async with page(store) as (_, api):
                response = await http.get(f"{api}/feed")
                assert response.headers["X-Accel-Buffering"] == "no"
                while await response.content.readline() != b": still here\n":
                    pass
                began = time.monotonic()
            await response.read()
            return time.monotonic() - began

    assert asyncio.run(follow()) < 1.0


def test_nobody_asks_and_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.watch.ASKED", 0.1)

    class Counted(MemoryStore):
        looks = 0

        def look(self, known: Any) -> Any:
            self.looks += 1
            return super().look(known)

    async def follow() -> None:
        store = Counted()
        async with Watcher(store, every=EVERY) as watcher:
            await asyncio.sleep(0.1)
            assert store.looks == 0
            await asyncio.gather(*(watcher.fresh() for _ in range(100)))
            assert store.looks <= 2
            await asyncio.sleep(0.3)
            looks = store.looks
            await asyncio.sleep(0.2)
            assert store.looks == looks

    asyncio.run(follow())
