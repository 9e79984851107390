"""Random histories of messages, endpoints that fail, and processes that end: what is sent, by the real courier and
queue over virtual time, and what arrives.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sinks.store import Unavailable
from sinks.webhooks.condition import Condition
from sinks.webhooks.courier import Courier, SourceError
from sinks.webhooks.endpoints import Endpoint
from sinks.webhooks.message import Entry, Place, Record
from sinks.webhooks.policy import Answer
from sinks.webhooks.preset import Request
from sinks.webhooks.queue import Queue
from sinks.webhooks.retracted import Retracted
from tests.webhooks.virtual import aside
from tests.webhooks.world import HOUR, LOOK, MINUTE, PLACES, Attempt, World, script, wall


class Log:
    """Implements `Source` over the world's log."""

    def __init__(self, world: World, life: Life) -> None:
        self.world, self.life = world, life

    async def read(self, positions: Mapping[Place, int], room: int) -> Sequence[Record]:
        """As Kafka would: what there is, else wait a moment."""
        world = self.world
        await asyncio.sleep(0.002)
        if world.rough(_now()) and world.random.random() < 0.02:
            raise SourceError("no broker")
        most = min(room, world.random.choice((1, 3, 500)))
        found = [said for place, offset in positions.items() for said in world.log[place][offset:][:most]][:most]
        if not found:
            await world.appended(within=20 * MINUTE)
        return [Record(said.place, said.offset, b"", json.dumps(said.message).encode()) for said in found]


class Flaky:
    """The store, which may not answer, before or after it did what was asked; and not at all once the process ended."""

    def __init__(self, world: World, life: Life) -> None:
        self.world, self.life = world, life

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.world.store, name)

        def tried(*args: Any) -> Any:
            random, rough = self.world.random, self.world.rough(_now())
            if self.life.over or (rough and random.random() < 0.02):
                raise Unavailable("no answer")
            answer = call(*args)
            if rough and random.random() < 0.02:
                raise Unavailable("no answer to what was done")
            return answer

        return tried


class Net:
    """Implements `Sender`: requests that arrive, or not, whatever becomes of who sent them."""

    def __init__(self, world: World, endpoint: Endpoint) -> None:
        self.world, self.endpoint = world, endpoint

    async def send(self, request: Request, within: int) -> Answer:
        """One attempt."""
        world, name, now = self.world, self.endpoint.name, _now()
        message = json.loads(request.body)["data"]
        assert request.headers["webhook-id"] == message["id"]
        world.begun[name].append((now, message["id"]))
        fault = ""
        if world.rough(now) and world.random.random() < world.broken[name]:
            fault = world.random.choice(("refused", "error", "reset", "hang", "busy", "slow", "gone"))
        taken = world.random.random() < 0.5
        if fault == "refused":
            await asyncio.sleep(0.01)
            return Answer(0, why="no connection")
        arrives = world.random.random() * (0.05 if fault != "slow" else 12.0)
        if arrives * 1000 < within:  # a connection that is closed by then brings nothing
            asyncio.get_running_loop().call_later(
                arrives, self._arrive, now, message["id"], fault in ("", "slow") or (taken and fault in TAKEN)
            )
        if arrives * 1000 * 2 >= within or fault == "hang":
            await asyncio.sleep(within / 1000)
            return Answer(0, why="no answer", exposed=True)
        await asyncio.sleep(arrives * 2)
        return self._answer(fault, message["id"])

    def _answer(self, fault: str, message: str) -> Answer:
        match fault:
            case "error":
                return Answer(500, exposed=True, why="answered 500")
            case "reset":
                return Answer(0, exposed=True, why="the connection broke")
            case "busy":
                return Answer(429, why="answered 429", retry_after=self.world.random.choice((None, 1_000, 60_000)))
            case "gone":
                return Answer(410, why="answered 410")
        return Answer(422, why="answered 422") if message in self.world.poison else Answer(200)

    def _arrive(self, began: float, message: str, taken: bool) -> None:
        taken = taken and message not in self.world.poison
        self.world.attempts[self.endpoint.name].append(Attempt(began, _now(), message, taken))


TAKEN = ("error", "reset", "hang")
"""Faults after which the receiver may have the message."""


class Nobody:
    """Implements `Note`."""

    def attempted(self, endpoint: str, answer: Answer, delay: int) -> None:
        """Not noted."""

    def ended(self, endpoint: str, counts: Mapping[str, int]) -> None:
        """Not noted."""


class Life:
    """One process, from its start until it is killed or stopped."""

    def __init__(self, world: World) -> None:
        self.world, self.over = world, False
        world.lives += 1
        self.name = f"life{world.lives}"
        self.retracted = Retracted()
        self.couriers = [self._courier(endpoint) for endpoint in world.endpoints]
        self.tasks = [asyncio.create_task(self._watch()), *(asyncio.create_task(it.run()) for it in self.couriers)]

    def _courier(self, endpoint: Endpoint) -> Courier:
        world = self.world
        queue = Queue(endpoint, self.retracted, Condition(), world.random.uniform)
        store: Any = Flaky(world, self)
        net = Net(world, endpoint)
        return Courier(queue, Log(world, self), net, store, self._bury, lambda: wall(_now()), Nobody(), aside)

    async def _bury(self, endpoint: str, entries: Sequence[Entry]) -> None:
        await asyncio.sleep(0.01)
        if self.world.rough(_now()) and self.world.random.random() < 0.2:
            raise RuntimeError("not acknowledged")
        if not self.over:
            self.world.letters[endpoint] |= {entry.head.id for entry in entries}

    async def _watch(self) -> None:
        """What `kairos.act.watch` does: look at all there is, hand partitions over, go on looking."""
        store = self.couriers[0]._store
        positions = dict(self.world.seen)
        for place in PLACES:
            await self._remember(store, place)
        owned: set[tuple[str, Place]] = set()
        while True:
            try:
                for place in PLACES:
                    await self._look(store, place, positions)
                for courier in self.couriers:
                    await self._hand_over(courier, owned)
            except Unavailable:
                await asyncio.sleep(0.1)
                continue
            await self.world.appended(within=10.0 if self.world.rough(_now()) else 20 * MINUTE)
            await asyncio.sleep(LOOK * self.world.random.random())

    async def _remember(self, store: Any, place: Place) -> None:
        while True:
            try:
                self.retracted.add(place, await aside(store.retracted, place))
                return
            except Unavailable:
                await asyncio.sleep(1.0)

    async def _look(self, store: Any, place: Place, positions: dict[Place, int]) -> None:
        fresh = self.world.log[place][positions[place] :]
        ids = [message for said in fresh for message in said.message.get("retract", ())]
        if ids:
            self.retracted.add(place, ids)
            for courier in self.couriers:
                courier.retract(ids)
            await aside(store.retract, place, ids, wall(_now()))
        positions[place] += len(fresh)
        if not self.over:
            self.world.seen[place] = max(self.world.seen[place], positions[place])

    async def _hand_over(self, courier: Courier, owned: set[tuple[str, Place]]) -> None:
        world = self.world
        for place in PLACES:
            key = courier.endpoint.name, place
            lost = place in courier.fenced and not world.rough(_now())
            if place.topic in courier.endpoint.topics and (key not in owned or lost):
                await courier.claim(place, f"{self.name}.{_now()}", 0)
                world.claimed(courier.endpoint.name, place, self.name, _now())
                owned.add(key)
        if courier.condition.off is not None and (not world.rough(_now()) or world.random.random() < 0.1):
            courier.condition.off = None
            courier.wake()

    async def stop(self) -> None:
        """As after SIGTERM."""
        self.tasks[0].cancel()
        await asyncio.gather(*(courier.release(list(courier.queue.lanes)) for courier in self.couriers))
        await self.kill()

    async def kill(self) -> None:
        """As SIGKILL does: what is on the wire arrives, and nothing else happens."""
        self.over = True
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.world.ends.append(_now())


def _now() -> float:
    return asyncio.get_running_loop().time()


async def live(world: World) -> None:
    """Let it all happen: messages are appended, processes come and go; at last all is well for two days."""
    telling = asyncio.create_task(_tell(world))
    random = world.random
    while (now := _now()) < world.healthy:
        life = Life(world)
        await asyncio.sleep(min(world.healthy - now, random.random() * random.choice((0.2, 2.0, world.length / 4))))
        if random.random() < 0.2:  # a partition of the network: its successor works before it has noticed
            other = Life(world)
            await asyncio.sleep(random.random() * 20)
            await other.kill()
        await (life.kill() if random.random() < 0.7 else life.stop())
        await asyncio.sleep(random.random() * random.choice((0.1, 0.1, 10.0)))
    world.healthy = min(world.healthy, _now())
    life = Life(world)
    await telling
    await asyncio.sleep(60 * HOUR)
    world.idle = [courier.queue for courier in life.couriers]
    await life.stop()


async def _tell(world: World) -> None:
    for said in script(world):
        await asyncio.sleep(max(0.0, said.at - _now()))
        log = world.log[said.place]
        log.append(said._replace(offset=len(log), at=_now()))
        world.bell.set()
        world.bell.clear()
