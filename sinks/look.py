"""One look at all shards at once: what a page that is always open reads of the store, again and again.

Only what moved since the last look is read, and never anything that grows with the number of shoppers. A shard's feed
is read on from a position, the id of the last output that was seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

FEED_LENGTH = 1_000
"""Outputs a shard's feed keeps."""
BEGINNING = "0-0"
"""The position before a shard's first output."""
LAST = 2**64 - 1
"""The highest index an output of a batch could have."""


class Known(NamedTuple):
    """What is known of a shard: the number of its last batch, and the position in its feed."""

    seq: int
    position: str


class FeedPart(NamedTuple):
    """Outputs of a shard's feed with their ids, oldest first. `complete`: nothing between them and the position asked
    from was dropped, since the feed keeps the newest 1,000."""

    entries: Sequence[tuple[str, bytes]]
    complete: bool = True


class ShardLook(Struct, frozen=True):
    """A shard that moved: number of its last batch, packed state, counters, timers set and due, and its feed from the
    known position on."""

    partition: int
    seq: int
    state: bytes
    stats: Mapping[bytes, bytes]
    timers: int
    timers_due: int
    feed: FeedPart


NOTHING = Known(-1, BEGINNING)
"""Of a shard that was never looked at."""


class Look(Struct, frozen=True):
    """How many shards there are, the shards that moved, and as JSON what workers told of themselves (by id), and of
    endpoints who sends to them (by endpoint and process)."""

    partitions: int
    moved: Sequence[ShardLook]
    workers: Mapping[str, bytes]
    endpoints: Mapping[str, bytes]


def place(position: str) -> tuple[int, int]:
    """A position as numbers, by which positions of one shard are ordered; ValueError if it is none.

    >>> place("12-3") < place("12-10"), place(BEGINNING)
    (True, (0, 0))
    """
    seq, _, index = position.partition("-")
    return int(seq), int(index)


def onward(known: Known, seq: int) -> str:
    """From where on to read the feed of a shard whose last batch is now `seq`. Where the store went back to an older
    state, what comes after that is new, whatever was seen.

    >>> onward(Known(12, "12-3"), 15), onward(Known(12, "12-3"), 9), onward(Known(12, "8-0"), 9)
    ('12-3', '9-18446744073709551615', '8-0')
    """
    if seq < known.seq and place(known.position)[0] > seq:
        return f"{seq}-{LAST}"
    return known.position


def part(found: Sequence[tuple[str, bytes]], position: str) -> FeedPart:
    """The outputs after a position, of those that are kept from it on.

    >>> part([("3-0", b"a"), ("3-1", b"b")], "3-0")
    FeedPart(entries=[('3-1', b'b')], complete=True)
    >>> part([("3-1", b"b")], "3-0").complete
    False
    """
    if position == BEGINNING:
        return FeedPart(list(found), len(found) < FEED_LENGTH)
    if found and found[0][0] == position:
        return FeedPart(list(found[1:]))
    return FeedPart(list(found), False)
