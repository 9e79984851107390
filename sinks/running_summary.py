"""All shards' counters as one, kept up to date: of each shard only the fields whose bytes changed are read again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from sinks import hours, minutes
from sinks.summary import Summary, merge

Texts = dict[str, str]
"""Fields of a shard that are no integers, by name."""

RINGS: Mapping[str, Callable[[Iterable[str]], str]] = {"h": minutes.summed, "w": hours.summed}
"""Fields of which all shards have those of the same names, by the first part of the name: how their values add up."""


class RunningSummary:
    """What `sinks.summary.merge` says of the newest counters of every shard, at the cost of what changed.

    >>> running = RunningSummary()
    >>> running.update(0, {b"events": b"3", b"dead:not_json": b"1"})
    >>> running.update(1, {b"events": b"4"})
    >>> running.update(0, {b"events": b"5"})
    >>> running.summary().counts["events"], running.summary().dead_letters["not_json"]
    (9, 0)
    """

    def __init__(self) -> None:
        self._raw: dict[int, Mapping[bytes, bytes]] = {}
        self._totals: Counter[str] = Counter()
        self._texts: defaultdict[int, Texts] = defaultdict(dict)
        self._ringed: defaultdict[int, Texts] = defaultdict(dict)
        self._rings: Texts = {}
        self._moved: set[str] = set()

    def update(self, partition: int, stats: Mapping[bytes, bytes]) -> None:
        """Take the counters a shard has now."""
        before = self._raw.get(partition, {})
        self._raw[partition] = stats
        added = 0
        for field, value in stats.items():
            old = before.get(field)
            if old == value:
                continue
            name = field.decode()
            if old is None:
                added += 1
            elif name in self._totals and (by := _difference(old, value)) is not None:
                self._totals[name] += by
                continue
            else:
                self._remove(partition, name, old)
            self._add(partition, name, value)
        if len(stats) < len(before) + added:
            self._forget(partition, before)

    def _forget(self, partition: int, before: Mapping[bytes, bytes]) -> None:
        """Take out the fields that a shard has no more; a total that no shard has is not 0, but not there."""
        for field in before.keys() - self._raw[partition].keys():
            self._remove(partition, field.decode(), before[field])
            if not any(field in other for other in self._raw.values()):
                self._totals.pop(field.decode(), None)

    def _remove(self, partition: int, name: str, value: bytes) -> None:
        if self._ringed[partition].pop(name, None) is not None:
            self._moved.add(name)
        elif self._texts[partition].pop(name, None) is None:
            self._totals[name] -= int(value)

    def _add(self, partition: int, name: str, value: bytes) -> None:
        if _ring(name):
            self._ringed[partition][name] = value.decode()
            self._moved.add(name)
            return
        number = _number(value)
        if number is None:
            self._texts[partition][name] = value.decode()
        else:
            self._totals[name] += number

    def summary(self) -> Summary:
        """Over all shards."""
        for name in self._moved:
            if values := [texts[name] for texts in self._ringed.values() if name in texts]:
                self._rings[name] = RINGS[_ring(name)](values)
            else:
                self._rings.pop(name, None)
        self._moved.clear()
        return merge([self._totals, self._rings, *self._texts.values()])


def _ring(name: str) -> str:
    """The first part of a name that is one of a ring's, "" for others."""
    first = name.partition(":")[0]
    return first if first in RINGS else ""


def _difference(before: bytes, now: bytes) -> int | None:
    """How much more a counter is now; None where one of the two is a text."""
    try:
        return int(now) - int(before)
    except ValueError:
        return None


def _number(value: bytes) -> int | None:
    """The number that a counter is; None for a text."""
    try:
        return int(value)
    except ValueError:
        return None
