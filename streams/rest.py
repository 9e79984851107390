"""The rest of a shard that has nothing to do: nothing wakes it where nothing can move it.

What can: a chunk; time, at its next timer or where tables end a batch; and, for a shard that must know which of its
inputs are empty before it goes on, the answer of any fetch.
"""

from __future__ import annotations

import asyncio
import time

from streams.claimed import ClaimedShard

UNANSWERED = 0.1
"""A shard that waits for an answer looks again after this long (seconds): it does not wait for ever (see merge.py)."""
IN_VAIN, VAIN_REST = 3, 0.25
"""After so many steps in a row that found nothing, it looks this often (seconds): what it waits for may last."""
LONGEST = 60.0
"""It looks at the clock this often (seconds), since clocks may be set."""


class Rest:
    """Of one shard.

    Attributes
    ----------
    curious
        Whether the answer of a fetch would be news, whatever it brings.
    """

    def __init__(self) -> None:
        self.curious = False
        self._news = asyncio.Event()
        self._vain = 0  # steps in a row that found nothing

    def begin(self) -> None:
        """What is news from here on ends the next rest."""
        self._news.clear()

    def end(self) -> None:
        """There is news."""
        self._news.set()

    def answered(self) -> None:
        """A fetch was answered."""
        if self.curious:
            self.curious = False
            self._news.set()

    async def until_moved(self, shard: ClaimedShard, *, found: bool) -> None:
        """Under ``clock=wall``: wait for what may move the shard. `found`: whether its last step found anything."""
        self._vain = 0 if found else self._vain + 1
        now = time.time() * 1000
        due = shard.wake(int(now))
        if not shard.blocked and (due is None or due > now):
            await self.within(LONGEST if due is None else min((due - now) / 1000, LONGEST))
        elif self._vain < IN_VAIN:
            self.curious = True
            await self.within(UNANSWERED)
            self.curious = False
        else:
            await self.within(VAIN_REST)

    async def within(self, seconds: float) -> bool:
        """Wait for news, at most so long. Whether there is any."""
        if self._news.is_set():
            return True
        loop = asyncio.get_running_loop()
        timer = loop.call_later(seconds, self._news.set)
        try:
            await self._news.wait()
        finally:
            timer.cancel()
        return loop.time() < timer.when()
