"""`kairos skip`: lead a shard past a batch that cannot be decoded. What it held is lost, so somebody is asked first."""

from __future__ import annotations

import asyncio
import sys
import uuid
from typing import NamedTuple

import typer
from rich.console import Console

from kairos import wiring
from kairos.config.settings import Settings, required
from kairos.errors import CommandError, Stopped, TopicError, UsageError
from kairos.kafka import batches
from kairos.kafka.consume import consumer, partitions
from kairos.terminal.lines import say
from sinks.store import Commit
from streams.fold import PRODUCTION
from streams.stats import Stats

SKIPPED = "records_skipped"
"""The counter of the shard: offsets that were skipped, each at most one record."""


class Skip(NamedTuple):
    """What is to be skipped: the offsets from `start`, which the shard would read next, to before `end`."""

    topic: str
    partition: int
    start: int
    end: int
    why: str

    @property
    def where(self) -> str:
        """The partition, for people."""
        return f"{self.topic}[{self.partition}]"


def run(settings: Settings, topic: str, partition: int, to: int | None, yes: bool) -> None:
    """Skip, and say what was skipped.

    Raises
    ------
    CommandError
        There is nothing to skip here, nobody can be asked, or the user said no.
    """
    required(settings.brokers, "KAFKA_URL", "set it to host:port of a broker")
    required(settings.redis_url, "REDIS_URL", "it holds how far the shards are")
    if topic not in (names := [source.topic for source in settings.inputs]):
        raise UsageError(f"{topic} is no input: {', '.join(names)}")
    if not yes and not sys.stdin.isatty():
        raise UsageError("nobody can be asked whether this is meant: add --yes")
    count = _count(settings, topic)
    skip = _planned(settings, topic, partition, to)
    lost = f"Going on at offset {skip.end} loses what offsets {skip.start} to {skip.end - 1} held"
    say(Console(stderr=True), f"{skip.where}: {skip.why}. {lost}")
    if not yes and not typer.confirm("Skip it?", err=True):
        raise Stopped("nothing was skipped")
    _commit(settings, skip, count)
    say(Console(), f"{skip.where} goes on at offset {skip.end}; a worker notices within some seconds")


def _count(settings: Settings, topic: str) -> int:
    client = consumer(settings)
    try:
        return len(partitions(client, topic))
    finally:
        client.close()


def _planned(settings: Settings, topic: str, partition: int, to: int | None) -> Skip:
    """What is to be skipped: the batch at which the shard waits, or all before `to`. Raises CommandError."""
    where = f"{topic}[{partition}]"
    start = wiring.reader(settings).offsets(partition).get(topic)
    if start is None:
        start = _begin(settings, topic, partition)
    log = asyncio.run(batches.read(settings, topic, partition, start))
    if to is not None:
        if not start < to <= log.end:
            raise UsageError(f"--to {to}: {where} is at offset {start}, and its log ends at {log.end}")
        return Skip(topic, partition, start, to, "skipped as asked")
    bad = log.batches[-1] if log.batches and log.batches[-1].problem else None
    if bad is None:
        raise CommandError(f"{where}: everything from offset {start} on can be decoded here; there is nothing to skip")
    if bad.first > start:
        raise CommandError(
            f"{where}: a batch at offset {bad.first} cannot be decoded, but offsets {start} to {bad.first - 1} are not "
            "folded yet: let a worker run until it waits there, then skip"
        )
    return Skip(topic, partition, start, bad.end, f"the batch at offset {bad.first} cannot be decoded ({bad.problem})")


def _begin(settings: Settings, topic: str, partition: int) -> int:
    """Where the log begins. TopicError if there is no such partition."""
    client = consumer(settings)
    try:
        found = {place.partition: place for place in partitions(client, topic)}
        if partition not in found:
            raise TopicError(f"no partition {partition} of {topic}")
        return int(client.beginning_offsets([found[partition]])[found[partition]])
    finally:
        client.close()


def _commit(settings: Settings, skip: Skip, count: int) -> None:
    """Own the shard, as a worker would, and commit its new offset and nothing else. The worker that has it finds out
    and claims it again; what it may not have published yet stays in the outbox.

    Raises
    ------
    CommandError
        The shard has moved on meanwhile.
    """
    store, token = wiring.store(settings), uuid.uuid4().hex
    claim = store.claim(skip.partition, token, schema=PRODUCTION.schema, partitions=count)
    if claim.offsets.get(skip.topic, skip.start) != skip.start:
        raise CommandError(f"{skip.where} has moved on to offset {claim.offsets[skip.topic]} meanwhile: look again")
    stats = Stats(claim.stats)
    stats.add({SKIPPED: skip.end - skip.start})
    commit = Commit(
        offsets={skip.topic: skip.end},
        shard=claim.shard,
        profiles={},
        public={},
        timers={},
        stats=stats.taken(),
        vocab={},
        feed=(),
        outbox=claim.outbox,
    )
    if (applied := store.apply(skip.partition, token, claim.seq + 1, commit)).status != "OK":
        raise CommandError(f"{skip.where}: a worker has claimed the shard meanwhile ({applied.status}): try again")
