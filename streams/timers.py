"""Due timers of a batch, in order: those the store holds, and those that folding creates."""

from __future__ import annotations

from heapq import heappush

from sinks.store import Store

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

    def fetch(self, store: Store, partition: int, start: int, before: int, limit: int) -> list[str]:
        """Ask the store for timers with `start` <= due < `before`, about `limit` of them; returns their users. To be
        called first: what the store answers is in order, and so it is a heap."""
        page = store.due(partition, start, before, limit)
        if len(page) >= limit:
            self.horizon = page[-1][0]
            page = [timer for timer in page if timer[0] < self.horizon]
            page += store.due(partition, self.horizon, self.horizon + 1, FOREVER)
        self.heap = page
        return [user for _, user in page]

    def push(self, due: int, user: str) -> None:
        """Add a timer."""
        heappush(self.heap, (due, user))
