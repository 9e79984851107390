"""What one fetch brought, and where each partition is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from faust.types import TP

from streams.records import Record


@dataclass(slots=True)
class Cursor:
    """Where one partition is read.

    `next`: where the next chunk starts, which is after the last record handed on. `position`: the client's, which may
    be further, as transaction markers and compacted records take offsets too. `counted`: `next` as the shard counts,
    to which a log it never had a record of begins at 0.
    """

    next: int
    position: int
    counted: int


class Undecodable(NamedTuple):
    """A batch that the client cannot decode: the offset from which nothing can be read, and what the client raised."""

    offset: int
    error: Exception


class Fetched(NamedTuple):
    """Answer of one fetch, the client's positions after it, and the partitions that end at an undecodable batch."""

    records: Mapping[TP, Sequence[Record]] = {}
    positions: Mapping[TP, int] = {}
    undecodable: Mapping[TP, Undecodable] = {}
