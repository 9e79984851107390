"""The courier of one endpoint: reads its partitions, tries its messages, and writes down what became of them.

Three coroutines share the queue: one reads while there is room, one starts attempts, one commits. Nothing that another
endpoint does or leaves undone holds any of them up.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from sinks.store import StoreError
from sinks.webhooks.condition import Condition
from sinks.webhooks.delivery_store import Change, DeliveryStore, Outcome
from sinks.webhooks.lane import Lane
from sinks.webhooks.message import Entry, Place, Record
from sinks.webhooks.policy import Answer
from sinks.webhooks.queue import Queue
from sinks.webhooks.sender import Sender
from sinks.webhooks.signing import sign
from sinks.webhooks.templates import Request, render

logger = logging.getLogger(__name__)

TICK = 1.0
"""Seconds between two looks, where nothing happens in between."""
PAUSE = 1.0
"""Seconds after which Redis or Kafka are asked again."""
LAST = 5.0
"""Seconds that attempts under way are waited for when their partition goes to another sender."""
SURE = 5_000
"""How long ago (ms) it may have been that a partition was known to be ours, and what was taken back, when something is
sent."""


class SourceError(Exception):
    """Kafka did not answer, or has not what was asked for."""


class Source(Protocol):
    """Where an endpoint's messages come from."""

    async def read(self, positions: Mapping[Place, int], room: int) -> Sequence[Record]:
        """The next records, at most `room`, from these offsets on; waits a moment for some. May raise `SourceError`."""
        ...


class Note(Protocol):
    """What takes note of attempts and ends, for metrics."""

    def attempted(self, endpoint: str, answer: Answer, delay: int) -> None:
        """An attempt ended, `delay` ms after its message was read."""
        ...

    def ended(self, endpoint: str, counts: Mapping[str, int]) -> None:
        """What a commit says of it."""
        ...


Bury = Callable[[str, Sequence[Entry]], Awaitable[None]]
"""Make dead letters of messages for an endpoint, by name; it returns when they are acknowledged, or raises."""


class Courier:
    """One endpoint's.

    Parameters
    ----------
    queue
        The endpoint's.
    source, sender, store
        Where messages come from, where they go, and where is kept how far it has come.
    bury
        What becomes of messages that cannot be delivered.
    clock
        Wall time in ms.
    note
        Told of what happens.
    aside
        How calls of the store are made, which wait for Redis.

    Attributes
    ----------
    fenced
        Partitions that another sender took over.
    looked
        As of when (wall, ms) it is known what was taken back; None: as of now.
    """

    def __init__(
        self,
        queue: Queue,
        source: Source,
        sender: Sender,
        store: DeliveryStore,
        bury: Bury,
        clock: Callable[[], int],
        note: Note,
        aside: Callable[..., Awaitable[Any]] = asyncio.to_thread,
    ) -> None:
        self.queue, self.endpoint = queue, queue.endpoint
        self.fenced: set[Place] = set()
        self.looked: int | None = None
        self._source, self._sender, self._store, self._bury = source, sender, store, bury
        self._clock, self._note, self._aside = clock, note, aside
        self._go, self._changed, self._room = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._flights: dict[asyncio.Task[None], Entry] = {}
        self._holding = False
        self._committing = asyncio.Lock()

    @property
    def condition(self) -> Condition:
        """How the endpoint is."""
        return self.queue.condition

    async def run(self) -> None:
        """Work until cancelled; then attempts under way are given up."""
        try:
            async with asyncio.TaskGroup() as group:
                for part in (self._read, self._send, self._commit):
                    group.create_task(part())
        finally:
            for flight in self._flights:
                flight.cancel()

    async def claim(self, place: Place, token: str, start: int) -> None:
        """Take a partition over; `start`: where to begin where the endpoint never had it. May raise StoreError."""
        name, now = self.endpoint.name, self._clock()
        claimed = await self._aside(self._store.claim, name, place, token, start)
        unsent = await self._aside(self._store.unsent, name)
        self.queue.claim(place, token, claimed, unsent).sure = now
        self.fenced.discard(place)
        self.wake()

    async def release(self, places: Iterable[Place]) -> None:
        """Give partitions up, with all that is known of their messages written down, if that goes soon."""
        going = set(places)
        self._holding = True
        try:
            if flights := [task for task, entry in self._flights.items() if entry.place in going]:
                await asyncio.wait(flights, timeout=LAST)
            async with asyncio.timeout(LAST):
                await self._write(going)
        except (TimeoutError, StoreError) as error:
            logger.info("%s: not all written down at the end (%s): some messages will be sent twice", self, error)
        finally:
            for place in going:
                self.queue.release(place)
            self._holding = False

    def retract(self, ids: Iterable[str]) -> None:
        """Messages were taken back."""
        self.queue.retract(ids, self._clock())
        self.wake()

    def wake(self) -> None:
        """Something changed: look again at once."""
        for event in (self._go, self._changed, self._room):
            event.set()

    def __str__(self) -> str:
        return f"endpoint {self.endpoint.name}"

    async def _read(self) -> None:
        while True:
            positions = {place: lane.next for place, lane in self.queue.lanes.items()}
            room = self.queue.room()
            if not positions or not room or self._holding:
                self.condition.unread = ""  # nothing is to be read here
                await _rung(self._room, TICK)
                continue
            try:
                records = await self._source.read(positions, room)
            except SourceError as error:
                logger.warning("%s: cannot read: %s; trying again", self, error)
                self.condition.unread = f"cannot read: {error}"
                await asyncio.sleep(PAUSE)
                continue
            self.condition.unread = ""
            for record in records:
                self.queue.offer(record, self._clock())
            if records:
                self._changed.set()
                self._go.set()

    async def _send(self) -> None:
        while True:
            while not self._holding and (entry := self.queue.take(self._clock())) is not None:
                task = asyncio.create_task(self._attempt(entry))
                self._flights[task] = entry
                task.add_done_callback(self._landed)
            now = self._clock()
            due = self.queue.due(now)
            self._changed.set()  # expired ones are to be written down
            await _rung(self._go, TICK if due is None or due <= now else min(TICK, (due - now) / 1000))

    def _landed(self, task: asyncio.Task[None]) -> None:
        del self._flights[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("%s: an attempt failed by a bug", self, exc_info=error)
        self.wake()

    async def _attempt(self, entry: Entry) -> None:
        try:
            request = render(self.endpoint, entry.place.topic, entry.message)
        except ValueError as error:
            self.queue.give_up(entry, f"the template fails: {error}")
            return
        if request is None:
            self.queue.skip(entry)
            return
        if not await self._sure(entry):
            self.queue.put_back(entry, self._clock())
            return
        answer = await self._sender.send(self._signed(request, entry), self._within(entry))
        now = self._clock()
        self._note.attempted(self.endpoint.name, answer, now - entry.read_at)
        self.queue.settle(entry, answer, now)

    async def _sure(self, entry: Entry) -> bool:
        """Whether a message may be sent now: lately its partition was ours, and it was known what was taken back. Where
        that is not known this finds out, and the message is to be taken anew: a process that was stopped for a while,
        or cut off from Redis or Kafka, does not know that others went on without it."""
        if entry.over:  # its partition went to another sender before the attempt began
            return False
        now, lane = self._clock(), self.queue.lanes[entry.place]
        if now - lane.sure > SURE:
            try:
                await self._write({entry.place}, proving=True)
            except StoreError as error:
                logger.warning("%s: Redis does not answer: %s; nothing is sent until it does", self, error)
                await asyncio.sleep(PAUSE)
            return False
        if self.looked is not None and now - self.looked > SURE:
            await asyncio.sleep(PAUSE)
            return False
        return True

    def _within(self, entry: Entry) -> int:
        """An attempt ends when its message expires."""
        expires = entry.head.expires_at
        return self.endpoint.timeout if expires is None else min(self.endpoint.timeout, expires - self._clock())

    def _signed(self, request: Request, entry: Entry) -> Request:
        at = self._clock() // 1000
        headers = {"webhook-id": entry.head.id, "webhook-timestamp": str(at)}
        if self.endpoint.secrets:
            headers["webhook-signature"] = sign(self.endpoint.secrets, entry.head.id, at, request.body)
        return request._replace(headers={**request.headers, **headers})

    async def _commit(self) -> None:
        while True:
            await _rung(self._changed, TICK)
            try:
                await self._write(set(self.queue.lanes))
            except StoreError as error:
                logger.warning("%s: Redis does not answer: %s; trying again", self, error)
                await asyncio.sleep(PAUSE)
                self._changed.set()

    async def _write(self, places: set[Place], *, proving: bool = False) -> None:
        """Write down what is known of these partitions; nothing too, if it is to prove that they are ours. May raise
        StoreError."""
        async with self._committing:
            await self._bury_letters()
            lanes = [lane for place, lane in self.queue.lanes.items() if place in places]
            changes = [(lane, change) for lane in lanes if (change := lane.change(proving=proving)) is not None]
            if not changes:
                return
            now = self._clock()
            for (lane, change), outcome in zip(changes, await self._aside(self._commit_all, changes), strict=True):
                if outcome == "OK":
                    lane.committed(now)
                    self._note.ended(self.endpoint.name, change.counts)
                elif self.queue.lanes.get(lane.place) is lane:
                    logger.info("%s: %s belongs to another sender now", self, lane.place)
                    self.queue.release(lane.place)
                    self.fenced.add(lane.place)
            self._go.set()  # what was read may be tried now
            self._room.set()

    def _commit_all(self, changes: Sequence[tuple[Lane, Change]]) -> list[Outcome]:
        """In a thread of its own, all in one go. What was committed before an error is a repeat the next time."""
        name = self.endpoint.name
        return [self._store.commit(name, lane.place, lane.token, change) for lane, change in changes]

    async def _bury_letters(self) -> None:
        letters = list(self.queue.letters)
        if not letters:
            return
        try:
            await self._bury(self.endpoint.name, letters)
        except Exception as error:  # whatever Kafka says: the messages stay where they are
            logger.warning("%s: dead letters are not acknowledged: %s; trying again", self, error)
            return
        for entry in letters:
            self.queue.buried(entry, self._clock())
        self._go.set()


async def _rung(event: asyncio.Event, within: float) -> None:
    """Wait for an event, at most so many seconds."""
    try:
        async with asyncio.timeout(within):
            await event.wait()
    except TimeoutError:
        return
    finally:
        event.clear()
