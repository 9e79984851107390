"""Pacing of aiokafka's fetches: they begin at least `gather` apart on each node, so that thin traffic is fetched a few
records at a time and not one by one. A fetch that the broker holds until something comes is not held up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class Pacing:
    """Watches over one fetcher, in aiokafka's thread.

    Parameters
    ----------
    fetcher
        An `aiokafka.consumer.fetcher.Fetcher` that has not fetched yet.
    gather
        Seconds.
    answered
        Told of each answer that brought no records.
    """

    def __init__(self, fetcher: Any, gather: float, answered: Callable[[], None]) -> None:
        self._process = fetcher._proc_fetch_request
        self._gather = gather
        self._answered = answered
        self._begun: dict[int, float] = {}
        fetcher._proc_fetch_request = self._paced

    async def _paced(self, assignment: Any, node: int, request: Any) -> bool:
        """In place of the fetcher's method. What it asks for was decided before the rest: where to read on, and that
        does not change while a fetch is under way."""
        loop = asyncio.get_running_loop()
        rest = self._begun.get(node, 0.0) + self._gather - loop.time()
        if rest > 0:
            try:
                await asyncio.sleep(rest)
            except asyncio.CancelledError:  # as the fetcher's own method does: the partitions are taken away
                return False
        self._begun[node] = loop.time()
        news: bool = await self._process(assignment, node, request)
        if not news:
            self._answered()
        return news
