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
    headers: Sequence[tuple[str, bytes]]


class Chunk(NamedTuple):
    """Records of one partition in offset order. `start` is the consumer's position before the fetch: a shard takes
    the chunk only if that is the offset it expects, so a loss is seen although gaps inside a log are legal."""

    topic: str
    partition: int
    start: int
    records: Sequence[Record]


class Input(NamedTuple):
    """One input topic. `rank` is its place in the configured list: clickstream topics, then cart, then orders."""

    topic: str
    rank: int
    role: str = ""


class End(NamedTuple):
    """What the consumer knows of a log's end: its high watermark, and the wall time (ms) of the fetch that said so."""

    highwater: int | None = None
    polled: int | None = None
