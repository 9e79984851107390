"""A cursor: where somebody is in the feeds of all shards, as short text. What a stream of server-sent events is resumed
by, at any process that reads the same store."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sinks.look import LAST, place

ONE = "[0-9]{1,4}:[0-9]{1,16}-[0-9]{1,20}"
POSITIONS = re.compile(f"{ONE}(,{ONE})*")


def write(positions: Mapping[int, str]) -> str:
    """The cursor of these positions, by partition.

    >>> write({0: "12-3", 1: "0-0"})
    '0:12-3,1:0-0'
    """
    return ",".join(f"{partition}:{at}" for partition, at in positions.items())


def read(cursor: str) -> dict[int, str]:
    """The positions of a cursor, by partition.

    Raises
    ------
    ValueError
        It is none.

    Examples
    --------
    >>> read("0:12-3,1:0-0")
    {0: '12-3', 1: '0-0'}
    """
    if not POSITIONS.fullmatch(cursor):
        raise ValueError("expected positions of shards, such as 0:12-3,1:45-0")
    found = [part.partition(":") for part in cursor.split(",")]
    positions = {int(partition): at for partition, _, at in found}
    if len(positions) < len(found):
        raise ValueError("expected each shard once")
    if max(place(at)[1] for at in positions.values()) > LAST:
        raise ValueError("expected positions of outputs that could be")
    return positions
