"""The input topics, filled once a session, the way `kairos replay` fills them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from rich.console import Console

from bench.peers import settings
from bench.progress import Show, progress
from bench.servers import Servers
from bench.sources import Feed, Source
from bench.warm import Warm, split
from kairos.config.settings import Settings
from kairos.kafka import consume, topics
from kairos.replay import ticks
from kairos.replay.kafka import KafkaTarget
from kairos.replay.row import Rows, Span

PARTITIONS = 8


class Inputs:
    """Fills topics when they are first asked for; `slow` is how many of a history's last events are for the slow."""

    def __init__(self, servers: Servers, slow: int, console: Console) -> None:
        self.servers = servers
        self._slow = slow
        self._console = console
        self._warm: dict[str, Warm] = {}
        self._filled: dict[str, Feed] = {}

    def warm(self, source: Source) -> Warm:
        """What a history comes to."""
        if source.name not in self._warm:
            with progress(self._console, f"folding {source.name} beforehand", source.events) as show:
                self._warm[source.name] = split(source, self._slow, show)
        return self._warm[source.name]

    def feed(self, source: Source, kind: str) -> Feed:
        """The topics of a history: "ticked", "plain" or "tail"."""
        topics, warm = f"{source.name}-{kind}", self.warm(source)
        if topics not in self._filled:
            feed = Feed(topics, source.currency, source.events, warm.names, folded=warm.folded)
            batches = source.batches
            if kind == "tail":
                batches = warm.tail
                feed = feed._replace(events=sum(map(len, batches)), packed=warm.packed)
            self._filled[topics] = self.add(feed, batches, ticked=kind == "ticked")
        return self._filled[topics]

    def add(self, feed: Feed, batches: Iterable[Rows], *, ticked: bool) -> Feed:
        """Make the topics of a feed, and write them."""
        with progress(self._console, f"filling the topics {feed.topics}", feed.events) as show:
            where = settings(self.servers, f"input-{feed.topics}", feed)
            create(where)
            asyncio.run(write(where, ticks.spans(batches) if ticked else map(Span, batches), show))
        return feed


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
