"""The input topics, filled once a session, the way `kairos replay` fills them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from rich.console import Console

from bench.peers import settings
from bench.progress import Show, progress
from bench.servers import Servers
from bench.stream import Stream
from bench.warm import split
from kairos.config.settings import Settings
from kairos.kafka import consume, topics
from kairos.replay import ticks
from kairos.replay.kafka import KafkaTarget
from kairos.replay.row import Rows, Span

PARTITIONS = 8


class Inputs:
    """Fills topics when they are first asked for.

    Attributes
    ----------
    stream, slow
        The whole stream, and how many of its last events are for the slow.
    packed
        What the profiles hold before the tail; empty until "tail" was filled.
    """

    def __init__(self, servers: Servers, stream: Stream, slow: int, console: Console) -> None:
        self.servers = servers
        self.stream = stream
        self.slow = slow
        self.packed: dict[str, bytes] = {}
        self._console = console
        self._filled: dict[str, int] = {}

    def events(self, source: str) -> int:
        """How many events an input has."""
        return self._filled[source]

    def fill(self, source: str) -> None:
        """Make the topics of "ticked", "plain" or "tail", and write them, once."""
        if source in self._filled:
            return
        batches, events = iter(self.stream), len(self.stream)
        if source == "tail":
            with progress(self._console, "folding what comes before the tail", events) as show:
                self.packed, rest = split(self.stream, self.slow, show)
            batches, events = iter(rest), self.slow
        self.add(source, batches, events, ticked=source == "ticked")

    def add(self, source: str, batches: Iterable[Rows], events: int, *, ticked: bool) -> None:
        """Make the topics of another input, and write it, with hourly ticks or without."""
        with progress(self._console, f"filling the topics {source}", events) as show:
            where = settings(self.servers, "input", source)
            create(where)
            asyncio.run(write(where, ticks.spans(batches) if ticked else map(Span, batches), show))
        self._filled[source] = events


async def write(where: Settings, spans: Iterable[Span], show: Show) -> None:
    """Write rows to topics that are there, as `kairos replay` does."""
    async with KafkaTarget(where) as target:
        await target.run(spans, lambda _: show(target.events))


def create(where: Settings) -> None:
    """Make the topics that are missing, inputs and outputs."""
    topics.create(where, topics.TopicPlan(PARTITIONS, replication=1), lambda _: None)


def written(where: Settings) -> int:
    """How many messages the output topics hold."""
    client = consume.consumer(where)
    try:
        partitions = [partition for topic in where.outputs.values() for partition in consume.partitions(client, topic)]
        return sum(client.end_offsets(partitions).values())
    finally:
        client.close()
