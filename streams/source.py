"""What a shard may ask of the transport it reads from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from streams.records import End


class Source(Protocol):
    """The transport's consumer."""

    def done(self, topic: str, partition: int, offset: int) -> None:
        """Everything before `offset` is applied and published."""

    def ends(self, partition: int) -> Mapping[str, End]:
        """By topic, what is known of the logs' ends, of all topics with this partition."""

    async def is_member(self) -> bool:
        """Whether the group's coordinator still counts this worker in."""

    async def missing(self) -> str:
        """What the broker owes: "" if it has answered anything since the last call, or owes nothing."""

    async def take(self, flow: str, partitions: set[int]) -> None:
        """Claim these shards of a flow, seek their partitions to the answer, begin."""

    async def fail(self, reason: BaseException) -> None:
        """End the process."""
