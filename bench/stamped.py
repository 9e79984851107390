"""Topics in which the broker writes down when it appended a record, and what they then tell."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec

from bench.traffic import NEW
from kairos.config.settings import Settings
from kairos.kafka import consume, topics
from models.carts.cart_trigger import CART_ABANDONMENTS
from models.kernel.outputs import USER_TAGS

CONFIGS = {"message.timestamp.type": "LogAppendTime", "retention.ms": "-1"}

Key = tuple[str, int]
"""A shopper and an event's time (ms); 0 for a new shopper, who has one event alone."""


def create(where: Settings, partitions: int) -> None:
    """Make all topics of a worker so."""
    options = {"num_partitions": partitions, "replication_factor": 1, "configs": CONFIGS}
    with topics.admin(where) as client:
        client.create_topics(dict.fromkeys(topics.roles(where), options), wait_for_metadata=True)


class Call(msgspec.Struct, rename="camel"):
    """What of an event is needed here."""

    user_id: str
    timestamp: datetime


class Said(msgspec.Struct):
    """What of an output is needed here."""

    kind: str
    user_id: str
    as_of: int


class Event(NamedTuple):
    """When an event was due to be sent, and when it was appended (ms)."""

    due: int
    at: int


class Trigger(NamedTuple):
    """A cart's reminder: when it was due, and when it was appended (ms)."""

    user: str
    due: int
    at: int


def key(user: str, e: int) -> Key:
    """What joins an event with the tags that it brings: they carry its time."""
    return user, 0 if user.encode().startswith(NEW) else e


def events(where: Settings) -> dict[Key, Event]:
    """All events."""
    found, decode = {}, msgspec.json.Decoder(Call).decode
    for source in where.inputs:
        for record in consume.read(where, source.topic):
            call = decode(record.value)
            e = round(call.timestamp.timestamp() * 1000)
            found[key(call.user_id, e)] = Event(e, record.timestamp)
    return found


def tags(where: Settings) -> dict[Key, int]:
    """When the first tag that an event brought was appended (ms)."""
    found: dict[Key, int] = {}
    decode = msgspec.json.Decoder(Said).decode
    for record in consume.read(where, where.outputs[USER_TAGS]):
        said = decode(record.value)
        found.setdefault(key(said.user_id, said.as_of), record.timestamp)
    return found


def triggers(where: Settings) -> list[Trigger]:
    """All reminders."""
    decode = msgspec.json.Decoder(Said).decode
    records = consume.read(where, where.outputs[CART_ABANDONMENTS.role])
    found = [(decode(record.value), record.timestamp) for record in records]
    return [Trigger(said.user_id, said.as_of, at) for said, at in found if said.kind == "triggered"]
