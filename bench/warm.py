"""The stream's end for a slow peer, and the profiles it finds there.

An agent that takes a third of a millisecond an event has no time for the whole stream; the stream's beginning, with
every shopper new, is not like the rest. So it gets the last events, on profiles that hold all that came before.
"""

from __future__ import annotations

from bench.progress import Show
from bench.stream import Stream
from bench.workers.common import Fold
from kairos.replay.row import Rows
from models.features import SHOPPERS
from models.kernel.shopper import Profile
from models.profile import codec


def split(stream: Stream, events: int, show: Show) -> tuple[dict[str, bytes], list[Rows]]:
    """Every shopper's packed profile before the last `events` events, and these."""
    first, done = len(stream) - events, 0
    fold, profiles, tail = Fold({role: role for role in SHOPPERS.outputs}), dict[str, Profile](), list[Rows]()
    for rows in stream:
        before = rows[: max(0, first - done)]
        _fold(fold, profiles, before)
        tail.append(rows[len(before) :])
        show(done := done + len(rows))
    return {user: codec.encode(profile) for user, profile in profiles.items()}, [rows for rows in tail if rows]


def _fold(fold: Fold, profiles: dict[str, Profile], rows: Rows) -> None:
    for _, _, _, value in rows:
        reading = fold.read(value, -1)
        profiles[reading.shopper] = fold.event(profiles.get(reading.shopper), reading)
    fold.outputs()
