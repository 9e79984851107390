"""What a worker tells of itself to whoever watches: once a batch, and nothing for each event."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter


class Observer:
    """Takes note of nothing: subclass it. Its methods are called from the threads of shards, several at a time."""

    def committed(self, partition: int, seconds: Mapping[str, float], counts: Mapping[str, int]) -> None:
        """A batch is committed.

        Parameters
        ----------
        seconds
            What each stage took: plan (reading and merging), load, fold, apply.
        counts
            By how much the batch raised each counter of ``:stats``.
        """

    def published(self, partition: int, seconds: float, messages: int) -> None:
        """An outbox is acknowledged, after so many seconds."""

    def fenced(self, partition: int) -> None:
        """A commit was refused: another worker owns the shard, or the store lost what it held of it."""


class Laps:
    """A stopwatch for the stages of one batch."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._at = perf_counter()

    def lap(self, stage: str) -> None:
        """The stage is over; the next begins."""
        now = perf_counter()
        self.seconds[stage] = now - self._at
        self._at = now
