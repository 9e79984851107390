"""Redis goes away and comes back, with all, with less, or with nothing; the page goes on, and says what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import ClientSession
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from dashboard.looker import UNREADABLE
from dashboard.watch import Watcher
from sinks.memory_store import MemoryStore
from sinks.redis_reader import RedisReader
from sinks.redis_store import RedisStore
from tests.dashboard.shop_floor import Floor, by_shard
from tests.dashboard.viewer import EVERY, Viewer, page
from tests.integration.servers import RedisServer
from tests.sinks.batches import batch

pytestmark = pytest.mark.servers


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer(appendonly="yes", appendfsync="always") as server:
        yield server


def client(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=1.0, retry=Retry(NoBackoff(), 0))


async def until_told(watcher: Watcher, problem: bool) -> str:
    """What a snapshot says is wrong, once it says that something is, or nothing."""
    async with asyncio.timeout(10):
        while True:
            snapshot = await watcher.fresh()
            if bool(snapshot.problem) == problem:
                return snapshot.problem
            await asyncio.sleep(EVERY)


async def refused(http: ClientSession, url: str) -> dict[str, Any]:
    """The problem of an answer, once there is one."""
    while True:
        async with http.get(url) as response:
            if response.status == 503:
                assert response.headers["Retry-After"] == "2"
                return dict(await response.json(content_type=None))
        await asyncio.sleep(EVERY)


def test_away_and_back_nothing_is_lost(redis: RedisServer) -> None:
    async def follow() -> None:
        floor, viewer = Floor(RedisStore(client(redis.url))), Viewer()
        floor.say(0, 1, stats={"events": 7})
        async with page(RedisReader(client(redis.url))) as (http, api):
            reading = asyncio.create_task(viewer.read(http, f"{api}/feed?after=0:0-0", 7))
            await viewer.begun.wait()
            redis.stop()
            problem = await refused(http, f"{api}/now")
            assert (problem["detail"], problem["status"]) == ("Redis does not answer", 503)
            redis.start()
            for partition in (0, 1, 2):
                floor.say(partition, 1, 2)
            await reading
            async with http.get(f"{api}/ready") as response:
                assert response.status == 200
        assert by_shard(viewer.ids) == floor.said
        assert {event for event, _ in viewer.events} == {"output"}

    asyncio.run(follow())


def test_what_was_seen_stays_while_it_is_away(redis: RedisServer) -> None:
    async def follow() -> None:
        floor = Floor(RedisStore(client(redis.url)))
        floor.say(0, 1, stats={"events": 7})
        async with Watcher(RedisReader(client(redis.url)), every=EVERY) as watcher:
            seen = await watcher.fresh()
            redis.stop()
            assert await until_told(watcher, True) == "Redis does not answer"
            assert watcher.snapshot is not None
            assert (watcher.snapshot.summary, watcher.snapshot.at) == (seen.summary, watcher.snapshot.at)
            assert watcher.snapshot.summary.counts["events"] == 7
            redis.start()
            await until_told(watcher, False)
            assert watcher.snapshot.summary.counts["events"] == 7

    asyncio.run(follow())


def test_it_may_be_away_from_the_beginning(redis: RedisServer) -> None:
    redis.stop()

    async def follow() -> None:
        async with Watcher(RedisReader(client(redis.url)), every=EVERY) as watcher:
            snapshot = await watcher.fresh()
            assert (snapshot.at, snapshot.shards, bool(snapshot.problem)) == (0, (), True)
            redis.start()
            await until_told(watcher, False)

    asyncio.run(follow())


def test_back_without_its_data(redis: RedisServer) -> None:
    async def follow() -> None:
        connection = client(redis.url)
        floor = Floor(RedisStore(connection))
        floor.say(0, 1, 2, stats={"events": 9})
        async with Watcher(RedisReader(client(redis.url)), every=EVERY) as watcher:
            await watcher.fresh()
            connection.flushall()
            while watcher.snapshot is None or watcher.snapshot.shards:
                await watcher.fresh()
            assert watcher.snapshot.summary.counts["events"] == 0
            again = Floor(RedisStore(connection), shards=5)
            again.say(4, 3, stats={"events": 1})
            while len(watcher.snapshot.shards) != 5 or not watcher.feed:
                await watcher.fresh()
            assert [item.id for item in watcher.feed] == ["4/1/0"]
            assert watcher.log.cursor == "0:0-0,1:0-0,2:0-0,3:0-0,4:1-0"

    asyncio.run(follow())


def test_a_wrong_password_is_told_and_no_password(redis: RedisServer) -> None:
    with client(redis.url) as connection:
        connection.config_set("requirepass", "right-one")
    url = redis.url.replace("redis://", "redis://:wrong-one@")

    async def follow() -> str:
        async with Watcher(RedisReader(client(url)), every=EVERY) as watcher:
            return await until_told(watcher, True)

    told = asyncio.run(follow())
    assert "REDIS_URL" in told
    assert "wrong-one" not in told
    assert "right-one" not in told


def test_what_cannot_be_read_is_told_and_read_once_it_can_be() -> None:
    async def follow() -> None:
        store = MemoryStore()
        floor = Floor(store)
        store.apply(1, "t", 1, batch(shard=b"\xc1 no msgpack", feed=[]))
        async with Watcher(store, every=EVERY) as watcher:
            assert await until_told(watcher, True) == UNREADABLE
            floor.seqs[1] = 1
            floor.say(1, 5, shard=b"")
            await until_told(watcher, False)
            assert [item.id for item in watcher.feed] == ["1/2/0"]

    asyncio.run(follow())
