"""Which topic and partition a row goes to."""

from __future__ import annotations

from kairos.config.settings import Settings
from models.kernel.partition import partitioner


class Route:
    """Routes rows by role and key.

    Attributes
    ----------
    topics
        The topic of each role's rows, by rank: the first one configured.
    inputs
        All input topics; ticks go to each partition of each.
    partitions
        How many each of them has. A row without a readable key goes to partition 0, where it becomes a dead letter.
    """

    def __init__(self, settings: Settings, partitions: int) -> None:
        self.partitions = partitions
        self.topics = [topics[0] for topics in settings.roles]
        self.inputs = [topic.topic for topic in settings.inputs]
        self._hashed = partitioner(settings.shop.partitioner)

    def partition(self, key: bytes | None) -> int:
        """Where a key leads."""
        return 0 if key is None else self._hashed(key, self.partitions)
