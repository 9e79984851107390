"""How many churn alerts a shard may raise on a day, restated: the shop's number, dealt out to its shards."""

from __future__ import annotations

from collections import Counter


class Places:
    """One shard's: `most` of the shop a day, 0 for no limit."""

    def __init__(self, most: int = 0, partition: int = 0, partitions: int = 1) -> None:
        self.most, self.partition, self.partitions = most, partition, partitions
        self.raised: Counter[int] = Counter()

    def dealt(self, day: int) -> int:
        """Dealt one by one, each day from the shard on that comes after the last one of the day before."""
        first = day * self.most % self.partitions
        return sum((first + i) % self.partitions == self.partition for i in range(self.most))

    def take(self, day: int) -> bool:
        """One of a day's, if there is one left. A day more than a week before the newest is over."""
        if not self.most:
            return True
        if day <= max(self.raised, default=day) - 8 or self.raised[day] >= self.dealt(day):
            return False
        self.raised[day] += 1
        return True
