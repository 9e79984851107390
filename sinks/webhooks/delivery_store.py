"""The contract of what senders keep: how far each endpoint has come in each partition, and what is to be tried again.

A partition of an endpoint belongs to one sender at a time, by a token. A commit is written whole or not at all, and may
be sent again: the store knows it by its number. Every method may raise `sinks.store.StoreError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, Protocol

from msgspec import Struct

from sinks.webhooks.message import Place

UNSENT, ENDED, RETRACTED = 20_000, 200, 50_000
"""How many are remembered, the newest: messages an endpoint never got, those that came to their end at it, and ids that
a partition's messages have taken back."""

Outcome = Literal["OK", "FENCED"]


class Claimed(Struct, frozen=True):
    """A partition of an endpoint as its last sender left it.

    Attributes
    ----------
    offset
        Where to read on.
    read
        Messages before this offset may have been sent.
    kept
        By offset, messages to be tried again.
    """

    offset: int
    read: int
    kept: Mapping[int, bytes] = {}


class Change(Struct, frozen=True):
    """One commit of a partition of an endpoint.

    Attributes
    ----------
    seq
        1 for the first of a claim, then one more each.
    offset, read
        As in `Claimed`.
    keep, drop
        By offset, messages to be tried again, over what is there; those that are not any more.
    unsent
        Ids of messages that came to their end without having been sent.
    sent
        Ids of such that are to be sent after all.
    ended
        Messages that came to their end (`sinks.deliveries.Delivery`), the newest last.
    counts
        How much the endpoint's counters rise.
    """

    seq: int
    offset: int
    read: int
    keep: Mapping[int, bytes] = {}
    drop: tuple[int, ...] = ()
    unsent: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()
    ended: tuple[bytes, ...] = ()
    counts: Mapping[str, int] = {}


class Switch(Struct, frozen=True):
    """An endpoint that is switched off: since when (wall ms), why, and as what it was described in the file then."""

    since: int
    why: str
    mark: str


class DeliveryStore(Protocol):
    """Where senders keep their state."""

    def claim(self, endpoint: str, place: Place, token: str, start: int) -> Claimed:
        """Take a partition of an endpoint over; a commit of whoever had it is refused from now on. `start`: the offset
        to begin with, and to be kept, where the endpoint never had it."""
        ...

    def commit(self, endpoint: str, place: Place, token: str, change: Change) -> Outcome:
        """Write a commit; FENCED: the partition belongs to another sender, or Redis lost what was written."""
        ...

    def unsent(self, endpoint: str) -> list[str]:
        """Messages that the endpoint never got, the oldest first."""
        ...

    def counts(self, endpoint: str) -> Mapping[str, int]:
        """The endpoint's counters."""
        ...

    def offset(self, endpoint: str, place: Place) -> int | None:
        """Where the endpoint reads on; None if it never had the partition."""
        ...

    def retract(self, place: Place, ids: Iterable[str], now: int) -> None:
        """Remember what messages of a partition have taken back, as of `now` (wall ms)."""
        ...

    def retracted(self, place: Place) -> list[str]:
        """What messages of a partition have taken back, the oldest first."""
        ...

    def switch(self, endpoint: str, off: Switch | None) -> None:
        """Switch an endpoint off, or on (None)."""
        ...

    def switched(self, endpoint: str) -> Switch | None:
        """Whether an endpoint is switched off."""
        ...
