"""What is measured on: the history of a real shop, and a sparse stream made for the purpose.

Both are rows in the order of event time, and go into topics, into a store in memory and through the peers alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.stream import CATEGORIES, SHOP, Stream
from kairos.replay.row import Rows

GA360, STREAM = "ga360", "stream"
NAMES = (GA360, STREAM)
WHOLE = 600_000
"""Events of the stream's 90 days."""


class Source(NamedTuple):
    """A history.

    Attributes
    ----------
    name
        One of `NAMES`.
    currency
        The shop's.
    events
        How many rows `batches` have, each time they are gone through.
    """

    name: str
    currency: str
    events: int
    batches: Iterable[Rows]


class Feed(NamedTuple):
    """Input topics, and what is known of what they hold.

    Attributes
    ----------
    topics
        How their names end.
    events
        Records that are no ticks.
    names
        The vocabulary of the events' names.
    packed
        Profiles that a peer finds when it starts.
    folded
        Events that all profiles hold in the end: a repeat is in none.
    """

    topics: str
    currency: str = SHOP.currency
    events: int = 0
    names: Sequence[str] = CATEGORIES
    packed: Mapping[str, bytes] = {}
    folded: int = 0


class First:
    """The first rows of something longer."""

    def __init__(self, batches: Iterable[Rows], events: int) -> None:
        self._batches, self._events = batches, events

    def __iter__(self) -> Iterator[Rows]:
        left = self._events
        for rows in self._batches:
            if left <= 0:
                return
            yield rows[:left]
            left -= len(rows)


def stream(events: int) -> Source:
    """The first events of the sparse stream, in which nearly every event begins a visit."""
    return Source(STREAM, SHOP.currency, events, First(Stream(max(events, WHOLE)), events))


def ga360(file: Path, events: int | None = None) -> Source:
    """Three months of a real shop, or their first events. Raises ReplayError for another file."""
    from kairos.replay.ga360 import Ga360  # here: it brings Polars, which takes its time

    export = Ga360([str(file)])
    count = min(export.total or 0, events or export.total or 0)
    return Source(GA360, "USD", count, First(export, count))
