"""Audiences: who holds a tag, and who began and ceased to, as lists of people elsewhere take it; shard by shard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

from models.kernel.settings import SharedSettings
from sinks.members import holding, members
from sinks.shard_state import ShardState
from sinks.store import ReadModel

CHUNK = 1_000
"""Profiles that are read in one trip."""
Left = Callable[[int], Mapping[str, int]]
"""Of a shard: who ceased to hold a tag, and when last (event time, ms)."""


class Change(NamedTuple):
    """One line of a list.

    Attributes
    ----------
    user_id, action
        Whom to add or to remove.
    since
        When they began, of ``remove`` when they ceased to hold the tag (event time, ms).
    as_of
        The event time (ms) their shard had come to: of what is later nothing is promised.
    """

    user_id: str
    action: Literal["add", "remove"]
    since: int
    as_of: int


def nobody(_shard: int) -> Mapping[str, int]:
    """Nobody left."""
    return {}


def changes(
    reader: ReadModel,
    tag: str,
    shard: int,
    settings: SharedSettings,
    since: int = 0,
    left: Left = nobody,
) -> Iterator[Change | None]:
    """What changes a list of those who hold a tag, of one shard.

    Whoever applies it to a list as it was at `since`, or later, has all who hold the tag at `as_of`, and whatever came
    after it in part. The next difference goes on from the least `as_of` of this one; that a change is told twice, or of
    somebody who is not on the list, does no harm.

    Parameters
    ----------
    since
        Add only those who hold it since then (event time, ms); 0: all.
    left
        Asked once, for the shard: who ceased to hold the tag since then, and when last (ms). Of what the shard had said
        by its `as_of` nothing may be missing.

    Yields
    ------
    Change or None
        In no order, each shopper once; None for each profile that changes nothing. Held in memory are those who left.
    """
    as_of = ShardState.decode(reader.shard(shard)).watermark  # before all else is read: what comes later is known again
    gone = dict(left(shard))
    for member in members(reader, tag, shard, settings):
        if member is not None:
            gone.pop(member.user_id, None)
        yield Change(member.user_id, "add", member.since, as_of) if member and member.since >= since else None
    users = list(gone)
    for begin in range(0, len(users), CHUNK):
        part = users[begin : begin + CHUNK]
        back = holding(reader, tag, shard, part)  # since they were looked at, or not looked at
        for user in part:
            if user in back:
                yield Change(user, "add", back[user], as_of)
            else:
                yield Change(user, "remove", gone[user], as_of)
