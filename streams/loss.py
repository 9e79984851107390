"""How a shard is lost: its commit was refused, and what that says about the store."""

from __future__ import annotations

from sinks.store import Status

TOLD: dict[Status, str] = {
    "FENCED": "APPLY refused: another worker owns shard %d (%s). What it did is kept",
    "LOST": (
        "APPLY refused: the store has lost the newest batches of shard %d (%s), by a crash, a failover or a restored "
        "copy. What they had counted is read again from Kafka"
    ),
    "EMPTY": (
        "APPLY refused: the store no longer knows shard %d (%s): it came back without its data. Is its persistence "
        "off, or was it emptied by FLUSHALL? All that Kafka still holds is read again"
    ),
}
"""By the store's status, with the shard and the batch."""
OLDER = (
    "shard %d: the store is at batch %d, and was at %d: that was no other worker, an older copy of its data was "
    "restored. What is missing is read again from Kafka"
)
"""Said after a claim that found less than this worker had committed."""


class Fenced(Exception):
    """APPLY was refused. Claim the shard again, or let it go; `status` is what the store said."""

    def __init__(self, said: str, status: Status = "FENCED") -> None:
        super().__init__(said)
        self.status = status
