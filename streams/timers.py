"""Due timers of a batch, in order: those the store holds, and those that folding creates."""

from __future__ import annotations

from collections.abc import Generator
from heapq import heappop, heappush
from typing import Any

from sinks.store import Due, Request

FOREVER = 1 << 62


class Timers:
    """Due timers before a time, in (due, UTF-8 bytes of the user) order.

    `horizon` is the last due of which all timers are known: beyond it the store may hold more than were asked for.
    """

    def __init__(self) -> None:
        self.heap: list[tuple[int, bytes]] = []
        self.horizon = FOREVER

    def fetch(self, start: int, before: int, limit: int) -> Generator[Request, Any, list[str]]:
        """Ask for timers with `start` <= due < `before`, about `limit` of them; returns their users."""
        page: list[tuple[int, str]] = yield Due(start, before, limit)
        if len(page) >= limit:
            self.horizon = page[-1][0]
            seen = {user for due, user in page if due == self.horizon}
            rest: list[tuple[int, str]] = yield Due(self.horizon, self.horizon + 1, FOREVER)
            page += [(due, user) for due, user in rest if user not in seen]
        for due, user in page:
            self.push(due, user)
        return [user for _, user in page]

    def push(self, due: int, user: str) -> None:
        """Add a timer. An older entry of the user stays, and is seen to be stale when it comes up."""
        heappush(self.heap, (due, user.encode()))

    def pop(self, before: int) -> tuple[int, str] | None:
        """The first timer due before `before` (ms), taken out; None if there is none."""
        if not self.heap or self.heap[0][0] >= before:
            return None
        due, user = heappop(self.heap)
        return due, user.decode()
