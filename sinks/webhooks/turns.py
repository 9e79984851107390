"""Whose turn it is: one message of a shopper at a time, in order; first attempts apart from further ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from sinks.webhooks.message import Entry


class Turns:
    """Messages by shopper. The first of each is in line: for its first attempt, or until it is due again."""

    def __init__(self) -> None:
        self._shoppers: dict[str, deque[Entry]] = {}
        self._first: deque[Entry] = deque()
        self._again: list[tuple[int, int, Entry]] = []
        self._numbers = count()

    def add(self, entry: Entry) -> None:
        """A message comes behind those of its shopper."""
        behind = self._shoppers.setdefault(entry.shopper, deque())
        behind.append(entry)
        if len(behind) == 1:
            self.line_up(entry)

    def line_up(self, entry: Entry) -> None:
        """The first message of its shopper is to be tried, as soon as it is due."""
        if entry.attempts:
            heappush(self._again, (entry.due, next(self._numbers), entry))
        else:
            self._first.append(entry)

    def of(self, shopper: str) -> deque[Entry]:
        """A shopper's messages, the oldest first."""
        return self._shoppers.get(shopper, deque())

    def remove(self, entry: Entry) -> None:
        """A message is over; the one behind it, if it was the first, is next."""
        behind = self._shoppers[entry.shopper]
        was_first = behind[0] is entry
        behind.remove(entry)
        if not behind:
            del self._shoppers[entry.shopper]
        elif was_first:
            self.line_up(behind[0])

    def first(self, ready: Callable[[Entry], bool]) -> Entry | None:
        """The next message for its first attempt; None if there is none, or it is not ready."""
        while self._first and self._first[0].over:
            self._first.popleft()
        return self._first.popleft() if self._first and ready(self._first[0]) else None

    def again(self, now: int) -> Entry | None:
        """The next message that is due for another attempt; None if none is."""
        due = self.due()
        return heappop(self._again)[2] if due is not None and due <= now else None

    def due(self) -> int | None:
        """When the next one is due for another attempt (wall ms)."""
        while self._again and self._again[0][2].over:
            heappop(self._again)
        return self._again[0][0] if self._again else None
