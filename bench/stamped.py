"""Topics in which the broker writes down when it appended a record, and what they then tell."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from bench.inputs import PARTITIONS
from bench.traffic import NEW
from kairos.config.settings import Settings
from kairos.kafka import consume, topics
from models.carts.cart_trigger import CART_ABANDONMENTS
from models.kernel.events import ORDER
from models.kernel.outputs import USER_TAGS

CONFIGS = {"message.timestamp.type": "LogAppendTime", "retention.ms": "-1"}


def create(where: Settings) -> None:
    """Make all topics of a worker so."""
    options = {"num_partitions": PARTITIONS, "replication_factor": 1, "configs": CONFIGS}
    with topics.admin(where) as client:
        client.create_topics(dict.fromkeys(topics.roles(where), options), wait_for_metadata=True)


class Said(msgspec.Struct):
    """What of an output is needed here."""

    kind: str
    user_id: str
    as_of: int


class Trigger(NamedTuple):
    """A cart's reminder: when it was due, and when it was appended (ms)."""

    due: int
    at: int


def orders(where: Settings) -> dict[str, int]:
    """New shoppers, and when their order was appended (ms)."""
    return {record.key.decode(): record.timestamp for record in consume.read(where, where.roles[ORDER][0])}


def tags(where: Settings) -> dict[str, int]:
    """New shoppers, and when the first tag of each was appended (ms)."""
    found: dict[str, int] = {}
    for record in consume.read(where, where.outputs[USER_TAGS]):
        if record.key.startswith(NEW):
            found.setdefault(record.key.decode(), record.timestamp)
    return found


def triggers(where: Settings) -> list[Trigger]:
    """All reminders."""
    decode = msgspec.json.Decoder(Said).decode
    records = consume.read(where, where.outputs[CART_ABANDONMENTS.role])
    found = [(decode(record.value), record.timestamp) for record in records]
    return [Trigger(said.as_of, at) for said, at in found if said.kind == "triggered"]
