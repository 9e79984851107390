"""Turns of the cycle: who shares one, when it begins, how much each takes, and that one's failure is its own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.memory_store import MemoryStore
from sinks.store import Apply, Due, Load, Request, Unavailable
from streams import cycle
from streams.cycle import Cycle
from streams.work import together


class Counting(MemoryStore):
    """Notes each trip; answers of `fails` are errors."""

    def __init__(self, fails: frozenset[int] = frozenset()) -> None:
        super().__init__()
        self.fails = fails
        self.trips: list[list[tuple[int, str]]] = []

    def together(self, requests: Sequence[tuple[int, Request]]) -> list[Any]:
        self.trips.append([(partition, type(request).__name__) for partition, request in requests])
        return [Unavailable("no answer") if partition in self.fails else partition for partition, _ in requests]


class Asking:
    """Asks for some things, and then for a commit."""

    def __init__(self, partition: int, store: MemoryStore, asks: Sequence[Request] = (), raises: bool = False) -> None:
        self.partition, self.store = partition, store
        self.asks, self.raises = asks, raises
        self.most = 0
        self.answers: list[Any] = []

    def work(self, most: int) -> Generator[Request, Any, bool]:
        self.most = most
        for ask in self.asks:
            self.answers.append((yield ask))
        if self.raises:
            raise ValueError(self.partition)
        self.answers.append((yield Apply("token", 1, None)))  # type: ignore[arg-type]
        return True


LOAD, DUE = Load(["u"]), Due(0, 1, 1)


def stepped(workers: Sequence[Asking], gather: float = 0.0) -> list[Any]:
    """All ask at once."""

    async def main() -> list[Any]:
        with ThreadPoolExecutor(2) as threads:
            shared = Cycle(threads, gather)
            return await asyncio.gather(*(shared.step(worker) for worker in workers), return_exceptions=True)

    return asyncio.run(main())


def test_shards_that_ask_at_once_share_a_trip_of_reads_and_one_of_commits() -> None:
    store = Counting()
    workers = [Asking(0, store), Asking(1, store, [LOAD]), Asking(2, store, [DUE, LOAD])]
    assert stepped(workers) == [True, True, True]
    assert store.trips == [[(1, "Load"), (2, "Due")], [(2, "Load")], [(0, "Apply"), (1, "Apply"), (2, "Apply")]]
    assert [worker.answers for worker in workers] == [[0], [1, 1], [2, 2, 2]]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=9),
    st.frozensets(st.integers(0, 8)),
)
def test_what_befalls_one_is_no_business_of_the_others(shapes: list[tuple[int, bool]], fails: frozenset[int]) -> None:
    store = Counting(fails)
    workers = [Asking(p, store, [LOAD] * asks, raises) for p, (asks, raises) in enumerate(shapes)]
    outcomes = together(store, [(worker.partition, worker.work(1)) for worker in workers])
    for worker, (asks, raises), outcome in zip(workers, shapes, outcomes, strict=True):
        if worker.partition in fails and (asks or not raises):
            assert isinstance(outcome, Unavailable)
        elif raises:
            assert isinstance(outcome, ValueError)
        else:
            assert outcome is True
            assert worker.answers == [worker.partition] * (asks + 1)
    commits = [trip for trip in store.trips if any(kind == "Apply" for _, kind in trip)]
    assert len(commits) <= 1


def test_a_turn_is_shared_out_among_those_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cycle, "BUDGET", 100)
    monkeypatch.setattr(cycle, "LEAST", 10)
    store = Counting()
    workers = [Asking(p, store) for p in range(8)]
    stepped(workers)
    assert {worker.most for worker in workers} == {12}
    stepped(workers[:1])
    assert workers[0].most == 100
    workers = [Asking(p, store) for p in range(20)]
    stepped(workers)
    assert {worker.most for worker in workers} == {10}


def test_turns_begin_apart_and_nobody_waits_after_a_quiet_time() -> None:
    store, begun = Counting(), list[float]()

    class Timed(Asking):
        def work(self, most: int) -> Generator[Request, Any, bool]:
            begun.append(time.monotonic())
            return super().work(most)

    async def main() -> None:
        with ThreadPoolExecutor(1) as threads:
            shared = Cycle(threads, 0.4)
            asked = time.monotonic()
            await shared.step(Timed(0, store))
            late = [asyncio.create_task(shared.step(Timed(p, store))) for p in (1, 2)]
            await asyncio.gather(*late)
            assert len(store.trips) == 2
            assert begun[0] - asked < 0.3
            assert begun[1] - begun[0] > 0.3
            await asyncio.sleep(0.5)
            asked = time.monotonic()
            await shared.step(Timed(0, store))
            assert begun[-1] - asked < 0.3

    asyncio.run(main())


def test_who_was_given_up_meanwhile_holds_nobody_up() -> None:
    store, inside, go = Counting(), threading.Event(), threading.Event()

    class Slow(Asking):
        def work(self, most: int) -> Generator[Request, Any, bool]:
            inside.set()
            go.wait(5)
            return super().work(most)

    async def main() -> None:
        with ThreadPoolExecutor(1) as threads:
            shared = Cycle(threads)
            slow, other = Slow(0, store), Asking(1, store)
            first = asyncio.create_task(shared.step(slow))
            second = asyncio.create_task(shared.step(other))
            await asyncio.to_thread(inside.wait, 5)
            third = asyncio.create_task(shared.step(Asking(2, store)))
            await asyncio.sleep(0)
            first.cancel()
            third.cancel()
            go.set()
            assert await second
            assert await shared.step(Asking(3, store))
            assert {partition for trip in store.trips for partition, _ in trip} == {0, 1, 3}

    asyncio.run(main())


def test_one_turn_folds_while_another_one_waits_for_the_store() -> None:
    store, go = Counting(), threading.Event()
    inside: list[int] = []

    class Slow(Asking):
        def work(self, most: int) -> Generator[Request, Any, bool]:
            inside.append(self.partition)
            go.wait(5)
            return super().work(most)

    async def main() -> None:
        with ThreadPoolExecutor(4) as threads:
            shared, steps = Cycle(threads), list[asyncio.Task[bool]]()
            for partition in range(4):
                steps.append(asyncio.create_task(shared.step(Slow(partition, store))))
                await asyncio.sleep(0.05)
            assert inside == [0, 1]
            go.set()
            assert all(await asyncio.gather(*steps))
            assert len(store.trips) == 3  # the two that had to wait went together

    asyncio.run(main())
