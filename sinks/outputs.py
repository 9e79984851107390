"""The outputs' contract: messages go out whole and in order, and every one is awaited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

Header = tuple[str, bytes]


class Message(NamedTuple):
    """One message, ready for the wire.

    `topic` is the topic's name on the broker. `partition` is None of an output, which goes where `publish` says; a
    record that is forwarded names its own.
    """

    topic: str
    key: bytes | None
    value: bytes
    partition: int | None = None
    headers: tuple[Header, ...] = ()


class OutputsError(Exception):
    """The output topics are not as they must be."""


class PublishError(Exception):
    """Not every message was acknowledged: publish the same messages again."""


class Outputs(Protocol):
    """A publisher of messages."""

    async def publish(self, partition: int, messages: Sequence[Message]) -> None:
        """Send all to the partition, or to that of the message where it names one, per topic in order; return when each
        is acknowledged, else raise PublishError."""
        ...
