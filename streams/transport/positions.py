"""Where to read on: the offsets the store holds, checked against what the log still has.

Kafka's clients start again in silence where an offset is out of range. Then records are lost, or all are counted twice:
so it is checked before the first fetch.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Literal

from streams.errors import LogRecreated, NotCopartitioned, RecordsLost

logger = logging.getLogger(__name__)

OnGap = Literal["stop", "skip"]


def resume(
    where: str, stored: int | None, start: int, end: int, on_gap: OnGap = "stop", forgotten: int | None = None
) -> int:
    """Answer the offset to read on from.

    Parameters
    ----------
    where
        Names the partition in messages.
    stored
        Next offset to read by the store; None: nothing was ever read, begin at the log's start.
    start, end
        The log's first offset, and the one its next record will get.
    on_gap
        "skip": go on at the log's start where records are lost, with a warning.
    forgotten
        Where `stored` is None: the first offset of what the store had counted and knows no more. None: as far as is
        known, it never counted anything.

    Raises
    ------
    RecordsLost, LogRecreated

    >>> resume("cart[0]", None, 5, 9), resume("cart[0]", 7, 5, 9), resume("cart[0]", 9, 5, 9)
    (5, 7, 9)
    """
    if stored is None:
        if forgotten is None or forgotten >= start:
            return start
        lost = (
            f"{where}: the store came back without its data, and {start - forgotten} records that it had counted were "
            f"deleted from the log, which begins at {start}"
        )
        return _lost(lost, "Restore the store from a backup", start, on_gap)
    if stored > end:
        raise LogRecreated(
            f"{where}: the store has read up to offset {stored}, but the log ends at {end}. Was the topic recreated? "
            "Then use a new namespace, or delete this one's keys, and read everything again."
        )
    if stored >= start:
        return stored
    lost = (
        f"{where}: {start - stored} records were deleted before they were read "
        f"(next offset {stored}, the log begins at {start})"
    )
    return _lost(lost, "Retention is shorter than the worker was away", start, on_gap)


def _lost(what: str, advice: str, start: int, on_gap: OnGap) -> int:
    if on_gap == "stop":
        raise RecordsLost(f"{what}. {advice}; KAIROS_ON_GAP=skip goes on without.")
    logger.warning("%s; going on without them, as on_gap=skip asks", what)
    return start


def copartitioned(counts: dict[str, int | None]) -> int:
    """Answer the number of partitions that all inputs have; `NotCopartitioned` says which differ or are missing.

    >>> copartitioned({"clickstream": 8, "cart": 8})
    8
    """
    missing = sorted(topic for topic, count in counts.items() if not count)
    if missing:
        raise NotCopartitioned(f"no such topic: {', '.join(missing)}. Create the topics first: kairos topics create")
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{topic} has {count}" for topic, count in sorted(counts.items()))
        raise NotCopartitioned(
            f"the input topics must have the same number of partitions, but {listed}. Make topics that have it, and "
            "replay into another namespace if this one holds state of another number"
        )
    return next(iter(counts.values())) or 0


def numbers(assigned: Iterable[tuple[str, int]], topics: Sequence[str]) -> set[int]:
    """Answer the partition numbers of (topic, partition) pairs; `NotCopartitioned` if one lacks any of the topics.

    >>> numbers([("cart", 3), ("orders", 3)], ["cart", "orders"])
    {3}
    """
    pairs = set(assigned)
    found = {partition for _, partition in pairs}
    lacking = sorted({(topic, partition) for topic in topics for partition in found} - pairs)
    if lacking:
        topic, partition = lacking[0]
        raise NotCopartitioned(
            f"partition {partition} of {topic} was not assigned along with partition {partition} of other inputs: "
            "another worker has it, or partitions were just added. All workers of a group must run this program and "
            "read the same topics; give others a group of their own"
        )
    return found
