"""The open loop: rows go out when they are due; one that was held up holds up no other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bench import pace
from bench.traffic import NEW, Traffic
from kairos.config.settings import Settings
from models.kernel.events import ORDER


class World:
    """A clock that only passes while somebody sleeps or sends, and a producer that notes when it was called."""

    def __init__(self, stalls: dict[int, float]) -> None:
        self.now = 0.0
        self.stalls = stalls
        self.sent: list[float] = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def producer(self, **_: Any) -> World:
        return self

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, *_: Any, **__: Any) -> None:
        self.sent.append(round(self.now, 3))
        self.now += self.stalls.get(len(self.sent), 0.0)


@pytest.fixture
def sent(monkeypatch):
    def run(stalls):
        world = World(stalls)
        monkeypatch.setattr(pace, "AIOKafkaProducer", world.producer)
        monkeypatch.setattr(pace, "time", world)
        monkeypatch.setattr(pace.asyncio, "sleep", world.sleep)
        rows = Traffic().rows(100, 6, 1_000)
        asyncio.run(pace.send(Settings(brokers=("x:1",)), 8, rows))
        return world.sent

    return run


def test_each_row_at_its_time(sent):
    assert sent({}) == [1.0, 1.01, 1.02, 1.03, 1.04, 1.05]


def test_after_a_stall_the_schedule_stays(sent):
    assert sent({2: 0.025}) == [1.0, 1.01, 1.035, 1.035, 1.04, 1.05]


def test_every_order_is_a_new_shoppers():
    traffic = Traffic()
    rows = [row for rate in (200, 1_000) for row in traffic.rows(rate, 4_000, 5)]
    orders = [key for _, role, key, _ in rows if role == ORDER]
    assert len(set(orders)) == len(orders) > 300
    assert all(key.startswith(NEW) for key in orders)
    assert not any(key.startswith(NEW) for _, role, key, _ in rows if role != ORDER)
    assert len({value for *_, value in rows}) == len(rows)


def test_endless_traffic_ends_when_it_is_over():
    sent = pace.Sent(Traffic().rows(100, 1_000_000, 0))
    rows = []
    for row in sent:
        rows.append(row)
        if len(rows) == 7:
            sent.over.set()
    assert sent.events == len(rows) == 7
