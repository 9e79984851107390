"""A store that fails: before a call took effect, or after it did and the answer was lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from sinks.memory_store import MemoryStore
from sinks.requests import answer_each
from sinks.store import Applied, Claim, Commit, Refused, Request, Unavailable
from streams.faults import Faults, Point

T = TypeVar("T")


class Crash(Exception):
    """The worker is gone; nothing of it is left but what it committed and published."""


class Misfortune:
    """How often what goes wrong. Set `calm` to let things go well from here on."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.calm = False
        self.failures = rng.choice([0, 0.02, 0.1, 0.3])
        self.crashes = rng.choice([0, 0.05, 0.2])
        self.seen: set[str] = set()

    def strikes(self, rate: float, what: str) -> bool:
        """Whether it happens now."""
        if self.calm or self.rng.random() >= rate:
            return False
        self.seen.add(what)
        return True


class CrashingFaults(Faults):
    """Fault points at which a worker crashes at random."""

    def __init__(self, misfortune: Misfortune) -> None:
        super().__init__()
        self.misfortune = misfortune

    def at(self, point: Point) -> None:
        if self.misfortune.strikes(self.misfortune.crashes, point):
            raise Crash(point)


class FlakyStore:
    """Implements `sinks.store.Store` over a good one."""

    def __init__(self, store: MemoryStore, misfortune: Misfortune) -> None:
        self.store, self.misfortune = store, misfortune

    def _try(self, name: str, call: Callable[[], T]) -> T:
        fate = self.misfortune
        if fate.strikes(fate.failures / 3, f"{name} refused"):
            raise Refused(name)
        if fate.strikes(fate.failures / 3, f"{name} lost"):
            raise Unavailable(name)
        result = call()
        if fate.strikes(fate.failures / 3, f"{name} unanswered"):
            raise Unavailable(name)
        return result

    def claim(self, partition: int, token: str, *, schema: int, partitions: int) -> Claim:
        return self._try("claim", lambda: self.store.claim(partition, token, schema=schema, partitions=partitions))

    def owned(self, partition: int, token: str) -> bool:
        return self._try("owned", lambda: self.store.owned(partition, token))

    def load(self, partition: int, users: Sequence[str]) -> list[bytes | None]:
        return self._try("load", lambda: self.store.load(partition, users))

    def due(self, partition: int, start: int, before: int, limit: int) -> list[tuple[int, str]]:
        return self._try("due", lambda: self.store.due(partition, start, before, limit))

    def shard(self, partition: int) -> bytes:
        return self._try("shard", lambda: self.store.shard(partition))

    def frozen(self, partition: int, table: str, version: int) -> tuple[bytes | None, bytes]:
        return self._try("frozen", lambda: self.store.frozen(partition, table, version))

    def table(self, name: str, version: int) -> bytes | None:
        return self._try("table", lambda: self.store.table(name, version))

    def keep_table(self, name: str, version: int, value: bytes) -> bytes:
        return self._try("keep_table", lambda: self.store.keep_table(name, version, value))

    def apply(self, partition: int, token: str, seq: int, commit: Commit) -> Applied:
        return self._try("apply", lambda: self.store.apply(partition, token, seq, commit))

    def together(self, requests: Sequence[tuple[int, Request]]) -> list[Any]:
        return answer_each(self, requests)
