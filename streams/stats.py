"""A shard's counters, and the minutes and hours of its activity."""

from __future__ import annotations

from collections.abc import Mapping

from models.kernel.effects import Effects, Listed
from sinks import hours
from sinks.minutes import former, unpack
from streams.rings import Hours, Minutes


class Stats:
    """The shard's counters: totals, and which of them changed since they were last committed."""

    def __init__(self, stored: Mapping[str, bytes] | None = None) -> None:
        self.texts: dict[str, str] = {}
        self.totals: dict[str, int] = {}
        self.minutes = Minutes()
        self.hours = Hours()
        self._changed: set[str] = set()
        self._former: list[str] = []
        for name, value in (stored or {}).items():
            if value.lstrip(b"-").isdigit():
                self.totals[name] = int(value)
            elif minutes := unpack(name, value):
                self.minutes.add({row.minute: row[1:] for row in minutes}, changed=former(name))
                self._former += [name] if former(name) else []
            elif hour := hours.unpack(name, value):
                self.hours.add({hour.hour: hour.counts}, changed=False)
            else:
                self.texts[name] = value.decode()

    def add(self, counts: Mapping[str, int]) -> None:
        """Add changes to the shard's counters."""
        for name, n in counts.items():
            if n:
                self.totals[name] = self.totals.get(name, 0) + n
                self._changed.add(name)

    def restore(self, lists: Mapping[str, Listed]) -> None:
        """Let lists of the shard go on from what is stored."""
        for name, kept in lists.items():
            kept.restore(self.texts.get(name, ""))

    def take(self, effects: Effects, lists: Mapping[str, Listed]) -> None:
        """Add what a batch brought about, and keep the lists that it changed."""
        self.add(effects.counts)
        self.minutes.add(effects.minutes)
        self.hours.add(effects.hours)
        for name in effects.listed:
            self.put(name, lists[name].encode())

    def put(self, name: str, text: str) -> None:
        """Set a text field."""
        if self.texts.get(name) != text:
            self.texts[name] = text
            self._changed.add(name)

    def group(self, prefix: str) -> dict[str, int]:
        """The counters whose name begins so, by what follows."""
        return {name[len(prefix) :]: n for name, n in self.totals.items() if name.startswith(prefix)}

    def taken(self) -> dict[str, int | str | None]:
        """What changed since the last call, with its new value; None: a field that is there no more."""
        changed, self._changed = self._changed, set()
        gone, self._former = dict.fromkeys(self._former), []
        rings = self.minutes.taken() | self.hours.taken()
        return {**gone, **{name: self._value(name) for name in changed}, **rings}

    def _value(self, name: str) -> int | str:
        return self.totals[name] if name in self.totals else self.texts[name]
