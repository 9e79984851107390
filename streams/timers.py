"""Due timers of a batch, in order: those the store holds, and those that folding creates."""

from __future__ import annotations

from collections.abc import Generator
from heapq import heappush
from typing import Any

from sinks.store import Due, Request

FOREVER = 1 << 62


class Timers:
    """Due timers before a time, in (due, UTF-8 bytes of the user) order.

    Python compares strings by code point, which is the order of their UTF-8 bytes: nothing is encoded for it.

    Attributes
    ----------
    heap
        (due, user), the least first. A timer that was moved leaves an older entry behind: whoever takes one out looks
        whether the profile still says so.
    horizon
        The last due of which all timers are known: beyond it the store may hold more than were asked for.
    """

    def __init__(self) -> None:
        self.heap: list[tuple[int, str]] = []
        self.horizon = FOREVER

    def fetch(self, start: int, before: int, limit: int) -> Generator[Request, Any, list[str]]:
        """Ask for timers with `start` <= due < `before`, about `limit` of them; returns their users. To be called
        first: the answer is in order, and so it is a heap."""
        page: list[tuple[int, str]] = yield Due(start, before, limit)
        if len(page) >= limit:
            self.horizon = page[-1][0]
            page = [timer for timer in page if timer[0] < self.horizon]
            page += yield Due(self.horizon, self.horizon + 1, FOREVER)
        self.heap = page
        return [user for _, user in page]

    def push(self, due: int, user: str) -> None:
        """Add a timer."""
        heappush(self.heap, (due, user))
