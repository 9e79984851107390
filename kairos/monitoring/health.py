"""Whether a worker is alive, and whether it is at work: what `/health` and `/ready` answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from msgspec import Struct

from streams.pulse import Periodic
from streams.shards import Shards

BEAT = 0.5
"""Seconds between two signs of life."""


class Answer(Struct, frozen=True):
    """`problems` is empty where all is well."""

    ok: bool
    shards: int
    problems: tuple[str, ...] = ()


class Health(Periodic):
    """Judges one worker, whose loop gives signs of life from `start` on.

    Parameters
    ----------
    shards
        Of the app.
    patience
        Seconds without a sign of life, or for one commit or publication, after which something is wrong.
    """

    def __init__(self, shards: Shards, patience: float) -> None:
        self._shards = shards
        self._patience = patience
        self._alive = time.monotonic()

    async def _run(self) -> None:
        while True:
            self._alive = time.monotonic()
            await asyncio.sleep(BEAT)

    def alive(self) -> Answer:
        """Whether the loop turns. If not, only a new process helps; what Redis or Kafka does plays no part."""
        return self._answer(list(self._silence()))

    def ready(self) -> Answer:
        """Whether Kafka and Redis do their part, every shard that is assigned is claimed, and none is stuck. A worker
        without shards stands by, and is ready."""
        return self._answer([*self._silence(), *self.hindered()])

    def hindered(self) -> Iterator[str]:
        """What keeps shards from their work, in words; that the loop does not turn aside."""
        yield from self._away()
        yield from self._stuck()

    def _silence(self) -> Iterator[str]:
        silent = time.monotonic() - self._alive
        if silent > max(self._patience, 4 * BEAT):
            yield f"the loop has not turned for {silent:.0f} s"

    def _away(self) -> Iterator[str]:
        yield from filter(None, (outage.problem for outage in self._shards.outages))

    def _stuck(self) -> Iterator[str]:
        if (runners := self._shards.runners) is None:
            yield "no shards assigned yet"
        for runner in runners or ():
            since = runner.busy_since
            busy = 0.0 if since is None else time.monotonic() - since
            if busy > self._patience:
                yield f"shard {runner.partition}: not through with a batch for {busy:.0f} s"
            elif not runner.epoch:
                yield f"shard {runner.partition}: not claimed yet"

    def _answer(self, problems: list[str]) -> Answer:
        owned = sum(runner.epoch > 0 for runner in self._shards.runners or ())
        return Answer(not problems, owned, tuple(problems))
