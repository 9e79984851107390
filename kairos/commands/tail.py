"""`kairos tail`: what a topic says, as it says it; from Kafka, or from the Redis of a demo or of workers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

from rich.console import Console

from kairos import wiring
from kairos.config.settings import Settings
from kairos.demo.inputs import Inputs
from kairos.errors import NoServer, TopicError
from kairos.terminal.event_lines import EventLines
from kairos.terminal.lines import say_json, show
from models.features import SHOPPERS
from models.kernel.events import ROLES
from sinks.read_model import Feed
from sinks.store import ReadModel, Unavailable

POLL = 0.2
"""Seconds between looks into Redis."""


class TailedRecord(NamedTuple):
    """A record's value, and when it was written (ms; negative: not known)."""

    value: bytes | None
    written: int = -1


def run(settings: Settings, console: Console, topic: str, *, from_start: bool = False, as_json: bool = False) -> None:
    """Print records as they come, for ever: from Kafka where KAFKA_URL is set, else from Redis."""
    output, events = role(settings, topic), EventLines(settings.shop)
    for value, written in _records(settings, topic, output, from_start):
        if not as_json and not output:
            events.show(console, value, written)
        elif value is not None:
            say_json(value) if as_json else show(console, value)


def role(settings: Settings, topic: str) -> str | None:
    """Which output this is, by its role or its name on the broker; None: some other topic."""
    return next((role for role, name in settings.outputs.items() if topic in (role, name)), None)


def names(settings: Settings, topic: str) -> tuple[str, ...]:
    """The topics on the broker: of an output's or input's role (which may have several), else the name as it is."""
    if topic in ROLES:
        return settings.roles[ROLES.index(topic)]
    return (settings.outputs.get(topic, topic),)


def _records(settings: Settings, topic: str, output: str | None, from_start: bool) -> Iterator[TailedRecord]:
    if not settings.brokers:
        yield from _from_redis(settings, topic, output, from_start)
        return
    from kairos.kafka.consume import follow

    for record in follow(settings, names(settings, topic), from_start=from_start):
        yield TailedRecord(record.value, record.timestamp)


def _from_redis(settings: Settings, topic: str, output: str | None, from_start: bool) -> Iterator[TailedRecord]:
    """Outputs from the feed of every shard; a demo keeps its newest events too.

    Raises
    ------
    TopicError
        The topic is not there.
    """
    try:
        if output:
            yield from map(TailedRecord, feed(wiring.reader(settings), output, from_start=from_start))
        if settings.redis_url:
            shown = ", ".join(SHOPPERS.outputs)
            raise TopicError(f"{topic} is in Kafka: set KAFKA_URL to follow it; in Redis there are only {shown}")
        yield from _fed(settings, topic, from_start)
    except Unavailable:
        if settings.redis_url:
            raise
        raise NoServer("the demo has ended") from None


def feed(reader: ReadModel, topic: str, *, from_start: bool = False) -> Iterator[bytes]:
    """Messages of an output (by role) from every shard's feed, for ever, in the order of their event time as far as
    known."""
    shards = Feed(reader)
    first = True
    while True:
        fresh = shards.fresh()
        if from_start or not first:
            yield from (bytes(entry.message) for entry in fresh if entry.topic == topic)
        first = False
        time.sleep(POLL)


def _fed(settings: Settings, topic: str, from_start: bool) -> Iterator[TailedRecord]:
    """Events that the demo feeds its worker, for ever, in the order of their arrival."""
    inputs, topics = wiring.demo_inputs(), names(settings, topic)
    ours = [one.topic for one in settings.inputs]
    if not set(topics) <= set(ours):
        raise TopicError(f"a demo has no topic {topic}: only {', '.join((*ours, *SHOPPERS.outputs))}")
    seen = {name: "0-0" if from_start else inputs.newest(name) for name in topics}
    while True:
        fresh = [TailedRecord(value, int(ident.partition("-")[0])) for ident, value in _arrived(inputs, seen)]
        yield from sorted(fresh, key=lambda record: record.written)
        time.sleep(POLL)


def _arrived(inputs: Inputs, seen: dict[str, str]) -> list[tuple[str, bytes]]:
    """Ids and values of what came after the ids seen, by topic."""
    arrived = []
    for name, ident in seen.items():
        fresh = inputs.after(name, ident)
        seen[name] = fresh[-1][0] if fresh else ident
        arrived += fresh
    return arrived
