"""What every store does to a commit in the same way."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from sinks.look import FEED_LENGTH
from sinks.store import Commit

_encode = msgspec.msgpack.Encoder().encode


def digest(commit: Commit) -> str:
    """blake2b-64 over the whole batch: how a store knows the same batch sent again from another one.

    msgpack writes lengths before values, so no two different batches give the same bytes.

    >>> batch = Commit({"orders": 5}, b"w", {}, {}, {"u": 9}, {}, {}, (), b"")
    >>> digest(batch) == digest(msgspec.structs.replace(batch, offsets={"orders": 6}))
    False
    """
    return blake2b(_encode(commit), digest_size=8).hexdigest()


def bounded_feed(commit: Commit) -> tuple[int, list[bytes]]:
    """The commit's outputs that the feed will keep, and the index of the first: the i-th has the id ``seq-i``.

    >>> bounded_feed(Commit({}, b"", {}, {}, {}, {}, {}, (b"a", b"b"), b""))
    (0, [b'a', b'b'])
    """
    first = max(0, len(commit.feed) - FEED_LENGTH)
    return first, list(commit.feed[first:])
