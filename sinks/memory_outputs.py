"""Outputs in memory: for `replay --local` and for tests."""

from __future__ import annotations

from collections.abc import Sequence

from sinks.outputs import Message


class MemoryOutputs:
    """Implements `sinks.outputs.Outputs`: keeps every message, repeats too, as (partition, message) in `messages`."""

    def __init__(self) -> None:
        self.messages: list[tuple[int, Message]] = []

    def append(self, partition: int, messages: Sequence[Message]) -> None:
        """Take messages without an event loop."""
        self.messages.extend([(partition, message) for message in messages])

    async def publish(self, partition: int, messages: Sequence[Message]) -> None:
        """Take messages; acknowledged at once."""
        self.append(partition, messages)
