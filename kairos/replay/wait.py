"""Wait until the workers have folded what was written: every shard's watermark has reached the final tick."""

from __future__ import annotations

import time
from collections.abc import Callable

from kairos.times import iso
from sinks.store import ReadModel
from streams.state import ShardState

POLL = 0.25
HINT = 30.0
"""Seconds without any change before a hint is given."""


def watermarks(reader: ReadModel, partitions: int) -> list[int]:
    """Each shard's event time in ms, 0 where nothing was committed."""
    packed = [reader.shard(partition) for partition in range(partitions)]
    return [ShardState.decode(shard).watermark if shard else 0 for shard in packed]


def wait(reader: ReadModel, partitions: int, final: int, say: Callable[[str], None]) -> None:
    """Return when no shard is behind `final` (ms); say how it goes. Without limit: the user ends it by Ctrl-C."""
    before: list[int] = []
    changed = time.monotonic()
    while min(marks := watermarks(reader, partitions)) < final:
        now = time.monotonic()
        if marks != before:
            before, changed = marks, now
        elif now - changed > HINT:
            changed = now
            behind = [shard for shard, mark in enumerate(marks) if mark < final]
            least = min(marks)
            say(
                f"waiting: {len(behind)} of {partitions} shards have not reached {iso(final)}, the last is at "
                f"{iso(least) if least else 'its beginning'}; is `kairos worker --clock event` running?"
            )
        time.sleep(POLL)
