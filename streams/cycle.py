"""The cycle of a worker: what costs is the turn and not the event, so all shards that have something to do share one.

    shards that ask ─┐  gather   ┌─ one thread: plan all ─▶ one trip ─▶ fold all ─▶ one trip of commits ─┐
    shard 3, 5, 7 ───┴──────────▶┘                                                                       └─▶ each goes
                                                                                                             on alone

Turns begin at least `gather` apart, so that what comes meanwhile travels with the next one; after a quiet time nobody
waits. A turn takes a bounded number of records, which the shards in it share: one with a backlog takes more when it is
alone, and holds up the others by no more than its part. Each shard is fenced, committed and published by itself; one
that fails, or that the store does not answer, leaves the turn and the others go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import Executor
from typing import Any, Protocol

from sinks.store import Store
from streams.work import Work, together

BUDGET, LEAST = 2_000, 100
"""Records that all shards of a turn may take together, and that each may take at least: a turn of many is longer."""
AT_A_TIME = 2
"""Turns at the same time: with a backlog one folds while the other one waits for the store."""


class Stepped(Protocol):
    """A shard that is stepped in turns."""

    @property
    def partition(self) -> int:
        """Which one."""

    @property
    def store(self) -> Store:
        """Where its state lives: the same for all shards of a cycle."""

    def work(self, most: int) -> Work:
        """One step, of at most so many records."""


Turn = list[tuple[Stepped, "asyncio.Future[bool]"]]


class Cycle:
    """Steps shards together.

    Parameters
    ----------
    threads
        Where turns run.
    gather
        Seconds from the beginning of a turn to that of the next, at least.
    """

    def __init__(self, threads: Executor, gather: float = 0.0) -> None:
        self._threads = threads
        self._gather = gather
        self._waiting: Turn = []
        self._slots = asyncio.Semaphore(AT_A_TIME)
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening = False
        self._begun = 0.0

    async def step(self, shard: Stepped) -> bool:
        """Step a shard in the next turn. Returns and raises what its work does."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((shard, future))
        if not self._opening:
            self._opening = True
            self._start(self._open())
        return await future

    def _start(self, act: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(act, name="cycle")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open(self) -> None:
        """Begin the next turn, when it is time and a place is free, with all who have asked by then."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._begun + self._gather - loop.time()))
        await self._slots.acquire()
        self._begun = loop.time()
        turn, self._waiting, self._opening = self._waiting, [], False
        self._start(self._take(turn))

    async def _take(self, turn: Turn) -> None:
        """One turn: what each shard's work returns or raises is its own."""
        turn = [(shard, future) for shard, future in turn if not future.done()]
        shards = [shard for shard, _ in turn]
        try:
            outcomes = await asyncio.get_running_loop().run_in_executor(self._threads, _turn, shards)
        except Exception as error:
            outcomes = [error] * len(turn)
        finally:
            self._slots.release()
        for (_, future), outcome in zip(turn, outcomes, strict=True):
            if future.done():
                continue  # its shard was given up meanwhile
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)


def _turn(shards: Sequence[Stepped]) -> list[bool | Exception]:
    """In the thread: step these shards."""
    if not shards:
        return []
    most = max(BUDGET // len(shards), LEAST)
    return together(shards[0].store, [(shard.partition, shard.work(most)) for shard in shards])
