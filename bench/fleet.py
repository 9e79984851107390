"""Two workers that share the shards, of which one is killed: what Redis then tells, and when."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import NamedTuple

from redis import Redis

from bench.worker import Process, WorkerFailed
from sinks.keys import shard_keys

POLL = 0.01
STABLE = 3.0
"""Seconds without another claim after which a group counts as settled."""
PATIENCE = 60.0
TAKEN = 1.0
"""A shard that commits within so many seconds of the kill was not the dead worker's."""

Start = Callable[[], AbstractContextManager[Process]]


class Own(NamedTuple):
    """Who has a shard (the token of the claim), and how many batches were committed."""

    token: bytes
    seq: int


def owners(redis: Redis, namespace: str, shards: int) -> list[Own]:
    """Of each shard; of one that nobody has claimed yet the token is empty."""
    with redis.pipeline(transaction=False) as pipe:
        for shard in range(shards):
            pipe.hmget(shard_keys(namespace, shard).own, "token", "seq")
        return [Own(token or b"", int(seq or 0)) for token, seq in pipe.execute()]


class Takeover(NamedTuple):
    """Seconds from the kill until the last of the dead worker's `shards` was claimed, and had committed."""

    claimed: float
    committed: float
    shards: int


class Fleet:
    """Workers of one group; `start` makes one, `stack` ends them."""

    def __init__(self, redis: Redis, namespace: str, shards: int, stack: ExitStack, start: Start) -> None:
        self._redis, self._stack, self._start = redis, stack, start
        self._namespace, self._shards = namespace, shards
        self._processes: list[Process] = []

    def takeover(self) -> Takeover:
        """Let two workers settle, kill the older one, and wait until each shard has committed. Raises WorkerFailed."""
        while len(self._processes) < 2:
            before = self._owners()
            self._processes.append(self._stack.enter_context(self._start()))
            self._settle(before)
        dead = self._processes.pop(0)
        began = time.perf_counter()
        dead.kill()
        dead.wait()
        return self._taken(began)

    def _taken(self, began: float) -> Takeover:
        before = self._owners()
        claimed, committed = dict[int, float](), dict[int, float]()
        while len(committed) < len(before):
            self._wait(began)
            passed = time.perf_counter() - began
            for shard, (old, new) in enumerate(zip(before, self._owners(), strict=True)):
                if new.token != old.token:
                    claimed.setdefault(shard, passed)
                if new.seq != old.seq:
                    committed.setdefault(shard, passed)
        return takeover(claimed, committed)

    def _settle(self, before: Sequence[Own]) -> None:
        """Wait until a newcomer has claimed shards, nobody claims any more, and every shard commits."""
        began = since = time.perf_counter()
        claims = self._owners()
        while True:
            self._wait(began)
            now = self._owners()
            if [own.token for own in now] != [own.token for own in claims]:
                since, claims = time.perf_counter(), now
            moved = all(new.seq > old.seq for new, old in zip(now, claims, strict=True))
            joined = any(new.token != old.token for new, old in zip(now, before, strict=True))
            if joined and moved and time.perf_counter() - since > STABLE:
                return

    def _owners(self) -> list[Own]:
        return owners(self._redis, self._namespace, self._shards)

    def _wait(self, began: float) -> None:
        if time.perf_counter() - began > PATIENCE:
            raise WorkerFailed(f"the workers did not settle within {PATIENCE:.0f} s")
        for process in self._processes:
            if process.poll() is not None:
                raise WorkerFailed(f"a worker ended with code {process.returncode}")
        time.sleep(POLL)


def takeover(claimed: dict[int, float], committed: dict[int, float]) -> Takeover:
    """When the shards were taken over that stood still. The survivor may claim its own anew, and goes on at once.

    >>> takeover({0: 5.0, 1: 5.5, 2: 5.6}, {0: 5.2, 1: 6.0, 2: 0.1})
    Takeover(claimed=5.5, committed=6.0, shards=2)
    """
    dead = [shard for shard, seconds in committed.items() if seconds > TAKEN]
    if not dead:
        raise WorkerFailed("no shard stood still: the dead worker had none")
    return Takeover(max(claimed[shard] for shard in dead), max(committed[shard] for shard in dead), len(dead))
