"""Logs of a shop, written by hand: JSON as it comes through Kafka, by topic and partition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from models.features import ShopSettings
from models.kernel.partition import partitioner
from sinks.outputs import Header
from streams.records import Input
from tests.reference.world import World

INPUTS = (Input("clickstream", 0), Input("cart", 1), Input("orders", 2))
TOPICS = tuple(source.topic for source in INPUTS)
CLICKS = ("Page Viewed", "Product Viewed", "Product List Viewed", "Product Clicked", "Products Searched")
CARTS = ("Product Added", "Product Removed", "Cart Updated", "Cart Viewed", "Checkout Started")

START = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""


class Rec(NamedTuple):
    """One record of a log."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header] = ()


def iso(at: int) -> str:
    """A time in ms as messages state it.

    >>> iso(START + 1)
    '2026-01-01T00:00:00.001Z'
    """
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def home(event: str) -> str:
    """The default topic of an event."""
    return "cart" if event in CARTS else "orders" if event.startswith("Order ") else "clickstream"


class Logs:
    """Logs of all topics and partitions. Times (ms) count from `START`."""

    def __init__(self, partitions: int = 1, settings: ShopSettings | None = None) -> None:
        self.partitions = partitions
        self.settings = settings or ShopSettings()
        self.records: dict[tuple[str, int], list[Rec]] = defaultdict(list)
        self.arrivals: dict[tuple[str, int], list[int]] = defaultdict(list)  # of records, where a history knows them
        self.place = partitioner(self.settings.partitioner)
        self.messages = 0

    def write(self, topic: str, partition: int, value: bytes | None, *, key: bytes | None = None, at: int = -1) -> None:
        """One record as it is; `at` is its Kafka timestamp, counted from `START` (negative: it has none)."""
        log = self.records[topic, partition]
        log.append(Rec(len(log), self.absolute(at) if at >= 0 else -1, key, value))

    @staticmethod
    def absolute(at: int) -> int:
        """A time of this log in ms since 1970."""
        return START + at

    def track(
        self,
        event: str,
        user: str,
        at: int,
        *,
        message: str | None = None,
        anonymous: bool = False,
        topic: str = "",
        context: Mapping[str, Any] | None = None,
        **properties: Any,
    ) -> bytes:
        """A call, written to where its shopper belongs; returns its value, to be written again."""
        self.messages += 1
        name = "anonymousId" if anonymous else "userId"
        call = {"messageId": message or f"m-{self.messages}", "type": "track", "event": event, name: user}
        stated = {"context": context} if context is not None else {}
        value = msgspec.json.encode(call | {"timestamp": iso(START + at), **stated, "properties": properties})
        key = user.encode()
        self.write(topic or home(event), self.place(key, self.partitions), value, key=key)
        return value

    def again(self, value: bytes, topic: str, partition: int = 0) -> None:
        """A duplicate."""
        self.write(topic, partition, value)

    def tick(self, at: int, topics: Iterable[str] = TOPICS, partition: int | None = None) -> None:
        """A promise: no record below `at` follows. To every partition unless one is named."""
        value = msgspec.json.encode({"type": "kairos.tick", "timestamp": iso(START + at)})
        for topic in topics:
            for p in range(self.partitions) if partition is None else [partition]:
                self.write(topic, p, value)

    def shard(self, partition: int = 0) -> Mapping[str, list[Rec]]:
        """What one shard reads: records by topic."""
        return {topic: self.records[topic, partition] for topic in TOPICS}

    def world(self, partition: int = 0) -> World:
        """The reference's reading of one shard."""
        return World(partition, self.partitions, INPUTS, self.settings).fold(self.shard(partition))

    def told(self, topic: str, partition: int = 0) -> list[tuple[Any, ...]]:
        """What the reference says on an output topic: (kind, about, as_of), times counted from `START`."""
        return [(s.kind, since(s.about), s.as_of - START) for s in self.world(partition).said if s.topic == topic]


def since(about: object) -> object:
    """Times inside what an output is about, counted from `START`."""
    if isinstance(about, tuple):
        return tuple(since(part) for part in about)
    return about - START if isinstance(about, int) and about > START // 2 else about
