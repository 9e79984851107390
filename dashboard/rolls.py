"""Rolls of tags: who holds one, newest first. Made by looking at every profile when somebody asks, and kept a while.

One roll is made at a time, in a thread that rests twice as long as it works: of a shop of a million shoppers it takes
a minute or so, and who watches the page does not notice.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from heapq import nsmallest
from threading import Event

from msgspec import Struct

from models.kernel.settings import SharedSettings
from sinks.members import Member, members
from sinks.store import ReadModel, StoreError

MOST = 10_000
"""Members of a roll that are kept: the newest."""
KEPT = 16
"""Rolls that are kept."""
FRESH = 60.0
"""Seconds for which a roll is good."""
PART = 500
"""Profiles between two rests."""
REST = 2.0
"""A rest, in times of the work before it."""


class Roll(Struct):
    """A roll, or what is known of one that is being made.

    Attributes
    ----------
    members
        The newest `MOST` who hold the tag, newest first; none while the roll is being made.
    holders
        All who hold it, of the profiles looked at so far.
    seen
        Profiles looked at so far.
    finished
        When, in seconds of `time.monotonic`; 0: it is being made.
    problem
        Why it could not be made, "" if it could.
    """

    members: tuple[Member, ...] = ()
    holders: int = 0
    seen: int = 0
    finished: float = 0.0
    problem: str = ""

    @property
    def stale(self) -> bool:
        """Whether it is to be made anew."""
        return self.finished > 0 and (bool(self.problem) or time.monotonic() - self.finished > FRESH)


class Rolls:
    """Makes and keeps rolls.

    Parameters
    ----------
    reader
        Asked for profiles.
    settings
        The shop's.
    """

    def __init__(self, reader: ReadModel, settings: SharedSettings) -> None:
        self._reader = reader
        self._settings = settings
        self._rolls: OrderedDict[str, tuple[Roll, asyncio.Task[None]]] = OrderedDict()
        self._one = asyncio.Lock()
        self._closed = Event()

    async def get(self, tag: str, patience: float = 2.0) -> Roll:
        """The roll of a tag: finished, or after so many seconds as far as it came."""
        found = self._rolls.pop(tag, None)
        if found is None or found[0].stale:
            roll = Roll()
            found = roll, asyncio.create_task(self._make(tag, roll))
        self._rolls[tag] = found  # the one asked for last
        for old in list(self._rolls)[:-KEPT]:
            if self._rolls[old][0].finished:
                del self._rolls[old]
        await asyncio.wait([found[1]], timeout=patience)
        return found[0]

    async def close(self) -> None:
        """Give up what is under way."""
        self._closed.set()
        await asyncio.gather(*(task for _, task in self._rolls.values()))

    async def _make(self, tag: str, roll: Roll) -> None:
        async with self._one:
            await asyncio.to_thread(self._fill, tag, roll)

    def _fill(self, tag: str, roll: Roll) -> None:
        found: list[Member] = []
        began = time.monotonic()
        try:
            for shard in range(self._reader.partitions()):
                for member in members(self._reader, tag, shard, self._settings):
                    roll.seen += 1
                    if member is not None:
                        roll.holders += 1
                        found.append(member)
                    if roll.seen % PART == 0:
                        found = _newest(found) if len(found) > 2 * MOST else found
                        if self._closed.wait(REST * (time.monotonic() - began)):
                            return
                        began = time.monotonic()
            roll.members = tuple(_newest(found))
        except StoreError as error:
            roll.problem = str(error)
        finally:
            roll.finished = time.monotonic()


def _newest(found: list[Member]) -> list[Member]:
    return nsmallest(MOST, found, key=lambda member: (-member.since, member.user_id))
