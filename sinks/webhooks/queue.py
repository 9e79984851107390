"""The queue of one endpoint: which message is tried next, and what an answer means for it. No I/O and no clock.

Messages of a shopper go one after the other, in the order of their partition. A message that was not taken is kept in
Redis for another attempt, with all that wait behind it, so that the partition's offset goes on; there is room for a
bounded number, and without room nothing more is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from itertools import count

from sinks.deliveries import Fate
from sinks.webhooks.condition import Condition
from sinks.webhooks.delivery_store import UNSENT, Claimed
from sinks.webhooks.endpoints import Endpoint
from sinks.webhooks.lane import Lane
from sinks.webhooks.message import ASKING, TAKING_BACK, Entry, Place, Record, opened
from sinks.webhooks.policy import PATIENCE, REFUSALS, SHORTEST, Answer, verdict, wait
from sinks.webhooks.retracted import Retracted
from sinks.webhooks.turns import Turns

NEVER = 1 << 62
"""Later than any time (ms)."""
ROOM = 1_000
"""Messages read and neither ended nor kept, at most."""


class Queue:
    """What waits for one endpoint. Times are wall, in ms.

    Parameters
    ----------
    endpoint
        Whom to.
    retracted
        What was taken back, in all partitions at hand.
    condition
        How the endpoint is.
    uniform
        As `random.Random.uniform`.

    Attributes
    ----------
    lanes
        Partitions at hand.
    letters
        Messages that cannot be delivered, until `buried`.
    kept
        How many messages are kept.
    """

    def __init__(
        self, endpoint: Endpoint, retracted: Retracted, condition: Condition, uniform: Callable[[float, float], float]
    ) -> None:
        self.endpoint, self.condition = endpoint, condition
        self.lanes: dict[Place, Lane] = {}
        self.letters: list[Entry] = []
        self.kept = 0
        self._retracted, self._uniform = retracted, uniform
        self._turns = Turns()
        self._ids: dict[str, Entry] = {}
        self._expiring: list[tuple[int, int, Entry]] = []
        self._numbers = count()
        self._unsent: dict[str, None] = {}
        self._flying = [0, 0]
        self._most = endpoint.concurrency, max(1, endpoint.concurrency // 4)

    def claim(self, place: Place, token: str, claimed: Claimed, unsent: Iterable[str]) -> Lane:
        """A partition is ours, as its last sender left it."""
        lane = self.lanes[place] = Lane(place, token, claimed)
        for message in unsent:
            self._note_unsent(message)
        for entry in lane.kept_before(lane.next):
            self._add(entry)
        return lane

    def release(self, place: Place) -> None:
        """A partition is somebody else's. What is under way may still arrive."""
        lane = self.lanes.pop(place, None)
        if lane is not None:
            for entry in list(lane.entries.values()):
                self._leave(entry)
                entry.over = True
            for message in lane.unwritten():  # its next owner may have sent them
                self._unsent.pop(message, None)
        self.letters = [entry for entry in self.letters if not entry.over]

    def room(self) -> int:
        """How many more messages may be read."""
        if self.condition.off is not None or self.kept >= self.endpoint.keep:
            return 0
        return max(0, ROOM - sum(lane.open for lane in self.lanes.values()))

    def offer(self, record: Record, now: int) -> None:
        """A record was read. One of another partition, or one that was read before, is left aside."""
        lane = self.lanes.get(record.place)
        if lane is None or record.offset < lane.next:
            return
        lane.next = record.offset + 1
        for kept in lane.kept_before(lane.next):
            self._add(kept)
        entry = None if record.offset in lane.entries else opened(record, now)
        if entry is None or record.only not in ("", self.endpoint.name):
            return
        if record.only and self._unsent.pop(entry.head.id, self) is None:  # once not sent, and now sent again
            lane.sent(entry.head.id)
        if not self.endpoint.takes(record.place.topic, entry.message):
            self._skip(lane, entry)
            return
        lane.add(entry)
        self._add(entry)
        if entry.head.retract:
            self._retracted.add(record.place, entry.head.retract)
            self.retract(entry.head.retract, now)

    def _skip(self, lane: Lane, entry: Entry) -> None:
        lane.counts["skipped"] += 1
        if entry.head.kind in ASKING:
            lane.unsent(entry.head.id)
            self._note_unsent(entry.head.id)

    def _add(self, entry: Entry) -> None:
        before = self._turns.of(entry.shopper)
        behind_kept = bool(before) and before[-1].kept
        self._turns.add(entry)
        self._ids[entry.head.id] = entry
        if entry.head.expires_at is not None:
            heappush(self._expiring, (entry.head.expires_at, next(self._numbers), entry))
        if entry.kept:
            self.kept += 1
        elif behind_kept:
            self._keep(entry)

    def retract(self, ids: Iterable[str], now: int) -> None:
        """Messages were taken back: those that wait are over."""
        for message in ids:
            entry = self._ids.get(message)
            if entry is not None and not entry.flying:
                self._moot(entry, now)

    def sweep(self, now: int) -> None:
        """Messages that expired are over."""
        while self._expiring and (self._expiring[0][0] <= now or self._expiring[0][2].over):
            entry = heappop(self._expiring)[2]
            if not entry.over and not entry.flying:
                self._moot(entry, now)

    def take(self, now: int) -> Entry | None:
        """The next message to be tried, for which `settle` is to be called; None: none may be now."""
        self.sweep(now)
        while self.condition.open(now) and (entry := self._next(now)) is not None:
            if not self._moot(entry, now):
                entry.flying, entry.first = True, entry.first or now
                self._flying[entry.attempts > 0] += 1
                return entry
        return None

    def _next(self, now: int) -> Entry | None:
        first, again = self._flying
        if again < self._most[1] and (entry := self._turns.again(self._due_by(now))) is not None:
            return entry
        return self._turns.first(self._ready) if first < self._most[0] else None

    def _due_by(self, now: int) -> int:
        """Until when a further attempt must be due to be made now. Where there is no room for more, and the endpoint is
        well again, all are: nothing else could be read before they are gone."""
        return NEVER if self.kept >= self.endpoint.keep and not self.condition.problem else now

    def _ready(self, entry: Entry) -> bool:
        return entry.offset < self.lanes[entry.place].read

    def _moot(self, entry: Entry, now: int) -> bool:
        """Whether a message is not to be sent, which is its end."""
        head = entry.head
        if head.expires_at is not None and head.expires_at <= now:
            self._end(entry, "expired", now, entry.why)
        elif head.id in self._retracted:
            self._end(entry, "retracted", now, entry.why)
        elif self._needless(entry):
            lane = self.lanes[entry.place]
            lane.counts["skipped"] += 1
            self._leave(entry)
            lane.pass_over(entry)
        else:
            return False
        return True

    def _needless(self, entry: Entry) -> bool:
        """Whether it only takes back what the endpoint never got. Who wants no such messages anyway is told."""
        head, kinds = entry.head, self.endpoint.kinds
        wants = not kinds or not ASKING.isdisjoint(kinds)
        return bool(wants and head.retract and head.kind in TAKING_BACK and self._unsent.keys() >= set(head.retract))

    def settle(self, entry: Entry, answer: Answer, now: int) -> None:
        """An attempt ended."""
        again = entry.attempts > 0
        self._flying[again] -= 1
        entry.flying = False
        result = verdict(answer)
        self.condition.answered(result, answer, now)
        if entry.over:  # its partition went to another sender
            return
        counts = self.lanes[entry.place].counts
        counts["attempts"] += 1
        counts["retries"] += again
        entry.attempts += 1
        entry.status, entry.took, entry.why = answer.status, answer.took, answer.why
        entry.exposed |= answer.exposed or result == "taken"
        entry.refusals += result == "refused"
        if result == "taken":
            self.condition.delivered(now - entry.read_at)
            self._end(entry, "delivered", now, "")
        elif not self._moot(entry, now):
            self._try_again(entry, 0 if result == "gone" else answer.retry_after, now)

    def _try_again(self, entry: Entry, after: int | None, now: int) -> None:
        """Say when, or that it is of no use. `after` is what the answer asks for (ms); 0: as soon as anything goes."""
        expires = entry.head.expires_at
        left = entry.first + PATIENCE - now
        if entry.refusals >= REFUSALS or (left < SHORTEST and after != 0):
            self.bury(entry)
            return
        left = left if expires is None else min(left, expires - now)
        entry.due = now if after == 0 else now + max(after or 0, wait(entry.attempts, left, self._uniform))
        self._keep(entry)
        self._turns.line_up(entry)

    def bury(self, entry: Entry) -> None:
        """A message cannot be delivered: it is to become a dead letter, and holds its shopper's others until then."""
        entry.flying = True
        self.letters.append(entry)

    def put_back(self, entry: Entry, now: int) -> None:
        """No attempt was made of a message that was taken for one: it is to be tried as soon as anything is."""
        self._flying[entry.attempts > 0] -= 1
        entry.flying = False
        if not entry.over and not self._moot(entry, now):
            self._turns.line_up(entry)

    def give_up(self, entry: Entry, why: str) -> None:
        """A message that was taken to be tried cannot be sent at all."""
        self._flying[entry.attempts > 0] -= 1
        if not entry.over:
            entry.why = why
            self.bury(entry)

    def skip(self, entry: Entry) -> None:
        """There is nothing to send of a message that was taken to be tried."""
        self._flying[entry.attempts > 0] -= 1
        if not entry.over:
            self._leave(entry)
            lane = self.lanes[entry.place]
            self._skip(lane, entry)
            lane.pass_over(entry)

    def buried(self, entry: Entry, now: int) -> None:
        """A message is a dead letter now."""
        if not entry.over:
            self.letters.remove(entry)
            self._end(entry, "undeliverable", now, entry.why)

    def _keep(self, entry: Entry) -> None:
        """Keep a message and those behind it, as far as there is room."""
        for each in self._turns.of(entry.shopper):
            if not each.kept:
                if self.kept >= self.endpoint.keep:
                    return
                self.kept += 1
                self.lanes[each.place].keep(each)
            elif each is entry:
                self.lanes[each.place].keep(each)

    def _end(self, entry: Entry, fate: Fate, now: int, why: str) -> None:
        self._leave(entry)
        lane = self.lanes[entry.place]
        lane.end(entry, entry.ended(fate, now, why))
        if not entry.exposed and entry.head.kind in ASKING:
            lane.unsent(entry.head.id)
            self._note_unsent(entry.head.id)

    def _leave(self, entry: Entry) -> None:
        self.kept -= entry.kept
        self._turns.remove(entry)
        if self._ids.get(entry.head.id) is entry:
            del self._ids[entry.head.id]

    def _note_unsent(self, message: str) -> None:
        self._unsent[message] = None
        while len(self._unsent) > UNSENT:
            del self._unsent[next(iter(self._unsent))]

    def due(self, now: int) -> int | None:
        """When something happens by itself: a message is due or expires, or a pause ends. None: nothing will."""
        found = [self._expiring[0][0]] if self._expiring else []
        if now < self.condition.paused_until:
            found.append(self.condition.paused_until)
        elif self.condition.off is None and (again := self._turns.due()) is not None:
            found.append(again)
        return min(found, default=None)
