"""One reader of the feed: reads on from where it is, out of memory as long as that reaches, else from the store."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from dashboard import cursor
from dashboard.answers.feed import Item
from dashboard.feed_log import FeedLog, Told
from sinks.look import BEGINNING, FeedPart, place
from sinks.store import ReadModel


class Read(NamedTuple):
    """What a reader had not seen yet, and whether outputs before it, or among it, are gone for ever."""

    items: list[Item]
    missed: bool


class FeedReader:
    """Reads what comes after a cursor, each output once.

    Parameters
    ----------
    log
        What came lately.
    reader
        The store, for what came before that.
    positions
        Where to begin, by partition (see `dashboard.cursor.read`); None: now. A shard that is not named is read from
        its beginning.
    """

    def __init__(self, log: FeedLog, reader: ReadModel, positions: dict[int, str] | None = None) -> None:
        self._log = log
        self._reader = reader
        self._positions = positions
        self._arrived = log.arrived
        self.cursor = log.cursor if positions is None else cursor.write(positions)

    async def read(self) -> Read:
        """What came since the last call. Raises StoreError where the store is needed and does not answer."""
        if self._positions is None:
            told = self._log.since(self._arrived)
            if told is not None:
                missed = self._log.gap >= self._arrived
                self._arrived = self._log.arrived
                self.cursor = self._log.cursor
                return Read([one.item for one in told], missed)
            self._positions = cursor.read(self.cursor)
        return await self._catch_up(self._positions)

    async def _catch_up(self, given: dict[int, str]) -> Read:
        """Read with positions of its own, until they are those of the log."""
        positions = {partition: given.get(partition, BEGINNING) for partition in self._log.positions}
        missed = not given.keys() <= positions.keys()
        older = await self._read_elsewhere(positions)
        missed |= not all(part.complete for part in older.values())
        if beyond := self._beyond(positions, older):
            for partition in beyond:
                positions[partition] = BEGINNING
            return (await self._catch_up(positions))._replace(missed=True)
        told = self._log.after(positions, older)
        self._arrived = self._log.arrived
        self._settle(positions)
        return Read([one.item for one in told], missed)

    async def _read_elsewhere(self, positions: dict[int, str]) -> dict[int, FeedPart]:
        """What the store has of shards that the log has not whole, even if that is so only while it is read."""
        older: dict[int, FeedPart] = {}
        while wanted := {p: at for p, at in self._log.elsewhere(positions).items() if p not in older}:
            older |= await asyncio.to_thread(self._reader.feeds, wanted)
        return older

    def _beyond(self, positions: dict[int, str], older: dict[int, FeedPart]) -> list[int]:
        """Shards whose position the store never had, or has no more: it went back, or is another one."""
        newest = self._log.positions
        return [p for p, part in older.items() if place(positions[p]) > place(newest[p]) and not part.complete]

    def _settle(self, positions: dict[int, str]) -> None:
        """Read on with the log, unless another process had seen more than has come here yet."""
        self._positions = None if positions == self._log.positions else positions
        self.cursor = cursor.write(positions)


def newest(log: FeedLog, count: int) -> list[Told]:
    """The newest `count` outputs, oldest first."""
    return (log.since(max(0, log.arrived - count)) or log.since(log.arrived - len(log.items)) or [])[-count:]
