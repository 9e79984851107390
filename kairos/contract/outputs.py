"""What Kairos says, as JSON Schemas: one of each output topic."""

from __future__ import annotations

from typing import Any

from kairos.contract import tags
from kairos.contract.components import Schema, components
from models.decoding.rejections import MISROUTED, PRECEDENCE
from models.features import SHOPPERS
from models.fold import Fold
from models.kernel.events import ROLES
from models.kernel.outputs import ID, Output

TOPICS: dict[str, type[Output]] = {role: topic.message for role, topic in SHOPPERS.outputs.items()}
"""Role of an output topic -> its messages."""

COMMON: dict[str, dict[str, Any]] = {
    "id": {"description": "The same content always has the same id; a repeat carries the id of its first.", **ID},
    "kind": {"description": "What happened."},
    "user_id": {"description": "The shopper. Null only in dead letters of which no shopper could be read."},
    "as_of": {"description": "Event time (ms) at which this became true."},
    "reason": {"description": "For people; its wording may change, do not parse it."},
}
"""Fields of every output."""

LISTED: dict[str, dict[str, Any]] = {
    "tag": {"examples": tags.names()},
    "code": {"enum": [*PRECEDENCE, MISROUTED]},
    "role": {"enum": list(ROLES)},
}
"""Fields whose values are listed elsewhere."""


def schemas(place: str, fold: Fold = SHOPPERS) -> dict[str, Schema]:
    """Schemas of all outputs, by name of their type."""
    topics = fold.outputs.values()
    fields = COMMON | {name: dict(about) for topic in topics for name, about in topic.fields.items()}
    fields |= {name: fields[name] | values for name, values in LISTED.items()}
    found = components([topic.message for topic in topics], fields, place, nulls=False)
    for topic in topics:
        for kind, needed in topic.needed.items():
            condition = {"properties": {"kind": {"const": kind}}}
            schema = found[topic.message.__name__]
            schema.setdefault("allOf", []).append({"if": condition, "then": {"required": list(needed)}})
    return found
