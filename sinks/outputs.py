"""The outputs' contract: messages go out whole and in order, and every one is awaited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Message(NamedTuple):
    """One output, ready for the wire. `topic` is the topic's name on the broker."""

    topic: str
    key: bytes | None
    value: bytes


class OutputsError(Exception):
    """The output topics are not as they must be."""


class PublishError(Exception):
    """Not every message was acknowledged: publish the same messages again."""


class Outputs(Protocol):
    """A publisher of messages to the output topics."""

    async def publish(self, partition: int, messages: Sequence[Message]) -> None:
        """Send all to the partition, per topic in order; return when each is acknowledged, else raise PublishError."""
        ...
