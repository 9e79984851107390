"""Waiting for workers: until every record that was written is committed, and time is at the final tick."""

from __future__ import annotations

import pytest

from kairos.replay import wait as waiting
from kairos.replay.wait import Written, wait
from sinks.memory_store import MemoryStore
from sinks.shard_state import ShardState

ENDS = {("cart", 0): 5, ("orders", 0): 3, ("cart", 1): 2}


class Worker(MemoryStore):
    """Two shards that get a step further each time somebody looks, by a script."""

    def __init__(self, *steps: tuple[dict[str, int], int]) -> None:
        super().__init__()
        self._steps = list(steps)
        self.looks = 0

    def partitions(self) -> int:
        return 2

    def shard(self, partition: int) -> bytes:
        state = ShardState(watermark=self._steps[self.looks][1]) if partition == 0 else ShardState(watermark=100)
        return state.encode()

    def offsets(self, partition: int) -> dict[str, int]:
        if partition == 1:
            return {"cart": 9}
        self.looks += 1
        return self._steps[self.looks - 1][0]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "POLL", 0)
    monkeypatch.setattr(waiting, "HINT", 0)


def test_it_ends_with_the_last_record_and_the_final_tick() -> None:
    worker = Worker(
        ({}, 0),
        ({"cart": 5}, 100),  # time was there before: nothing of orders is folded
        ({"cart": 5, "orders": 2}, 100),
        ({"cart": 5, "orders": 3}, 99),  # all is folded, but not all that was due has fired
        ({"cart": 6, "orders": 7}, 100),
    )
    wait(worker, 2, Written(ENDS, 100), lambda _: None)
    assert worker.looks == 5


def test_what_was_forwarded_is_waited_for() -> None:
    class Forwarding(Worker):
        """Three records are forwarded; with each look at the shard where they go one more has come."""

        taken = 0

        def stats(self, partition: int) -> dict[str, str]:
            if partition == 0:
                return {"forwarded": "3"}
            self.taken += 1
            return {"forward_taken": str(self.taken)}

    worker = Forwarding(({"cart": 5, "orders": 3}, 100))
    wait(worker, 2, Written(ENDS, 100), lambda _: None)
    assert worker.taken == 3


def test_where_nothing_moves_it_says_what_is_behind() -> None:
    said: list[str] = []
    stuck = ({"cart": 5, "orders": 1}, 100)
    wait(Worker(stuck, stuck, stuck, ({"cart": 5, "orders": 3}, 100)), 2, Written(ENDS, 100), said.append)
    assert said[0].startswith("waiting: 1 of 2 shards are not through, such as orders[0] at record 1 of 3; is `kairos")
