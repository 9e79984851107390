"""Wait until the workers have folded what was written: every shard is past its last record, and at the final tick, and
what they forwarded to one another has come."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from kairos.terminal.times import iso
from sinks.read_model import watermarks
from sinks.store import ReadModel

POLL = 0.25
HINT = 30.0
"""Seconds without any change before a hint is given."""


class Written(NamedTuple):
    """What a replay wrote: by topic and partition the offset after its last record; its final tick (ms; 0 if none)."""

    ends: Mapping[tuple[str, int], int]
    final: int


class Position(NamedTuple):
    """How far a shard has come: next offsets by topic, and event time in ms."""

    offsets: Mapping[str, int]
    watermark: int


def wait(reader: ReadModel, partitions: int, written: Written, say: Callable[[str], None]) -> None:
    """Return when every shard has committed what was written to it, and fired what was due before the final tick, and
    what was forwarded by then is folded; say how it goes. Without limit: the user ends it by Ctrl-C."""
    before: list[Position] = []
    changed = time.monotonic()
    while left := _left(positions := _positions(reader, partitions), written):
        now = time.monotonic()
        if positions != before:
            before, changed = positions, now
        elif now - changed > HINT:
            changed = now
            say(
                f"waiting: {len(left)} of {partitions} shards are not through, such as {next(iter(left.values()))}; "
                "is `kairos worker` running, for history with `--clock event`?"
            )
        time.sleep(POLL)
    forwarded = _counted(reader, partitions, "forwarded")
    while _counted(reader, partitions, "forward_taken") < forwarded:
        time.sleep(POLL)


def _counted(reader: ReadModel, partitions: int, name: str) -> int:
    """A counter, of all shards."""
    return sum(int(reader.stats(partition).get(name, 0)) for partition in range(partitions))


def _positions(reader: ReadModel, partitions: int) -> list[Position]:
    marks = watermarks(reader, partitions)
    return [Position(reader.offsets(partition), mark) for partition, mark in enumerate(marks)]


def _left(positions: list[Position], written: Written) -> dict[int, str]:
    """Shards that are not through, and where the first input that is behind stands."""
    left = {}
    for partition, (offsets, mark) in enumerate(positions):
        ends = {topic: end for (topic, to), end in written.ends.items() if to == partition}
        behind = [topic for topic, end in ends.items() if offsets.get(topic, 0) < end]
        if behind:
            topic = behind[0]
            left[partition] = f"{topic}[{partition}] at record {offsets.get(topic, 0):,} of {ends[topic]:,}"
        elif mark < written.final:
            left[partition] = f"shard {partition} at {iso(mark) if mark else 'its beginning'} of {iso(written.final)}"
    return left
