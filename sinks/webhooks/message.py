"""A message on its way to one endpoint: what the queue must know of it, and how it is kept for another attempt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from sinks.deliveries import Delivery, Fate

ASKING = frozenset({"triggered", "suppressed", "raised"})
"""Kinds that a later message may take back."""
TAKING_BACK = frozenset({"cancelled", "cleared"})
"""Kinds that say nothing but that an earlier message no longer holds."""


class Place(NamedTuple):
    """A partition of an output topic, by the topic's role."""

    topic: str
    partition: int

    def __str__(self) -> str:
        """As it stands in Redis' keys.

        >>> str(Place("user-tags", 3))
        'user-tags:3'
        """
        return f"{self.topic}:{self.partition}"


class Record(NamedTuple):
    """A record of an output topic. `only`: the one endpoint it is for; "": all."""

    place: Place
    offset: int
    key: bytes | None
    value: bytes | None
    only: str = ""


class Head(Struct, frozen=True):
    """What all messages have, as far as it matters here."""

    id: str
    kind: str
    as_of: int
    user_id: str | None = None
    expires_at: int | None = None
    retract: tuple[str, ...] = ()


class Kept(Struct, frozen=True, array_like=True):
    """A message as Redis has it. Fields are appended only, with defaults. Times: wall, ms; `due` 0: not tried yet."""

    value: bytes
    key: bytes | None
    read_at: int
    attempts: int = 0
    refusals: int = 0
    first: int = 0
    due: int = 0
    status: int = 0
    took: int = 0
    why: str = ""


class Entry(Struct, eq=False):
    """A message in the queue of an endpoint.

    Attributes
    ----------
    read_at
        When it was read first (wall ms).
    attempts, refusals
        How often it was tried; how often the answer was that such a message is never taken.
    first, due
        When it was tried first, when it is to be tried next (wall ms); 0: not yet.
    exposed
        Whether the endpoint may have taken it: an attempt had no answer, or nobody knows whether there was one.
    status, took, why
        Of the last attempt: the answer's status (0: none), ms, and in words why it failed.
    kept
        Whether it is in Redis, or will be with the next commit: the lane's offset may pass it.
    flying, over
        An attempt is under way; it came to its end, or belongs to somebody else now.
    """

    place: Place
    offset: int
    key: bytes | None
    value: bytes
    head: Head
    message: Mapping[str, Any]
    read_at: int
    exposed: bool = False
    attempts: int = 0
    refusals: int = 0
    first: int = 0
    due: int = 0
    status: int = 0
    took: int = 0
    why: str = ""
    kept: bool = False
    flying: bool = False
    over: bool = False

    @property
    def shopper(self) -> str:
        """Who it is about, as far as order is kept; a message about nobody is alone."""
        return self.head.user_id if self.head.user_id is not None else f"\0{self.head.id}"

    def packed(self) -> bytes:
        """As it is kept."""
        return _pack(
            Kept(
                self.value,
                self.key,
                self.read_at,
                self.attempts,
                self.refusals,
                self.first,
                self.due,
                self.status,
                self.took,
                self.why,
            )
        )

    def ended(self, fate: Fate, at: int, why: str) -> Delivery:
        """What became of it."""
        head = self.head
        return Delivery(
            id=head.id,
            topic=self.place.topic,
            kind=head.kind,
            user_id=head.user_id,
            as_of=head.as_of,
            at=at,
            fate=fate,
            attempts=self.attempts,
            status=self.status,
            took=self.took,
            why=why,
        )


def opened(record: Record, now: int) -> Entry | None:
    """The entry of a record read at `now` (wall ms); None if it holds no message of ours."""
    if record.value is None:
        return None
    try:
        message, head = _decode(record.value), _head(record.value)
    except msgspec.MsgspecError:
        return None
    return Entry(record.place, record.offset, record.key, record.value, head, message, now)


def unpacked(place: Place, offset: int, packed: bytes) -> Entry | None:
    """The entry that was kept; None if it cannot be read. Whether it was under way when its sender ended is not known,
    so that it may have been taken."""
    try:
        kept = _unpack(packed)
    except msgspec.MsgspecError:
        return None
    entry = opened(Record(place, offset, kept.key, kept.value), kept.read_at)
    if entry is not None:
        entry.attempts, entry.refusals, entry.first, entry.due = kept.attempts, kept.refusals, kept.first, kept.due
        entry.status, entry.took, entry.why = kept.status, kept.took, kept.why
        entry.kept = entry.exposed = True
    return entry


_decode = msgspec.json.Decoder(dict[str, Any]).decode
_head = msgspec.json.Decoder(Head).decode
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Kept).decode
