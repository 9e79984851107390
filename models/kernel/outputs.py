"""What Kairos says: output topics, and the messages that are no feature's own. Each message gets a deterministic `id`
(`models.kernel.ids`).

No field holds wall time, token, sequence number, host, partition or offset (dead letters alone carry where they
came from). `as_of` and `expires_at` are milliseconds of event time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

import msgspec
from msgspec import Struct

Arm = Literal["treated", "holdout"]
"""The groups of an experiment."""

USER_TAGS = "user-tags"
DEAD_LETTERS = "dead-letters"
UNDELIVERABLE = "undeliverable"
"""Code of a dead letter that is a message which an endpoint did not take."""


class Output(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What every output has."""

    id: str
    kind: str
    user_id: str | None
    as_of: int
    reason: str


class TagChange(Output, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A tag was entered or exited. `since` is when the tag was entered; `table` names the table it was judged by;
    `score` says how unusual an order is."""

    kind: Literal["entered", "exited"]
    tag: str
    since: int
    table: str | None = None
    score: float | None = None


class DeadLetter(Output, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A record that could not be used, with its original bytes (up to 64 KB, base64 in JSON); or a message that an
    endpoint did not take."""

    kind: Literal["dead_letter"]
    code: str
    role: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    size: int
    copy: int = 0
    endpoint: str = ""
    attempts: int = 0
    status: int = 0


class OutputTopic(NamedTuple):
    """A topic Kairos sends to.

    Attributes
    ----------
    role
        Its name, unless a setting gives it another one on the broker.
    message
        Type of its messages; their `kind` is one of a few.
    about
        What goes there: a line of docs/settings.md.
    heading
        Over its newest messages on a screen.
    needed
        By kind, fields that have a default and yet are always there.
    fields
        What its fields mean, beside those that every output has: pieces of the JSON Schema by name.
    """

    role: str
    message: type[Output]
    about: str
    heading: str
    needed: Mapping[str, Sequence[str]] = {}
    fields: Mapping[str, Mapping[str, Any]] = {}

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of its messages."""
        field = next(field for field in msgspec.structs.fields(self.message) if field.name == "kind")
        return get_args(field.type)

    @property
    def variable(self) -> str:
        """The setting that gives it a name on the broker."""
        return f"KAIROS_TOPIC_{self.role.upper().replace('-', '_')}"


ID = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
"""How an id is written (`models.kernel.ids`)."""
CURRENCY = {"description": "The shop's, ISO 4217.", "pattern": "^[A-Z]{3}$"}
EXPIRES_AT = {"description": "Event time (ms) after which it makes no sense to act on this."}
ARM = {"description": "Who is left alone to compare with is in the holdout, the others are treated."}
CHANNELS = {"description": "Those of the shop's channels by which the shopper may be reached."}
RETRACT = {
    "description": "Ids of earlier messages that turned out to be wrong.",
    "items": ID,
}
"""Fields that several outputs have."""

TAGS = OutputTopic(
    USER_TAGS,
    TagChange,
    "where tags are announced",
    "TAGS",
    fields={
        "tag": {"description": "Which tag, as `segment:champions`."},
        "since": {"description": "When the tag was entered: event time, ms."},
        "table": {"description": "By which it was judged: the cuts of segments and values, the model of churn bands."},
        "score": {"description": "Of `unusual_order`: how unusual the newest order is, at most 1."},
    },
)
LETTERS = OutputTopic(
    DEAD_LETTERS,
    DeadLetter,
    "where unusable records go",
    "DEAD LETTERS",
    fields={
        "code": {"description": "Why it could not be used."},
        "role": {"description": "Role of the topic it came from."},
        "topic": {"description": "Where the record is."},
        "partition": {"description": "Where the record is.", "minimum": 0},
        "offset": {"description": "Where the record is.", "minimum": 0},
        "key": {"description": "The record's key, base64."},
        "DeadLetter.value": {"description": "The record's value, base64; if it is very long, its beginning."},
        "size": {"description": "Bytes of the whole value.", "minimum": 0},
        "copy": {"description": "Number of this one among identical records of the shard.", "minimum": 0},
        "endpoint": {"description": "Of an undeliverable message: the endpoint that did not take it, by name."},
        "attempts": {"description": "Of an undeliverable message: how often it was tried.", "minimum": 0},
        "status": {
            "description": "Of an undeliverable message: the status of the last answer; 0 or none: no answer.",
            "minimum": 0,
        },
    },
)
"""What the engine itself sends; every other topic is declared by its feature."""
