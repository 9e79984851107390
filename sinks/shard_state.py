"""What a shard knows beside its profiles: event time, promises, pinned tables. Written by the shard, read by all."""

from __future__ import annotations

import msgspec
from msgspec import Struct, field


class Taken(Struct, array_like=True):
    """What a shard took of the records that one other shard forwarded to it from one topic (see `streams.forwarding`).

    Whatever was forwarded from an offset below `floor` was taken; of those from there on, `offsets` were.
    """

    floor: int = 0
    offsets: set[int] = field(default_factory=set)


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
    forwards
        By topic and partition, what other shards forwarded to this one.
    partitioner
        By which they did; "" if none did.
    clear
        Event time (ms) before which nothing waits here that would have to be forwarded (see `streams.clearance`); 0
        where nothing is forwarded.
    """

    watermark: int = 0
    promises: dict[str, int] = field(default_factory=dict)
    pins: dict[str, int] = field(default_factory=dict)
    born: int = 0
    opened: int = 0
    settled: int = 0
    froze: dict[str, int] = field(default_factory=dict)
    forwards: dict[str, dict[int, Taken]] = field(default_factory=dict)
    partitioner: str = ""
    clear: int = 0

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
        return _decode(packed) if packed else cls()


# Made once, here: where two threads make the decoder of a type at the same time, msgspec 0.22 may crash.
_decode = msgspec.msgpack.Decoder(ShardState).decode
