"""Timers of a batch: in the order of time and of the bytes of ids, whatever part of them the store told at once."""

from __future__ import annotations

from collections.abc import Generator
from heapq import heappop
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sinks.memory_store import MemoryStore
from sinks.store import Request
from streams.timers import FOREVER, Timers

IDS = st.text(st.sampled_from("aZ\x00é\ud7ff\uffff\U00010000\U0010ffff"), min_size=1, max_size=3)
DUES = st.integers(1, 6)


class SortedSet(MemoryStore):
    """A store of timers that sorts as Redis does: by score, then by the bytes of the member."""

    def __init__(self, dues: dict[str, int]) -> None:
        super().__init__()
        self.sorted = sorted((due, user.encode()) for user, due in dues.items())

    def due(self, partition: int, start: int, before: int, limit: int) -> list[tuple[int, str]]:
        return [(due, user.decode()) for due, user in self.sorted if start <= due < before][:limit]


def answered(store: MemoryStore, asks: Generator[Request, Any, list[str]]) -> list[str]:
    """What it comes to, once the store has answered all it asks."""
    answer = None
    while True:
        try:
            (answer,) = store.together([(0, asks.send(answer))])
        except StopIteration as end:
            return list(end.value)


@given(st.dictionaries(IDS, DUES, max_size=20), st.dictionaries(IDS, DUES), DUES, DUES, st.integers(1, 8))
def test_they_come_in_order_and_none_is_missing_up_to_the_horizon(
    stored: dict[str, int], made: dict[str, int], start: int, before: int, limit: int
) -> None:
    timers = Timers()
    users = answered(SortedSet(stored), timers.fetch(start, before, limit))
    told = {user: due for user, due in stored.items() if start <= due < before}
    known = {user: due for user, due in told.items() if due <= timers.horizon}
    assert sorted(users) == sorted(known)
    assert known == told or (len(known) >= limit and timers.horizon < FOREVER)
    for user, due in made.items():
        timers.push(due, user)
    popped = [heappop(timers.heap) for _ in range(len(timers.heap))]
    expected = sorted((due, user.encode()) for user, due in [*known.items(), *made.items()])
    assert [(due, user.encode()) for due, user in popped] == expected
