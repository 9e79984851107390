"""The parts of a worker process that may fail or die, in this process: fault points, a store, outputs."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from typing import Any

from sinks.outputs import Message, PublishError
from streams.transport.broker import BrokerOutputs, MemoryBroker
from tests.reference.flaky import Crash, CrashingFaults, FlakyStore, Misfortune


class Life:
    """One process' life. After its crash nothing it does has any effect, as if it were killed."""

    def __init__(self) -> None:
        self.over = False

    def check(self) -> None:
        if self.over:
            raise Crash("dead already")

    def end(self) -> None:
        self.over = True


class MortalFaults(CrashingFaults):
    """Fault points at which the process may die."""

    def __init__(self, fate: Misfortune, life: Life) -> None:
        super().__init__(fate)
        self.life = life
        self.plan = {("mid_outbox", 0): signal.SIGKILL}  # is never met, but lets outboxes go out in two halves

    def at(self, point: Any) -> None:
        self.life.check()
        try:
            super().at(point)
        except Crash:
            self.life.end()
            raise


class MortalStore(FlakyStore):
    """Fails, and dies with its process."""

    def __init__(self, store: Any, fate: Misfortune, life: Life) -> None:
        super().__init__(store, fate)
        self.life = life

    def _try(self, name: str, call: Any) -> Any:
        self.life.check()
        return super()._try(name, call)


class MortalOutputs(BrokerOutputs):
    """Loses acknowledgements: of nothing, of a half, of all that was sent."""

    def __init__(self, broker: MemoryBroker, fate: Misfortune, life: Life) -> None:
        super().__init__(broker)
        self.fate, self.life = fate, life

    async def publish(self, partition: int, messages: Sequence[Message]) -> None:
        self.life.check()
        if self.fate.strikes(self.fate.failures / 3, "not acknowledged"):
            await super().publish(partition, messages[: self.fate.rng.randrange(len(messages) + 1)])
            raise PublishError("no answer")
        await super().publish(partition, messages)
