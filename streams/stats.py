"""A shard's counters, and the minutes of its activity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sinks.minutes import HOURS, field, former, pack, unpack


class Minutes:
    """The minutes of the shard's newest hours, of those it was told of, and which hours changed since they were last
    taken."""

    def __init__(self) -> None:
        self._hours: list[tuple[int, dict[int, list[int]]]] = [(-1, {}) for _ in range(HOURS)]
        self._changed: set[int] = set()

    def add(self, deltas: Mapping[int, Sequence[int]], *, changed: bool = True) -> None:
        """Add to minutes of event time: by minute what came of [events, orders, revenue, triggers].

        An hour older than the one in its place is forgotten. `changed`: False of what is stored so already.
        """
        for minute in sorted(deltas):
            hour, new = minute // 60, deltas[minute]
            place = hour % HOURS
            held, rows = self._hours[place]
            if held > hour:
                continue
            if held < hour:
                rows = {}
                self._hours[place] = hour, rows
            row = rows.get(minute)
            rows[minute] = [minute, *new] if row is None else [minute, *map(sum, zip(row[1:], new, strict=True))]
            if changed:
                self._changed.add(hour)

    def taken(self) -> dict[str, str]:
        """The hours that changed since the last call, as fields."""
        changed, self._changed = self._changed, set()
        hours = [self._hours[hour % HOURS] for hour in sorted(changed)]
        return {field(hour): pack(rows.values()) for hour, rows in hours}


class Stats:
    """The shard's counters: totals, and which of them changed since they were last committed."""

    def __init__(self, stored: Mapping[str, bytes] | None = None) -> None:
        self.texts: dict[str, str] = {}
        self.totals: dict[str, int] = {}
        self.minutes = Minutes()
        self._changed: set[str] = set()
        self._former: list[str] = []
        for name, value in (stored or {}).items():
            if value.lstrip(b"-").isdigit():
                self.totals[name] = int(value)
            elif minutes := unpack(name, value):
                self.minutes.add({row.minute: row[1:] for row in minutes}, changed=former(name))
                self._former += [name] if former(name) else []
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

    def group(self, prefix: str) -> dict[str, int]:
        """The counters whose name begins so, by what follows."""
        return {name[len(prefix) :]: n for name, n in self.totals.items() if name.startswith(prefix)}

    def taken(self) -> dict[str, int | str | None]:
        """What changed since the last call, with its new value; None: a field that is there no more."""
        changed, self._changed = self._changed, set()
        gone, self._former = dict.fromkeys(self._former), []
        return {**gone, **{name: self._value(name) for name in changed}, **self.minutes.taken()}

    def _value(self, name: str) -> int | str:
        return self.totals[name] if name in self.totals else self.texts[name]
