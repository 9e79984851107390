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
from kairos import consume, topics
from kairos.replay import ticks
from kairos.replay.kafka import KafkaTarget
from kairos.replay.row import Rows, Span
from kairos.settings import Settings

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
        self._filled: set[str] = set()

    def events(self, source: str) -> int:
        """How many events an input has."""
        return self.slow if source == "tail" else len(self.stream)

    def fill(self, source: str) -> None:
        """Make the topics of "ticked", "plain" or "tail", and write them, once."""
        if source in self._filled:
            return
        batches: Iterable[Rows] = self.stream
        if source == "tail":
            with progress(self._console, "folding what comes before the tail", len(self.stream)) as show:
                self.packed, batches = split(self.stream, self.slow, show)
        with progress(self._console, f"filling the topics {source}", self.events(source)) as show:
            spans = ticks.spans(batches) if source == "ticked" else map(Span, batches)
            asyncio.run(_write(settings(self.servers, "input", source), spans, show))
        self._filled.add(source)


async def _write(where: Settings, spans: Iterable[Span], show: Show) -> None:
    create(where)
    async with KafkaTarget(where) as target:
        await target.run(spans, lambda _: show(target.events))


def create(where: Settings) -> None:
    """Make the topics that are missing, inputs and outputs."""
    topics.create(where, topics.Plan(PARTITIONS, replication=1), lambda _: None)


def written(where: Settings) -> int:
    """How many messages the output topics hold."""
    client = consume.consumer(where)
    try:
        partitions = [partition for topic in where.outputs.values() for partition in consume.partitions(client, topic)]
        return sum(client.end_offsets(partitions).values())
    finally:
        client.close()
