"""What a random history of deliveries is made of: the log, the endpoints, and all that happened to them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random
from typing import Any, NamedTuple

from sinks.webhooks.endpoints import Endpoint
from sinks.webhooks.memory_deliveries import MemoryDeliveryStore
from sinks.webhooks.message import Place
from sinks.webhooks.queue import Queue

MINUTE, HOUR = 60.0, 3_600.0
BEGIN = 1_800_000_000_000
"""Wall time (ms) at the loop's time 0."""
LOOK = 0.2
"""Seconds between two looks for what was taken back."""
PLACES = (Place("cart-abandonments", 0), Place("churn-alerts", 0))


class Said(NamedTuple):
    """A message as it was appended, at `at` (s)."""

    at: float
    place: Place
    offset: int
    message: dict[str, Any]


class Attempt(NamedTuple):
    """A request: when it began and came, and whether the receiver has it (seconds)."""

    began: float
    arrived: float
    id: str
    taken: bool


class World:
    """What stays when processes end: the log, the store, the receivers, and what happened."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        self.length = random.choice((MINUTE, MINUTE, 20 * MINUTE, 3 * HOUR, 12 * HOUR))
        self.healthy = self.length * random.choice((0.0, 0.5, 1.0))  # from then on nothing fails
        self.log: dict[Place, list[Said]] = {place: [] for place in PLACES}
        self.store = MemoryDeliveryStore()
        self.endpoints = [self._endpoint(name) for name in ("a", "b")]
        self.broken = {endpoint.name: random.choice((0.0, 0.2, 0.7, 1.0)) for endpoint in self.endpoints}
        self.attempts: dict[str, list[Attempt]] = {endpoint.name: [] for endpoint in self.endpoints}
        self.begun: dict[str, list[tuple[float, str]]] = {endpoint.name: [] for endpoint in self.endpoints}
        self.letters: dict[str, set[str]] = {endpoint.name: set() for endpoint in self.endpoints}
        self.poison: set[str] = set()
        self.ends: list[float] = []
        self.takeovers: list[float] = []
        self.owners: dict[tuple[str, Place], str] = {}
        self.lives = 0
        self.seen = dict.fromkeys(PLACES, 0)
        self.bell = asyncio.Event()  # rings as something is appended
        self.idle: list[Queue] = []

    def claimed(self, endpoint: str, place: Place, life: str, now: float) -> None:
        """A partition of an endpoint has another owner, whether the one before noticed or not."""
        if self.owners.get((endpoint, place), life) != life:
            self.takeovers.append(now)
        self.owners[endpoint, place] = life

    async def appended(self, within: float) -> None:
        """Wait until something is appended."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.bell.wait()

    def _endpoint(self, name: str) -> Endpoint:
        random = self.random
        kinds = random.choice(((), (), ("triggered", "raised", "cancelled", "cleared"), ("cancelled", "recovered")))
        return Endpoint(
            name=name,
            url="https://receiver.example/",
            topics=tuple(place.topic for place in PLACES)[: random.choice((1, 2, 2))],
            kinds=kinds,
            channels=random.choice(((), (), ("sms",))),
            concurrency=random.choice((1, 2, 8)),
            keep=random.choice((1, 3, 10_000)),
        )

    def rough(self, now: float) -> bool:
        """Whether things may fail."""
        return now < self.healthy


def script(world: World) -> list[Said]:
    """What is to be appended, and when."""
    random, said = world.random, []
    count = random.randint(5, 40)
    for number in range(count):
        at = random.random() * world.length
        shopper = f"u{random.randrange(4)}"
        kind = random.choice(("triggered", "triggered", "suppressed", "raised"))
        place = PLACES[kind == "raised"]
        valid = random.choice((MINUTE, HOUR, 24 * HOUR))
        first = _message(f"m{number}", kind, shopper, at, valid if kind != "suppressed" else None)
        first["channels"] = random.choice((["email"], ["email", "sms"])) if kind != "suppressed" else []
        said.append(Said(at, place, 0, first))
        if random.random() < 0.15:
            world.poison.add(first["id"])
        if random.random() < 0.6:
            later = at + random.choice((0.0, 0.01, 7.0, MINUTE, HOUR)) * random.random()
            ends = ("cleared",) if kind == "raised" else ("cancelled", "cancelled", "recovered")
            end = _message(f"e{number}", random.choice(ends), shopper, later, None)
            if end["kind"] != "recovered":
                end["retract"] = [first["id"]]
            said.append(Said(later, place, 0, end))
    return sorted(said, key=lambda it: it.at)


def _message(name: str, kind: str, shopper: str, at: float, valid: float | None) -> dict[str, Any]:
    message = {"id": name, "kind": kind, "user_id": shopper, "as_of": wall(at), "reason": "", "cart_id": "c"}
    return message if valid is None else message | {"expires_at": wall(at + valid)}


def wall(at: float) -> int:
    return BEGIN + round(at * 1000)
