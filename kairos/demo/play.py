"""The shop's rows and ticks, appended to the broker: history as fast as it is folded, then second by second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from kairos.demo.inputs import Inputs
from kairos.demo.steps import Steps
from kairos.replay import ticks
from kairos.replay.route import Route
from kairos.replay.row import Rows
from models.kernel.settings import HOUR, SECOND
from streams.process import App
from streams.transport.broker import MemoryBroker

SPEED = 60
"""How many times as fast as ours the shop's time runs."""
STEP = 15 * SECOND
"""The shop's time between two ticks: in history six hours, live this."""
HISTORY_STEP = 6 * HOUR
BEHIND = 2_000
"""Records the worker may be behind before time waits for it."""

Progress = Callable[[int, int], None]
"""Told how far history has come: milliseconds of it, events."""


class Play:
    """Feeds the app.

    Parameters
    ----------
    app, broker
        Who folds, and through what.
    route
        Which partition a shopper's rows go to.
    steps
        The shop's life.
    inputs
        Where live rows are kept for those who follow them.

    Attributes
    ----------
    lag
        Records, ticks too, that were not yet folded and published when the newest ones came.
    """

    def __init__(self, app: App, broker: MemoryBroker, route: Route, steps: Steps, inputs: Inputs) -> None:
        self.lag = 0
        self._app = app
        self._broker = broker
        self._route = route
        self._steps = steps
        self._inputs = inputs

    @property
    def at(self) -> int:
        """The shop's time (ms)."""
        return self._steps.at

    def _behind(self) -> int:
        return self._broker.lag(self._route.inputs)

    def advance(self, step: int) -> Rows:
        """Let `step` ms of the shop's life pass: append its rows, and a tick that ends them to every log. Returns the
        rows."""
        self.lag = self._behind()
        append, topics, partition = self._broker.append, self._route.topics, self._route.partition
        rows = self._steps.take(step).rows
        for _, role, key, value in rows:
            append(topics[role], partition(key), key, value)
        for topic in self._route.inputs:
            for number in range(self._route.partitions):
                append(topic, number, None, ticks.value(self._steps.at))
        return rows

    async def folded(self, most: int = 0, stop: asyncio.Event | None = None) -> None:
        """Return when at most so many records are not folded and published, or on `stop`. What ended the app is
        raised."""
        while self._behind() > most and not (stop and stop.is_set()):
            if self._app.crashed:
                raise self._app.crash_reason or RuntimeError("the worker ended")
            await asyncio.sleep(0.01)

    async def history(self, span: int, told: Progress, stop: asyncio.Event) -> None:
        """Let so many ms pass as fast as they are folded; ends early on `stop`."""
        for passed in range(HISTORY_STEP, span + 1, HISTORY_STEP):
            if stop.is_set():
                return
            self.advance(HISTORY_STEP)
            await self.folded(BEHIND, stop)
            told(passed, self._steps.events)
        await self.folded(stop=stop)

    async def live(self, stop: asyncio.Event) -> None:
        """Step by step at `SPEED`, or as fast as the machine can; until `stop`."""
        pace = STEP / SPEED / SECOND
        due = time.monotonic()
        while not stop.is_set():
            rows = self.advance(STEP)
            await asyncio.to_thread(self._inputs.keep, rows, self._route.topics)
            await self.folded(BEHIND, stop)
            due = max(due + pace, time.monotonic() - 1.0)
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, due - time.monotonic())):
                    await stop.wait()
