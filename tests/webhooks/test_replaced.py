"""A process that others went on without, and that has not noticed: it sends nothing that they have settled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from models.kernel.outputs import Output
from sinks.webhooks.condition import Condition
from sinks.webhooks.courier import SURE, Courier
from sinks.webhooks.delivery_store import Claimed
from sinks.webhooks.endpoints import Endpoint
from sinks.webhooks.memory_deliveries import MemoryDeliveryStore
from sinks.webhooks.message import Entry, Place, Record
from sinks.webhooks.policy import Answer
from sinks.webhooks.preset import Request
from sinks.webhooks.queue import Queue
from sinks.webhooks.retracted import Retracted
from tests.examples.messages import closing, trigger
from tests.webhooks.histories import Nobody
from tests.webhooks.virtual import aside, run
from tests.webhooks.world import BEGIN

PLACE = Place("cart-abandonments", 0)
ENDPOINT = Endpoint(name="crm", url="https://crm.example/", topics=(PLACE.topic,))


class Town:
    """A log, a store, and a receiver that answers as told."""

    def __init__(self) -> None:
        self.log: list[Record] = []
        self.store = MemoryDeliveryStore()
        self.status = 200
        self.sent: list[tuple[str, str]] = []
        self.tasks: list[asyncio.Task[None]] = []

    def say(self, message: Output) -> None:
        self.log.append(Record(PLACE, len(self.log), b"", msgspec.json.encode(message)))


class Sends:
    """Implements `Source` and `Sender` for one process."""

    def __init__(self, town: Town, process: str) -> None:
        self.town, self.process = town, process

    async def read(self, positions: Mapping[Place, int], room: int) -> Sequence[Record]:
        await asyncio.sleep(0.1)
        return [record for at in positions.values() for record in self.town.log[at:]][:room]

    async def send(self, request: Request, within: int) -> Answer:
        await asyncio.sleep(0.01)
        self.town.sent.append((self.process, json.loads(request.body)["data"]["id"]))
        return Answer(self.town.status, why=f"answered {self.town.status}", exposed=True)


def now() -> int:
    return BEGIN + round(asyncio.get_running_loop().time() * 1000)


def late(_low: float, high: float) -> float:
    return high


async def bury(_endpoint: str, _entries: Sequence[Entry]) -> None:
    raise AssertionError


def process(town: Town, name: str) -> Courier:
    """One that sends, with what it knows of retractions."""
    queue, sends = Queue(ENDPOINT, Retracted(), Condition(), late), Sends(town, name)
    store: Any = town.store
    return Courier(queue, sends, sends, store, bury, now, Nobody(), aside)


async def begun(town: Town, name: str) -> Courier:
    """At work."""
    courier = process(town, name)
    await courier.claim(PLACE, name, 0)
    town.tasks.append(asyncio.create_task(courier.run()))
    return courier


def test_a_replaced_process_makes_no_further_attempt() -> None:
    town, left = Town(), trigger("u1", BEGIN)

    async def main() -> None:
        town.status = 500
        first = await begun(town, "first")
        town.say(left)
        await asyncio.sleep(2)
        second = await begun(town, "second")
        second.retract([left.id])
        second.queue._retracted.add(PLACE, [left.id])
        town.status = 200
        await asyncio.sleep(60)
        assert first.fenced == {PLACE}
        assert town.sent == [("first", left.id)]

    run(main())


def test_a_partition_that_goes_before_its_attempt_begins_leaves_nothing_behind() -> None:
    town = Town()
    town.say(trigger("u1", BEGIN))

    async def main() -> None:
        courier = process(town, "one")
        await courier.claim(PLACE, "one", 0)
        courier.queue.offer(town.log[0], BEGIN)
        courier.queue.lanes[PLACE].read = 1
        entry = courier.queue.take(BEGIN)
        assert entry is not None
        courier.queue.release(PLACE)
        await courier._attempt(entry)
        assert town.sent == []
        assert courier.queue._flying == [0, 0]

    run(main())


def test_nothing_is_sent_while_it_is_not_known_what_was_taken_back() -> None:
    town, left = Town(), trigger("u1", BEGIN)

    async def main() -> None:
        courier = await begun(town, "one")
        courier.looked = now() - SURE - 1
        town.say(left)
        await asyncio.sleep(30)
        assert town.sent == []
        courier.looked = now()
        await asyncio.sleep(2)
        assert town.sent == [("one", left.id)]

    run(main())


def test_what_a_refused_commit_said_is_forgotten() -> None:
    """A message that this process gave up was sent by the one that replaced it: what takes it back is sent then."""
    left = trigger("u1", BEGIN)
    end = closing(left, "cancelled")
    queue = Queue(ENDPOINT, Retracted(), Condition(), late)
    records = [Record(PLACE, at, b"", msgspec.json.encode(said)) for at, said in enumerate((left, end))]
    lane = queue.claim(PLACE, "one", Claimed(0, 0, {}), [])
    queue.offer(records[0], BEGIN)
    queue.retract([left.id], BEGIN)
    queue._retracted.add(PLACE, [left.id])
    lane.read = 1
    assert queue.take(BEGIN) is None
    assert (change := lane.change()) is not None
    assert change.unsent == (left.id,)
    queue.release(PLACE)  # the commit is refused
    queue.claim(PLACE, "three", Claimed(1, 2, {}), [])
    queue.offer(records[1], BEGIN)
    taken = queue.take(BEGIN)
    assert taken is not None
    assert taken.head.id == end.id
