"""Partitions that wait at a batch which cannot be decoded: when they are tried again, and how they are told."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError
from faust.types import TP

from streams.outages import Outages
from streams.transport.decoding_guard import DecodingGuard
from streams.transport.fetched import Undecodable
from streams.transport.waiting import RETRY, Waiting
from tests.clock import Clock

ORDERS, CART = TP("orders", 3), TP("cart", 0)
DAMAGED = Undecodable(17, CorruptRecordException("Invalid CRC"))


@pytest.fixture
def outages(clock: Clock) -> Outages:
    return Outages(clock=clock)


@pytest.fixture
def waiting(outages: Outages, clock: Clock) -> Waiting:
    return Waiting(outages, clock)


def problems(outages: Outages) -> list[str]:
    return [outage.problem for outage in outages if outage.problem]


def test_it_rests_between_two_attempts_and_is_told_once_a_minute(
    waiting: Waiting, outages: Outages, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(int(60 / RETRY)):
        assert not waiting.rests(ORDERS)
        waiting.met(ORDERS, DAMAGED)
        assert waiting.rests(ORDERS)
        assert not waiting.rests(CART)
        clock.now += RETRY
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith(
        "orders[3] waits at offset 17: its batch is damaged and cannot be decoded (Corr"
    )
    assert "`kairos skip orders 3` goes on without it; other partitions go on" in caplog.messages[0]
    waiting.met(ORDERS, DAMAGED)
    assert len(caplog.messages) == 2
    assert problems(outages) == [
        "orders[3] waits at offset 17: its batch is damaged and cannot be decoded, for 1 min 0 s"
    ]
    waiting.read(ORDERS)
    assert caplog.messages[2] == "orders[3] is read on, after 1 min 0 s"
    assert (problems(outages), waiting.rests(ORDERS)) == ([], False)


def test_a_missing_package_is_told_by_what_helps(waiting: Waiting, caplog: pytest.LogCaptureFixture) -> None:
    waiting.met(CART, Undecodable(0, UnsupportedCodecError("Libraries for zstd compression codec not found")))
    assert "cart[0] waits at offset 0: no package here decompresses its batch" in caplog.text
    assert "Libraries for zstd compression codec not found" in caplog.text
    assert "Install the packages of requirements.lock" in caplog.text
    assert "kairos skip" not in caplog.text


def test_a_seek_beyond_it_ends_it_and_one_to_it_tries_it_again(waiting: Waiting, outages: Outages) -> None:
    for position in (12, 17):
        waiting.met(ORDERS, DAMAGED)
        waiting.sought(ORDERS, position)
        assert (len(problems(outages)), waiting.rests(ORDERS)) == (1, False)
    waiting.sought(ORDERS, 18)
    assert problems(outages) == []


def test_the_next_bad_batch_is_another_one(waiting: Waiting, outages: Outages) -> None:
    waiting.met(ORDERS, DAMAGED)
    waiting.met(ORDERS, DAMAGED._replace(offset=30))
    assert [problem.partition(":")[0] for problem in problems(outages)] == ["orders[3] waits at offset 30"]


def test_what_is_assigned_no_more_is_nobodys_problem(
    waiting: Waiting, outages: Outages, caplog: pytest.LogCaptureFixture
) -> None:
    waiting.met(ORDERS, DAMAGED)
    waiting.clear()
    assert (problems(outages), waiting.rests(ORDERS), len(caplog.messages)) == ([], False, 1)


class State:
    """What aiokafka knows of a partition, as far as it is paused."""

    paused = False

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False


class Records:
    """One answer: records up to the first that cannot be decoded, as aiokafka's `PartitionRecords`."""

    def __init__(self, first: int, good: int, error: Exception | None) -> None:
        self.next_fetch_offset = first
        self._records_iterator = self._unpacked(good, error)

    def _unpacked(self, good: int, error: Exception | None) -> Any:
        for _ in range(good):
            self.next_fetch_offset += 1
            yield self.next_fetch_offset - 1
        if error:
            raise error


def test_each_partition_ends_at_its_own_bad_batch_after_the_records_before_it() -> None:
    states = {ORDERS: State(), CART: State()}
    answers = {ORDERS: Records(5, 3, ValueError("no varint")), CART: Records(0, 2, None)}

    async def process(*_: Any) -> bool:
        fetcher._records |= {tp: SimpleNamespace(_partition_records=records) for tp, records in answers.items()}
        fetcher._records[TP("cart", 9)] = SimpleNamespace()  # an error, as of an offset out of range
        return True

    fetcher = SimpleNamespace(_records={}, _proc_fetch_request=process)
    guard = DecodingGuard(fetcher)
    assignment = SimpleNamespace(state_value=states.__getitem__)
    for _ in range(2):  # guarded once, however often it is looked at
        assert asyncio.run(fetcher._proc_fetch_request(assignment, 1, None))
    assert [list(records._records_iterator) for records in answers.values()] == [[5, 6, 7], [0, 1]]
    found = guard.found()
    assert {tp: (one.offset, str(one.error)) for tp, one in found.items()} == {ORDERS: (8, "no varint")}
    assert guard.found() == {}
    assert (states[ORDERS].paused, states[CART].paused) == (True, False)
    guard.resume({CART})
    assert states[ORDERS].paused
    guard.resume({CART, ORDERS})
    assert not states[ORDERS].paused
