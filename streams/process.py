"""The Faust app as a process: what starts and stops with it, that a crash ends it, and what its last words are."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Sequence
from typing import Protocol

import faust
from faust.tables.manager import TableManager

from streams.errors import REFUSALS
from streams.outages import Outages
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

    flows: Sequence[Shards]
    outages: Outages
    resources: Sequence[Resource] = ()
    _doomed = False

    @property
    def shards(self) -> Shards:
        """The shards of the app's only flow. ValueError where there are several."""
        (shards,) = self.flows
        return shards

    async def release(self) -> None:
        """Finish the batches in hand and own nothing."""
        await asyncio.gather(*(shards.release() for shards in self.flows))

    async def on_start(self) -> None:
        """Called by Faust before consumer and agents start."""
        try:
            for resource in self.resources:
                await resource.start()
        except REFUSALS as refusal:
            await self.crash(refusal)  # raised from here, it would be told with a traceback
        else:
            await super().on_start()

    async def on_stop(self) -> None:
        """Called by Faust first of all: drains the consumer, then nothing needs the resources any more."""
        await super().on_stop()
        await self.release()
        for resource in reversed(self.resources):
            await resource.stop()
        for shards in self.flows:
            shards.close()

    async def crash(self, reason: BaseException) -> None:
        """End the worker. Mode tells the reason with a traceback; a refusal is told here, once, by its sentence."""
        if not isinstance(reason, REFUSALS):
            await super().crash(reason)
        elif not self.crashed:
            logger.critical("%s", reason)
            root = self.beacon.root
            (root.data if root else self)._crash(reason)

    def _crash(self, reason: BaseException) -> None:
        """Every way to crash comes through here. In a worker process, the end comes within `CRASH_WITHIN`, whatever
        hangs; an app inside another program (tests, the demo) leaves that to the program."""
        super()._crash(reason)
        if self.in_worker and not self._doomed:
            self._doomed = True
            timer = threading.Timer(CRASH_WITHIN, os._exit, (1,))
            timer.daemon = True
            timer.start()

    def say_stopped(self) -> None:
        """The last line of the log after a stop that was asked for: whether all that was begun is done."""
        if cut_off := set[int]().union(*(shards.cut_off for shards in self.flows)):
            logger.warning(
                "stopped: not everything committed: the store or Kafka did not confirm in time a batch of these "
                "shards: %s. Their next owner finishes it; nothing is lost",
                ", ".join(map(str, sorted(cut_off))),
            )
        elif self._consumer is not None and not self._consumer.committed:
            logger.warning(
                "stopped: everything committed to the store, but Kafka did not take the group's offsets in time; only "
                "lag tools will notice"
            )
        else:
            logger.info("stopped: everything committed")

    def _create_directories(self) -> None:
        """Faust keeps tables in a data directory; there are no tables."""


class Worker(faust.Worker):  # type: ignore[misc]
    """`faust.Worker` whose last words say how it ended."""

    crash_reason: BaseException | None

    def _shutdown_loop(self) -> None:
        """Mode's last act, which tells and raises a crash. A refusal was told already; its exit code is left to do."""
        refused = isinstance(self.crash_reason, REFUSALS)
        if refused:
            self.crash_reason = None
        super()._shutdown_loop()
        if refused:
            sys.exit(1)
        self.app.say_stopped()
