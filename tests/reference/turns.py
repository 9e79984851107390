"""Drives the shards of one worker through a history in common turns, each with misfortunes of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any, Literal

from sinks.memory_store import MemoryStore
from sinks.store import Request
from streams.work import Work, together
from tests.reference.driver import Driver
from tests.reference.flaky import Crash, FlakyStore
from tests.reference.logs import Logs


class PartedStore(MemoryStore):
    """A store that answers the requests of each shard through that shard's own flaky store."""

    def __init__(self, stores: dict[int, FlakyStore]) -> None:
        super().__init__()
        self.stores = stores
        self.trips: list[list[str]] = []

    def together(self, requests: Sequence[tuple[int, Request]]) -> list[Any]:
        self.trips.append([type(request).__name__ for _, request in requests])
        return [answer for p, request in requests for answer in self.stores[p].together([(p, request)])]


class Turns:
    """All shards of a history, on one store."""

    def __init__(self, logs: Logs, rng: Random, clock: Literal["event", "wall"] = "event") -> None:
        self.rng = rng
        self.store = MemoryStore()
        self.drivers = [Driver(logs, p, rng, clock, self.store) for p in range(logs.partitions)]
        self.parted = PartedStore({driver.partition: driver.flaky for driver in self.drivers})
        self.mixed: Counter[str] = Counter()

    def run(self) -> None:
        """The whole history: a while of misfortune, then calm until nothing is left to do."""
        self.suffer(self.rng.choice([20, 60, 150]))
        self.recover()

    def suffer(self, turns: int) -> None:
        """So many turns of misfortune."""
        for _ in range(turns):
            for driver in self.drivers:
                if self.rng.random() < 0.05:
                    driver.rebalance()
                for _ in range(self.rng.choice([0, 1, 2])):
                    driver.fetch()
            self._turn([driver for driver in self.drivers if self.rng.random() < 0.8])

    def recover(self) -> None:
        """All is calm until nothing is left to do."""
        for driver in self.drivers:
            driver.misfortune.calm = True
        idle = 0
        while any(driver.left() for driver in self.drivers) or idle < 4:
            for driver in self.drivers:
                driver.fetch()
            idle = 0 if self._turn(self.drivers) else idle + 1

    def _turn(self, drivers: Sequence[Driver]) -> bool:
        """One turn of these shards, now and then with a zombie among them."""
        most = self.rng.choice([1, 3, 4_000])
        works: list[tuple[int, Work]] = []
        for driver in drivers:
            driver.now += self.rng.choice([0, 1, 100, 600, 5_000])
            works.append((driver.partition, driver.shard.work(driver.now, driver.ends(driver.shard), most)))
        haunted = self._haunted(drivers)
        for driver in haunted:
            zombie = driver.zombies[-1]
            works.append((driver.partition, zombie.work(driver.now, driver.ends(zombie), most)))
        outcomes = together(self.parted, works)
        self._note(outcomes)
        moved = [driver.settled(outcome) for driver, outcome in zip(drivers, outcomes, strict=False)]
        for driver, outcome in zip(haunted, outcomes[len(drivers) :], strict=True):
            driver.laid(driver.zombies[-1], outcome)
        return any(moved)

    def _haunted(self, drivers: Sequence[Driver]) -> list[Driver]:
        found = []
        for driver in drivers:
            if driver.zombies and self.rng.random() < 0.3:
                try:
                    driver.publish(driver.zombies[-1])
                except Crash:
                    continue
                found.append(driver)
        return found

    def _note(self, outcomes: Sequence[bool | Exception]) -> None:
        """Which misfortunes struck one shard while another one committed."""
        if True in outcomes:
            self.mixed.update({type(outcome).__name__ for outcome in outcomes if isinstance(outcome, Exception)})
