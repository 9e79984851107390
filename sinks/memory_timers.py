"""Timers in memory: the twin of the ZSET."""

from __future__ import annotations

import heapq
from collections.abc import Mapping


class Timers:
    """One due time (ms) a user, in order of (due, user).

    A heap whose outdated entries are dropped when they surface, so that rescheduling costs one push. Python compares
    strings by code point, which is the order of their UTF-8 bytes: ties come as Redis gives them.

    >>> timers = Timers()
    >>> timers.update({"b": 5, "a": 5, "c": 1})
    >>> timers.update({"c": None})
    >>> timers.next_due, timers.between(0, 6, 10)
    (5, [(5, 'a'), (5, 'b')])
    """

    def __init__(self) -> None:
        self.dues: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []

    def update(self, changes: Mapping[str, int | None]) -> None:
        """Set a user's due, or remove it (None)."""
        for user, due in changes.items():
            if due is None:
                self.dues.pop(user, None)
            elif self.dues.get(user) != due:
                self.dues[user] = due
                heapq.heappush(self._heap, (due, user))
        if len(self._heap) > 2 * len(self.dues) + 1_000:
            self._heap = [(due, user) for user, due in self.dues.items()]
            heapq.heapify(self._heap)

    @property
    def next_due(self) -> int | None:
        """The earliest due, None without a timer."""
        heap = self._heap
        while heap and self.dues.get(heap[0][1]) != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def between(self, start: int, before: int, limit: int) -> list[tuple[int, str]]:
        """The first `limit` timers with start <= due < before. Costs what is due before `before`."""
        passed: list[tuple[int, str]] = []
        found = 0
        while found < limit and (due := self.next_due) is not None and due < before:
            entry = heapq.heappop(self._heap)
            if not passed or passed[-1] != entry:  # a timer moved away and back stands twice
                passed.append(entry)
                found += entry[0] >= start
        for entry in passed:
            heapq.heappush(self._heap, entry)
        return [entry for entry in passed if entry[0] >= start]
