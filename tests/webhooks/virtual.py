"""An event loop whose time passes by itself: whoever waits is next. A day of retries takes milliseconds."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from heapq import heappop
from typing import Any


class VirtualLoop(asyncio.SelectorEventLoop):
    """Nothing but timers and callbacks; no sockets, no threads."""

    def __init__(self) -> None:
        self.passed = 0.0
        super().__init__()

    def time(self) -> float:
        """Seconds since its beginning."""
        return self.passed

    def _run_once(self) -> None:
        inner: Any = self
        while inner._scheduled and inner._scheduled[0]._cancelled:
            inner._timer_cancelled_count -= 1
            heappop(inner._scheduled)._scheduled = False
        if not inner._ready and inner._scheduled:
            self.passed = max(self.passed, inner._scheduled[0]._when)
        super()._run_once()  # type: ignore[misc]


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end, with virtual time."""
    loop = VirtualLoop()
    try:
        loop.run_until_complete(main)
    finally:
        loop.run_until_complete(_end(asyncio.all_tasks(loop)))
        loop.close()


async def _end(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def aside(call: Any, *args: Any) -> Any:
    """A call that takes a moment, as one in another thread does."""
    await asyncio.sleep(0.001)
    result = call(*args)
    await asyncio.sleep(0.001)
    return result
