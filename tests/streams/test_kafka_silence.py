"""What counts as an answer of Kafka's: by a client whose fetches are given."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.structs import TopicPartition as Tp

from streams.transport.kafka import Consumer, Thread


def state(timestamp: int | None, position: bool = True, paused: bool = False) -> Any:
    """A partition whose last fetch was answered then (ms)."""
    return SimpleNamespace(timestamp=timestamp, has_valid_position=position, paused=paused)


class Client(Thread):
    """The thread, with partitions as the test says."""

    def __init__(self) -> None:
        self.states: dict[Tp, Any] = {}
        self.waiting: set[Tp] = set()
        self.there, self.looks = True, 0
        self._consumer = SimpleNamespace(_fetcher=SimpleNamespace(_records=self.waiting), assignment=self.states.keys)

    should_stop = False

    def _ensure_consumer(self) -> Any:
        return self._consumer

    def state(self, tp: Any) -> Any:
        return self.states[tp]

    async def look(self) -> bool:
        self.looks += 1
        return self.there


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def consumer(client: Client) -> Consumer:
    consumer: Consumer = Consumer.__new__(Consumer)
    consumer._thread = client
    return consumer


def missing(consumer: Consumer) -> str:
    return asyncio.run(consumer.missing())


CART, ORDERS = Tp("cart", 0), Tp("orders", 0)


def test_an_empty_fetch_is_an_answer(client: Client, consumer: Consumer) -> None:
    """Its time moves on; a partition that is not answered besides does no harm."""
    client.states[ORDERS] = state(None)
    for timestamp in range(5, 10):
        client.states[CART] = state(timestamp)
        assert missing(consumer) == ""
    assert client.looks == 0


def test_a_fetch_that_is_owed_is_silence_whatever_else_answers(client: Client, consumer: Consumer) -> None:
    client.states |= {CART: state(5), ORDERS: state(3)}
    assert missing(consumer) == ""
    client.waiting.add(ORDERS)
    assert missing(consumer) == "no fetch of an input is answered"
    assert client.looks == 0


@pytest.mark.parametrize(
    "why", ["nothing is assigned", "its records wait to be taken", "it has no position yet", "its batch is damaged"]
)
def test_where_no_fetch_is_asked_for_the_brokers_are_asked(client: Client, consumer: Consumer, why: str) -> None:
    """A worker that stands by; one whose shards are full, since Redis is away; one that claims its shards."""
    if why != "nothing is assigned":
        client.states[CART] = state(5, why != "it has no position yet", why == "its batch is damaged")
        client.waiting |= {CART} if why == "its records wait to be taken" else set()
        assert missing(consumer) == ""
    assert missing(consumer) == ""
    client.there = False
    assert missing(consumer) == "no broker tells where the topics are"
    assert client.looks == 2


def test_before_the_start_and_after_the_end_nothing_is_owed(client: Client, consumer: Consumer) -> None:
    client.there = False
    client._consumer._fetcher = None
    assert missing(consumer) == ""
    client._consumer = None
    assert missing(consumer) == ""
