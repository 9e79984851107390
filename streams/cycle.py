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
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any, Protocol

from sinks.store import Store
from streams.work import Work, together

BUDGET = 4_000
"""Records that all shards of a turn may take together."""


class Worker(Protocol):
    """A shard as the cycle drives it."""

    @property
    def partition(self) -> int:
        """Which one."""

    @property
    def store(self) -> Store:
        """Where its state lives: the same for all shards of a cycle."""

    def work(self, most: int) -> Work:
        """One step, of at most so many records."""


Turn = Sequence[tuple[Worker, "asyncio.Future[bool]"]]


class Cycle:
    """Steps shards together.

    Parameters
    ----------
    threads
        Where turns run, one at a time.
    gather
        Seconds from the beginning of a turn to that of the next, at least.
    """

    def __init__(self, threads: Executor, gather: float = 0.0) -> None:
        self.turns = 0
        self._threads = threads
        self._gather = gather
        self._waiting: list[tuple[Worker, asyncio.Future[bool]]] = []
        self._running: asyncio.Task[None] | None = None
        self._begun = 0.0

    async def step(self, worker: Worker) -> bool:
        """Step a shard in the next turn. Returns and raises what its work does."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((worker, future))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run(), name="cycle")
        return await future

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            await asyncio.sleep(max(0.0, self._begun + self._gather - loop.time()))
            self._begun = loop.time()
            turn, self._waiting = self._waiting, []
            turn = [(worker, future) for worker, future in turn if not future.done()]
            try:
                outcomes: list[Any] = await loop.run_in_executor(self._threads, _turn, [worker for worker, _ in turn])
            except Exception as error:
                outcomes = [error] * len(turn)
            self.turns += 1
            for (_, future), outcome in zip(turn, outcomes, strict=True):
                if future.done():
                    continue  # its shard was given up meanwhile
                if isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)


def _turn(workers: Sequence[Worker]) -> list[bool | Exception]:
    """In the thread: step these shards."""
    if not workers:
        return []
    most = max(BUDGET // len(workers), 1)
    return together(workers[0].store, [(worker.partition, worker.work(most)) for worker in workers])
