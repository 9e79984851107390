"""Whether a process that sends is alive, and at work. That an endpoint does not answer plays no part."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from kairos.act.reporting import Reporting
from kairos.act.watch import Watch
from kairos.monitoring.health import BEAT, Answer
from streams.pulse import Periodic


class ActHealth(Periodic):
    """Judges one process, whose loop gives signs of life from `start` on.

    Parameters
    ----------
    watch, reporting
        What knows of Kafka and of Redis.
    patience
        Seconds without a sign of life after which something is wrong.
    """

    def __init__(self, watch: Watch, reporting: Reporting, patience: float) -> None:
        self._watch, self._reporting, self._patience = watch, reporting, patience
        self._alive = time.monotonic()

    async def _run(self) -> None:
        while True:
            self._alive = time.monotonic()
            await asyncio.sleep(BEAT)

    def alive(self) -> Answer:
        """Whether the loop turns."""
        return self._answer(list(self._silence()))

    def ready(self) -> Answer:
        """Whether Kafka and Redis do their part. A process without partitions stands by, and is ready."""
        return self._answer([*self._silence(), *filter(None, (self._watch.problem, self._reporting.problem))])

    def _silence(self) -> Iterator[str]:
        silent = time.monotonic() - self._alive
        if silent > max(self._patience, 4 * BEAT):
            yield f"the loop has not turned for {silent:.0f} s"

    def _answer(self, problems: list[str]) -> Answer:
        return Answer(not problems, len(self._watch.owned), tuple(problems))
