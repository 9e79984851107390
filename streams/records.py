"""What a transport delivers: records as fetched, in chunks of one partition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Record(Protocol):
    """One record; aiokafka's ConsumerRecord is one."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


class Chunk(NamedTuple):
    """Records of one partition in offset order. `start` is the consumer's position before the fetch: a shard takes
    the chunk only if that is the offset it expects, so a loss is seen although gaps inside a log are legal."""

    topic: str
    partition: int
    start: int
    records: Sequence[Record]
