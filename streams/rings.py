"""The newest hours of a shard: what was counted in them by minute, and by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from operator import add
from typing import Generic, TypeVar

from sinks import hours, minutes

Key = TypeVar("Key")
Value = TypeVar("Value")


class Ring(ABC, Generic[Key, Value]):
    """Counts of so many hours, and which of them changed since they were last taken. An hour that is older than the
    one in its place is forgotten."""

    def __init__(self, size: int) -> None:
        self._hours: list[tuple[int, dict[Key, Value]]] = [(-1, {})] * size
        self._changed: set[int] = set()

    def at(self, hour: int, *, changed: bool = True) -> dict[Key, Value] | None:
        """The counts of an hour (of event time, since 1970), to be added to; None if it is forgotten. `changed`: False
        where what is added is stored so already."""
        place = hour % len(self._hours)
        held, counts = self._hours[place]
        if held != hour:
            if held > hour:
                return None
            counts = {}
            self._hours[place] = hour, counts
        if changed:
            self._changed.add(hour)
        return counts

    def taken(self) -> dict[str, str]:
        """The hours that changed since the last call, as fields."""
        changed, self._changed = self._changed, set()
        held = [self._hours[hour % len(self._hours)] for hour in sorted(changed)]
        return dict(self._field(hour, counts) for hour, counts in held)

    @abstractmethod
    def _field(self, hour: int, counts: Mapping[Key, Value]) -> tuple[str, str]:
        """An hour's field, and its value."""


class Minutes(Ring[int, Sequence[int]]):
    """The minutes of the last day."""

    def __init__(self) -> None:
        super().__init__(minutes.HOURS)

    def add(self, deltas: Mapping[int, Sequence[int]], *, changed: bool = True) -> None:
        """Add to minutes of event time: by minute what came of `models.kernel.effects.COLUMNS`."""
        last, rows = -1, None
        for minute, row in deltas.items():
            if minute // 60 != last:
                last = minute // 60
                rows = self.at(last, changed=changed)
            if rows is not None:
                before = rows.get(minute)
                rows[minute] = row if before is None else _sum(before, row)

    def _field(self, hour: int, counts: Mapping[int, Sequence[int]]) -> tuple[str, str]:
        return minutes.field(hour), minutes.pack([(minute, *row) for minute, row in counts.items()])


class Hours(Ring[str, int]):
    """The hours of the last eight days."""

    def __init__(self) -> None:
        super().__init__(hours.HOURS)

    def add(self, deltas: Mapping[int, Mapping[str, int]], *, changed: bool = True) -> None:
        """Add to hours of event time: by hour what came of each name."""
        for hour, new in deltas.items():
            counts = self.at(hour, changed=changed)
            if counts is not None:
                for name, n in new.items():
                    counts[name] = counts.get(name, 0) + n

    def _field(self, hour: int, counts: Mapping[str, int]) -> tuple[str, str]:
        return hours.field(hour), hours.pack(hour, counts)


def _sum(one: Sequence[int], other: Sequence[int]) -> Sequence[int]:
    """Two rows as one. A short one has zeros at its end."""
    short, long = (one, other) if len(one) < len(other) else (other, one)
    return [*map(add, short, long), *long[len(short) :]]
