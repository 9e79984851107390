"""What the live page costs: Redis, and the page's own process, by how many watch.

`kairos dashboard` over a Redis with keys of a million shoppers and eight busy shards; viewers are streams over HTTP of
the view *Now*. The same windows without viewers, and without the page, are what is subtracted.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from aiohttp import ClientSession, ClientTimeout, TCPConnector
from msgspec import Struct
from redis import Redis
from rich.console import Console

from bench.filled import fill
from bench.process import cpu, resident
from bench.progress import progress
from bench.servers import Servers
from bench.sizes import Sizes
from bench.stream import END
from bench.worker import WorkerFailed
from sinks.redis_store import RedisStore

SHARDS = 8
NAMESPACE = "page"
READS = ("get", "hget", "hgetall", "xrange", "zcard", "zcount")
"""What a look calls, and no batch of the busy shards."""
SETTLES = 3.0
"""Seconds before a window, in which viewers get their first page."""


class Watched(Struct, frozen=True):
    """A window with so many viewers: shares of a core that Redis used for the page, by its own count of the page's
    commands, and in all less what it used without the page; share that the page's process used; its memory (MiB);
    looks a second; bytes a second that a viewer got."""

    viewers: int
    commands: float
    redis: float
    page: float
    resident: float
    looks: float
    bytes: float

    @property
    def redis_cost(self) -> float:
        """What is held against the goal: the larger of the two shares."""
        return max(self.commands, self.redis)


class Page(Struct, frozen=True):
    """Keys of so many shoppers, seconds of a window, and what was found by viewers."""

    shoppers: int
    seconds: int
    windows: tuple[Watched, ...]


def measure(ours: Servers, sizes: Sizes, console: Console) -> Page:
    """Each number of viewers. WorkerFailed if the page does not start."""
    with ours.client() as redis:
        redis.flushall(asynchronous=True)
        with progress(console, f"page: writing {sizes.watched:,} shoppers", sizes.watched) as show:
            fill(RedisStore(redis, NAMESPACE), SHARDS, sizes.watched, END, show)
        with _busy(ours):
            return asyncio.run(_windows(ours, redis, sizes, console))


async def _windows(ours: Servers, redis: Redis, sizes: Sizes, console: Console) -> Page:
    alone = await _window(ours, redis, sizes.watching)
    found = []
    with _page(ours) as (pid, url):
        for viewers in sizes.viewers:
            async with _viewers(url, viewers) as got:
                before = sum(got)
                used = await _window(ours, redis, sizes.watching, pid)
                a_viewer = (sum(got) - before) / max(1, viewers) / sizes.watching
            redis_share = used.redis - alone.redis
            found.append(Watched(viewers, used.commands, redis_share, used.page, resident(pid), used.looks, a_viewer))
            said = f"page: {viewers} viewers: Redis {used.commands:.2%} ({redis_share:.2%}), itself {used.page:.2%}"
            console.print(said, highlight=False)
    return Page(sizes.watched, sizes.watching, tuple(found))


class _Used(Struct, frozen=True):
    """Shares of a core in a window, and looks a second."""

    commands: float
    redis: float
    page: float
    looks: float


async def _window(ours: Servers, redis: Redis, seconds: int, page: int | None = None) -> _Used:
    await asyncio.sleep(SETTLES)
    redis.config_resetstat()
    before = cpu(ours.redis_pid), cpu(page) if page else 0.0
    await asyncio.sleep(seconds)
    after = cpu(ours.redis_pid), cpu(page) if page else 0.0
    called = {name.removeprefix("cmdstat_"): stat for name, stat in redis.info("commandstats").items()}
    spent = sum(called[name]["usec"] for name in READS if name in called) / 1e6
    looks = called.get("hget", {"calls": 0})["calls"] / SHARDS
    shares = [(b - a) / seconds for a, b in zip(before, after, strict=True)]
    return _Used(spent / seconds, shares[0], shares[1], looks / seconds)


@asynccontextmanager
async def _viewers(url: str, count: int) -> AsyncIterator[list[int]]:
    """So many streams of the view; the bytes that each got."""
    got = [0] * count

    async def watch(http: ClientSession, number: int) -> None:
        async with http.get(f"{url}live/now") as response:
            async for chunk in response.content.iter_any():
                got[number] += len(chunk)

    connector = TCPConnector(limit=0)
    async with ClientSession(connector=connector, timeout=ClientTimeout(total=None)) as http:
        tasks = [asyncio.create_task(watch(http, number)) for number in range(count)]
        try:
            yield got
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    if count and not all(got):
        raise WorkerFailed(f"{got.count(0)} of {count} viewers got nothing")


@contextmanager
def _busy(ours: Servers) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.busy_shards", ours.redis, NAMESPACE, str(SHARDS)]
    with _started(command, dict(os.environ), "busy"):
        yield


@contextmanager
def _page(ours: Servers) -> Iterator[tuple[int, str]]:
    settings = {"REDIS_URL": ours.redis, "KAIROS_NAMESPACE": NAMESPACE, "KAIROS_DASHBOARD_PORT": "0"}
    command = [sys.executable, "-c", "from kairos.commands.cli import main; main()", "dashboard"]
    with _started(command, dict(os.environ) | settings, "page: ") as (process, said):
        yield process.pid, said.removeprefix("page: ").strip()


@contextmanager
def _started(command: list[str], env: dict[str, str], ready: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that says when it has begun, and ends with this."""
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            if not said.startswith(ready):
                raise WorkerFailed(f"{command[2]} did not start")
            yield process, said
        finally:
            process.send_signal(signal.SIGTERM)
