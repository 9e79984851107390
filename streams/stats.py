"""A shard's counters, and the minutes of its activity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

SLOTS = 1_440
"""Minutes kept of the shop's activity."""


class Stats:
    """The shard's counters: totals, and which of them changed since they were last committed."""

    def __init__(self, stored: Mapping[str, bytes] | None = None) -> None:
        self.texts: dict[str, str] = {}
        self.slots: dict[str, tuple[int, ...]] = {}
        self.totals: dict[str, int] = {}
        self._changed: set[str] = set()
        for name, value in (stored or {}).items():
            if value.lstrip(b"-").isdigit():
                self.totals[name] = int(value)
            elif name.startswith("m:"):
                self.slots[name] = tuple(map(int, value.split(b",")))
            else:
                self.texts[name] = value.decode()

    def add(self, counts: Mapping[str, int]) -> None:
        """Add changes to the shard's counters."""
        for name, n in counts.items():
            if n:
                self.totals[name] = self.totals.get(name, 0) + n
                self._changed.add(name)

    def put(self, name: str, text: str) -> None:
        """Set a text field."""
        if self.texts.get(name) != text:
            self.texts[name] = text
            self._changed.add(name)

    def minutes(self, deltas: Mapping[int, Iterable[int]]) -> None:
        """Add to minutes of event time; a minute older than the one in its slot is forgotten."""
        for minute in sorted(deltas):
            slot = f"m:{minute % SLOTS}"
            held = self.slots.get(slot, (-1,))
            if held[0] > minute:
                continue
            new = deltas[minute]
            if held[0] == minute:
                new = [a + b for a, b in zip(held[1:], new, strict=True)]
            self.slots[slot] = (minute, *new)
            self._changed.add(slot)

    def group(self, prefix: str) -> dict[str, int]:
        """The counters whose name begins so, by what follows."""
        return {name[len(prefix) :]: n for name, n in self.totals.items() if name.startswith(prefix)}

    def taken(self) -> dict[str, int | str]:
        """What changed since the last call, with its new value."""
        changed, self._changed = self._changed, set()
        return {name: self._value(name) for name in changed}

    def _value(self, name: str) -> int | str:
        if name in self.totals:
            return self.totals[name]
        if name in self.slots:
            return ",".join(map(str, self.slots[name]))
        return self.texts[name]
