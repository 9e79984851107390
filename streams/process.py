"""The Faust app as a process: what starts and stops with it, and that a crash ends it."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from typing import Protocol

import faust
from faust.tables.manager import TableManager

from streams.shards import Shards

logger = logging.getLogger(__name__)

CRASH_WITHIN = 20.0
"""Seconds a crashed worker may take to stop by itself."""


class Resource(Protocol):
    """Something that runs as long as the app: the producer of the outputs, for one."""

    async def start(self) -> None:
        """Before the first shard is claimed. What it raises stops the start."""

    async def stop(self) -> None:
        """After the last shard was released."""


class NoTables(TableManager):  # type: ignore[misc]
    """Faust waits a second here for tables to be declared; there are none."""

    async def on_start(self) -> None:
        """What is left of it."""
        await self._update_channels()
        await self.recovery.start()


class App(faust.App):  # type: ignore[misc]
    """`faust.App` that owns shards and the resources they need."""

    shards: Shards
    resources: Sequence[Resource] = ()
    _doomed = False

    async def on_start(self) -> None:
        """Called by Faust before consumer and agents start."""
        for resource in self.resources:
            await resource.start()
        await super().on_start()

    async def on_stop(self) -> None:
        """Called by Faust first of all: drains the consumer, then nothing needs the resources any more."""
        await super().on_stop()
        await self.shards.release()
        for resource in reversed(self.resources):
            await resource.stop()
        self.shards.close()

    def _crash(self, reason: BaseException) -> None:
        """Every way to crash comes through here. In a worker process, the end comes within `CRASH_WITHIN`, whatever
        hangs; an app inside another program (tests, the demo) leaves that to the program."""
        super()._crash(reason)
        if self.in_worker and not self._doomed:
            self._doomed = True
            timer = threading.Timer(CRASH_WITHIN, os._exit, (1,))
            timer.daemon = True
            timer.start()

    def _create_directories(self) -> None:
        """Faust keeps tables in a data directory; there are no tables."""
