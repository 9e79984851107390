"""Everything Kairos knows and said, one JSON object a line, sorted: two runs are equal if their dumps are.

A profile is decoded, so that its bytes (ids of the vocabulary depend on the order of arrival) do not matter; an output
is its content by its id. A repeat must be identical to its first. Dead letters go without partition and offset; but as
the same bytes in two shards have one id, and each its own event time, those say which dead letters repeat each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from kairos.errors import RepeatDiffers
from models.kernel.outputs import DEAD_LETTERS
from models.kernel.settings import SharedSettings
from sinks import read_model
from sinks.store import ReadModel

WHERE = ("partition", "offset")
ORIGIN = ("topic", *WHERE)
"""Fields of a dead letter: where its record lies."""


class PublishedOutput(NamedTuple):
    """One output as published: the role of its topic, its key, its value."""

    role: str
    key: bytes | None
    value: bytes


def dump(path: str, reader: ReadModel, shop: SharedSettings, said: Iterable[PublishedOutput]) -> None:
    """Write all profiles and all distinct outputs to a file.

    Raises
    ------
    RepeatDiffers
        If a repeat is not identical to its first.
    """
    lines = [encode(line) for line in (*profiles(reader, shop), *outputs(said))]
    Path(path).write_bytes(b"".join(line + b"\n" for line in sorted(lines)))


def encode(line: Any) -> bytes:
    """One line, keys sorted."""
    return msgspec.json.encode(line, order="sorted")


def profiles(reader: ReadModel, shop: SharedSettings) -> Iterator[dict[str, Any]]:
    """Every profile, readable."""
    for user, profile in read_model.profiles(reader, shop):
        yield {"user": user, "profile": profile}


def outputs(said: Iterable[PublishedOutput]) -> Iterator[dict[str, Any]]:
    """Every output once, whichever way it was repeated."""
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    for role, key, value in said:
        message = msgspec.json.decode(value)
        once = identity(role, message)
        if role == DEAD_LETTERS:
            message = {name: field for name, field in message.items() if name not in WHERE}
        line = {"topic": role, "key": key and key.decode(errors="backslashreplace"), "message": message}
        if seen.setdefault(once, line) != line:
            raise RepeatDiffers(f"{role}: two different messages with id {message['id']}")
    yield from seen.values()


def identity(role: str, message: Mapping[str, Any]) -> tuple[Any, ...]:
    """What an output and its repeats, and no others, have in common.

    >>> identity("user-tags", {"id": "1"})
    ('user-tags', '1')
    >>> identity("dead-letters", {"id": "1", "topic": "cart", "partition": 3, "offset": 7})
    ('dead-letters', '1', 'cart', 3, 7)
    """
    origin = tuple(message.get(name) for name in ORIGIN) if role == DEAD_LETTERS else ()
    return role, message["id"], *origin
