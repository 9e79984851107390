"""Rows as the wire has them: Segment calls as JSON, numbered."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from kairos.replay.row import Row
from kairos.terminal.times import stamp
from models.kernel.settings import MINUTE, SECOND

PAGE = "page"
"""The event of a page call, which has no name."""


class Call(Struct, gc=False):
    """One Segment call; see docs/contract.md."""

    messageId: str
    type: str
    event: str | UnsetType
    userId: str | UnsetType
    anonymousId: str
    timestamp: str
    context: Raw
    properties: Any


class Writer:
    """Makes rows. `mark` is part of all ids, so that runs of different times do not repeat each other's."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self._count = 0
        self._encode = msgspec.json.Encoder().encode

    def number(self) -> str:
        """A new id."""
        self._count += 1
        return f"{self.mark}-{self._count}"

    def row(self, at: int, role: int, event: str, user: str | UnsetType, device: str, context: Raw, what: Any) -> Row:
        """One call of `user` (UNSET: not logged in) at `at` (ms), with `what` as its properties."""
        self._count += 1
        kind, name = ("page", UNSET) if event is PAGE else ("track", event)
        call = Call(f"m-{self.mark}-{self._count}", kind, name, user, device, _stamp(at), context, what)
        return at, role, (device if user is UNSET else user).encode(), self._encode(call)


def _stamp(at: int) -> str:
    """`kairos.terminal.times.stamp`, five times as fast for the many calls of one minute."""
    minute, ms = divmod(at, MINUTE)
    seconds, ms = divmod(ms, SECOND)
    return f"{_minute(minute)}{seconds:02}.{ms:03}Z"


@lru_cache(maxsize=10_000)
def _minute(minute: int) -> str:
    return stamp(minute * MINUTE)[:17]
