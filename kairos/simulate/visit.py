"""One visit: a person on a device, a moment that moves on, and the rows left behind."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from kairos.replay.row import Row
from kairos.simulate.calls import Writer
from kairos.simulate.catalogue import Catalogue
from kairos.simulate.draws import Draws
from kairos.simulate.people import SECOND_DEVICE, Person
from kairos.simulate.settings import SimulationSettings
from models.kernel.events import CLICKSTREAM

THINK = 12_500
"""Median time between two calls, in ms, and the standard deviation of its logarithm."""
THINK_SIGMA = 1.5
REMEMBERED = 0.92
"""Share of those who logged in that still are at their next visit."""


class Floor(Struct, frozen=True):
    """What all visits have in common."""

    settings: SimulationSettings
    draws: Draws
    writer: Writer
    catalogue: Catalogue


class Visit:
    """A visit that begins at `at` (ms)."""

    __slots__ = ("_context", "_device", "at", "draws", "floor", "person", "rows", "user")

    def __init__(self, floor: Floor, person: Person, at: int) -> None:
        self.floor, self.person, self.at = floor, person, at
        self.draws = draws = floor.draws
        self.rows: list[Row] = []
        second = len(person.devices) > 1 and draws.chance(SECOND_DEVICE)
        self._device, kind = person.devices[second]
        self._context = person.context(kind, draws)
        self.user: str | UnsetType = person.name if person.logged_in else UNSET
        person.logged_in = person.logged_in and draws.chance(REMEMBERED)

    def say(self, role: int, event: str, properties: Any) -> None:
        """Leave a row."""
        writer = self.floor.writer
        row = writer.row(self.at, role, event, self.user, self._device, self._context, properties)
        self.rows.append(row)

    def think(self) -> None:
        """Let some time pass until the next call."""
        self.at += 1 + int(self.draws.lognormal(THINK, THINK_SIGMA))

    def login(self) -> None:
        """Log in, unless done: from here on calls carry both ids."""
        if self.user is UNSET:
            self.user = self.person.name
            self.say(CLICKSTREAM, "Signed In", UNSET)
        self.person.logged_in = self.draws.chance(REMEMBERED)
