"""What a shard knows beside its profiles: event time, promises, pinned tables; and its counters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct, field

SLOTS = 1_440
"""Minutes kept of the shop's activity."""


class ShardState(Struct, array_like=True):
    """Committed in every APPLY, returned by CLAIM. Fields are only ever appended.

    Attributes
    ----------
    watermark
        W in ms: timers due before it have fired.
    promises
        By topic: no record with an event time below this follows.
    pins
        Versions of the tables in force, by the name of their kind.
    born
        Wall time (ms) of the first claim under ``clock=wall``; 0 under ``clock=event``.
    opened
        The first boundary of tables after the shard began (ms); 0 before it began.
    settled
        The newest boundary whose tables were looked at (ms).
    froze
        By the kind of table, the first boundary at which the shard froze its sketch (ms): later than `opened` for a
        kind that came when the shard was at work already.
    """

    watermark: int = 0
    promises: dict[str, int] = field(default_factory=dict)
    pins: dict[str, int] = field(default_factory=dict)
    born: int = 0
    opened: int = 0
    settled: int = 0
    froze: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Of a state that was written when there was one kind of table, say since when it froze."""
        if not self.froze and 0 < self.opened <= self.watermark:
            self.froze = dict.fromkeys(self.pins, self.opened)

    def counted_nothing(self, table: str, boundary: int) -> bool:
        """Whether the shard will never have a sketch frozen at a boundary (ms) for a kind of table, since it began, or
        began to count for it, only later. False also while it has not come so far."""
        if self.opened > boundary:
            return True
        return self.watermark >= boundary and not 0 < self.froze.get(table, 0) <= boundary

    def encode(self) -> bytes:
        """Pack the state."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def decode(cls, packed: bytes) -> ShardState:
        """Unpack a state; the empty one of no bytes."""
        return msgspec.msgpack.decode(packed, type=cls) if packed else cls()


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
        """Add to counters."""
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
