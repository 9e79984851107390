"""Packed profiles of shoppers seen lately, as committed: the fence makes it safe to believe them.

Bytes are kept, not objects: unpacking fresh bytes is faster than folding into objects that left the processor's cache.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from itertools import islice
from typing import Any

from sinks.store import Load, Request


class Cache:
    """At most about `size` packed profiles (None: known to be absent), the longest untouched leaving first."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.packed: dict[str, bytes | None] = {}

    def get(self, users: Sequence[str]) -> Generator[Request, Any, dict[str, bytes | None]]:
        """The users' packed profiles; asks for those that are not here, all at once."""
        held = self.packed
        missing = [user for user in users if user not in held]
        if not missing:
            return {user: held[user] for user in users}
        loaded = dict(zip(missing, (yield Load(missing)), strict=True))
        return {user: held[user] if user in held else loaded[user] for user in users}

    def put(self, packed: Mapping[str, bytes | None]) -> None:
        """Keep what was committed."""
        held = self.packed
        for user in packed:
            held.pop(user, None)
        held.update(packed)
        if len(held) > self.size:
            for user in list(islice(held, len(held) - self.size)):
                del held[user]
