"""What Kairos says, as JSON Schemas: one of each output topic."""

from __future__ import annotations

from typing import Any

from kairos.contract import tags
from kairos.contract.components import Schema, components
from models.decoding.rejections import MISROUTED, PRECEDENCE
from models.kernel.events import ROLES
from models.kernel.outputs import (
    CART_ABANDONMENTS,
    CHURN_ALERTS,
    DEAD_LETTERS,
    USER_TAGS,
    CartTrigger,
    ChurnAlert,
    DeadLetter,
    Output,
    TagChange,
)

TOPICS: dict[str, type[Output]] = {
    USER_TAGS: TagChange,
    CHURN_ALERTS: ChurnAlert,
    CART_ABANDONMENTS: CartTrigger,
    DEAD_LETTERS: DeadLetter,
}
"""Role of an output topic -> its messages."""

ID = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
CURRENCY = {"description": "The shop's, ISO 4217.", "pattern": "^[A-Z]{3}$"}

FIELDS: dict[str, dict[str, Any]] = {
    "id": {"description": "The same content always has the same id; a repeat carries the id of its first.", **ID},
    "kind": {"description": "What happened."},
    "user_id": {"description": "The shopper. Null only in dead letters of which no shopper could be read."},
    "as_of": {"description": "Event time (ms) at which this became true."},
    "reason": {"description": "For people; its wording may change, do not parse it."},
    "tag": {"description": "Which tag, as `segment:champions`.", "examples": tags.names()},
    "since": {"description": "When the tag was entered: event time, ms."},
    "table": {"description": "Of segments: the table of cuts they were judged by."},
    "score": {"description": "Of `unusual_order`: how unusual the newest order is, at most 1."},
    "last_order": {"description": "The newest valid order: event time, ms."},
    "overdue_ratio": {"description": "Time since the last order, in usual gaps."},
    "expected_next_order": {"description": "Last order plus the usual gap: event time, ms."},
    "value_at_stake": {"description": "What the shopper spent, decayed: whole minor units."},
    "currency": CURRENCY,
    "model": {"description": "What judged."},
    "expires_at": {"description": "Event time (ms) after which it makes no sense to act on this."},
    "retract": {"description": "Ids of earlier messages that turned out to be wrong.", "items": ID},
    "cart_id": {"description": "As the shop sent it, else `default`."},
    "anchor": {"description": "The cart's last change before the trigger: event time, ms."},
    "step": {"description": "Which reminder this is about, from 1; 0 in a closing that names none.", "minimum": 0},
    "arm": {"description": "Group of an experiment; `holdout` is not used yet."},
    "value": {"description": "What is in the cart is worth: whole minor units.", "minimum": 0},
    "products": {"description": "What is in the cart."},
    "products_cut": {"description": "How many products of a very large cart are not listed."},
    "order_at": {"description": "Event time (ms) of the order that ended it."},
    "product_id": {"description": "As the shop sent it: product_id, else sku, else name."},
    "quantity": {"description": "How many.", "minimum": 0},
    "price": {"description": "Of one piece, whole minor units; left out if it was never stated.", "minimum": 0},
    "code": {"description": "Why it could not be used.", "enum": [*PRECEDENCE, MISROUTED]},
    "role": {"description": "Role of the topic it came from.", "enum": list(ROLES)},
    "topic": {"description": "Where the record is."},
    "partition": {"description": "Where the record is.", "minimum": 0},
    "offset": {"description": "Where the record is.", "minimum": 0},
    "key": {"description": "The record's key, base64."},
    "DeadLetter.value": {"description": "The record's value, base64; if it is very long, its beginning."},
    "size": {"description": "Bytes of the whole value.", "minimum": 0},
    "copy": {"description": "Number of this one among identical records of the shard.", "minimum": 0},
}

NEEDED = {
    ("ChurnAlert", "raised"): ["expires_at"],
    ("ChurnAlert", "cleared"): ["retract"],
    ("CartTrigger", "triggered"): ["currency", "products", "expires_at"],
    ("CartTrigger", "suppressed"): ["currency", "products"],
    ("CartTrigger", "cancelled"): ["retract"],
    ("CartTrigger", "recovered"): ["order_at"],
}
"""Fields that have a default, and yet are always there in messages of this kind."""


def schemas(place: str) -> dict[str, Schema]:
    """Schemas of all outputs, by name of their type."""
    found = components(list(TOPICS.values()), FIELDS, place, nulls=False)
    for (name, kind), fields in NEEDED.items():
        condition = {"properties": {"kind": {"const": kind}}}
        found[name].setdefault("allOf", []).append({"if": condition, "then": {"required": fields}})
    return found
