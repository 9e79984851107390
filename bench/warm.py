"""A history folded once beforehand: what peers must come to, and where a slow one begins.

An agent that takes a third of a millisecond an event has no time for a whole history; a history's beginning, with every
shopper new, is not like the rest. So it gets the last events, on profiles that hold all that came before.
"""

from __future__ import annotations

from typing import NamedTuple

from bench.progress import Show
from bench.sources import Source
from bench.workers.common import Fold
from kairos.replay.row import Rows
from models.features import SHOPPERS
from models.kernel.events import ORDER
from models.kernel.settings import DAY
from models.kernel.shopper import Profile
from models.profile import codec


class Warm(NamedTuple):
    """A folded history.

    Attributes
    ----------
    packed
        Every shopper's profile before the last events, `tail`.
    names
        The vocabulary after all.
    folded
        Events in all profiles in the end.
    looks
        Looks at a day's table an event: each buyer looks once a day from the first order on.
    """

    packed: dict[str, bytes]
    tail: list[Rows]
    names: list[str]
    folded: int
    looks: float


class _Folding:
    """The fold on profiles in memory, and when each buyer came first."""

    def __init__(self, currency: str) -> None:
        self.fold = Fold({role: role for role in SHOPPERS.outputs}, currency)
        self.profiles = dict[str, Profile]()
        self.bought = dict[bytes | None, int]()
        self.last = 0

    def add(self, rows: Rows) -> None:
        for e, role, key, value in rows:
            reading = self.fold.read(value, -1)
            profile = self.fold.event(self.profiles.get(reading.shopper), reading)
            if profile is not None:
                self.profiles[reading.shopper] = profile
            self.last = max(self.last, e or 0)
            if role == ORDER:
                self.bought.setdefault(key, e or 0)
        self.fold.outputs()


def split(source: Source, events: int, show: Show) -> Warm:
    """Fold a history; `events` is the length of the tail."""
    first, done, folding, tail = source.events - events, 0, _Folding(source.currency), list[Rows]()
    for rows in source.batches:
        before = rows[: max(0, first - done)]
        folding.add(before)
        tail.append(rows[len(before) :])
        show(done := done + len(rows))
    packed = {user: codec.encode(profile) for user, profile in folding.profiles.items()}
    for rows in tail:
        folding.add(rows)
    looks = sum((folding.last - e) // DAY for e in folding.bought.values()) / max(1, source.events)
    held = sum(profile.events for profile in folding.profiles.values())
    return Warm(packed, [rows for rows in tail if rows], folding.fold.context.vocabulary.names, held, looks)
