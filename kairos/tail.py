"""`kairos tail`: what a topic says, as it says it; from Kafka, or from the feed of a demo."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec
from msgspec import Struct
from rich.console import Console

from kairos import wiring
from kairos.errors import NoServer, TopicError
from kairos.lines import say_json, show
from kairos.settings import Settings
from models.kernel.outputs import OUTPUT_TOPICS
from sinks.store import ReadModel, Unavailable

POLL = 0.2
"""Seconds between looks into the feed."""
WHOLE = 1_000
"""What a shard's feed holds at most."""


class Entry(Struct, frozen=True):
    """One entry of a feed."""

    topic: str
    message: msgspec.Raw


class _When(Struct, frozen=True):
    as_of: int = 0


_decode = msgspec.json.Decoder(Entry).decode
_as_of = msgspec.json.Decoder(_When).decode


def run(settings: Settings, console: Console, topic: str, *, from_start: bool = False, as_json: bool = False) -> None:
    """Print messages as they come, for ever: from Kafka where KAFKA_URL is set, else from the feed."""
    for value in _values(settings, topic, from_start):
        if as_json:
            say_json(value)
        else:
            show(console, value)


def _values(settings: Settings, topic: str, from_start: bool) -> Iterator[bytes]:
    if not settings.brokers:
        yield from _fed(settings, topic, from_start)
        return
    from kairos.consume import follow

    for record in follow(settings, name(settings, topic), from_start=from_start):
        if record.value is not None:
            yield record.value


def _fed(settings: Settings, topic: str, from_start: bool) -> Iterator[bytes]:
    reader = wiring.reader(settings)
    try:
        yield from feed(reader, topic, from_start=from_start)
    except Unavailable:
        if settings.redis_url:
            raise
        raise NoServer("the demo has ended") from None


def name(settings: Settings, topic: str) -> str:
    """The topic's name on the broker: of an output's role, else the name as it is."""
    return settings.outputs.get(topic, topic)


def feed(reader: ReadModel, topic: str, *, from_start: bool = False) -> Iterator[bytes]:
    """Outputs of the topic from every shard's feed, for ever, in the order of their event time as far as known.

    Raises
    ------
    TopicError
        Only outputs are in the feed.
    """
    if topic not in OUTPUT_TOPICS:
        raise TopicError(f"a demo shows its outputs only: {', '.join(OUTPUT_TOPICS)}")
    seen = dict.fromkeys(range(reader.partitions()), (0, -1))
    first = True
    while True:
        fresh = [entry for partition in seen for entry in _fresh(reader, partition, seen)]
        if from_start or not first:
            said = [entry.message for entry in fresh if entry.topic == topic]
            yield from map(bytes, sorted(said, key=_time))
        first = False
        time.sleep(POLL)


def _fresh(reader: ReadModel, partition: int, seen: dict[int, tuple[int, int]]) -> list[Entry]:
    """What the shard's feed holds beyond the ids seen."""
    found = [(tuple(map(int, entry.split("-"))), value) for entry, value in reader.feed(partition, WHOLE)]
    fresh = [_decode(value) for entry, value in found if entry > seen[partition]]
    if found:
        seen[partition] = (found[-1][0][0], found[-1][0][1])
    return fresh


def _time(message: bytes) -> int:
    return _as_of(message).as_of
