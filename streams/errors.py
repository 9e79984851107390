"""What can go wrong while events move, and who deals with it.

    ClaimLost            this claim of the shard is over: `Shards` claims it again
     ├─ Fenced             APPLY was refused: another worker owns the shard, or the store lost some of its data
     └─ Gap                records are missing between what was read and what comes next
    Leaving              the shard is being given up: whatever was waited for, stop waiting
    Unassigned           a partition was taken away while it was being positioned: a rebalance follows
    LogError             the log does not hold what the store's offsets say it should: the worker ends
     ├─ RecordsLost        records were deleted before they were read
     ├─ LogRecreated       the store has read further than the log goes
     └─ NotCopartitioned   the inputs do not have the same partitions
    StoreError           of the store (its tree: `sinks.store`): tried again, or the worker ends
     ├─ TableLost          a table that outputs were judged by is gone: the worker ends
     └─ PartitionerChanged shoppers were forwarded by another partitioner than the one set: the worker ends

Anything else that is raised in a shard is a bug: it ends the worker, and the log shows its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sinks.outputs import OutputsError
from sinks.store import Status, StoreError


class ClaimLost(Exception):
    """This claim of the shard is over. Claim it again, or let it go."""


class Fenced(ClaimLost):
    """APPLY was refused; `status` is what the store said."""

    def __init__(self, said: str, status: Status = "FENCED") -> None:
        super().__init__(said)
        self.status = status


class Gap(ClaimLost):
    """A chunk does not start at the offset expected, or the transport lost its place: read again from the store's."""


class Leaving(Exception):
    """The shard is being given up: whatever was waited for, stop waiting."""


class Unassigned(Exception):
    """The group took a partition away while it was being positioned; a rebalance follows."""


class LogError(Exception):
    """The log does not hold what the store's offsets say it should."""


class RecordsLost(LogError):
    """Records were deleted from the log before they were read."""


class LogRecreated(LogError):
    """The store has read further than the log goes."""


class NotCopartitioned(LogError):
    """The inputs have unequal numbers of partitions, or one is missing."""


class TableLost(StoreError):
    """A table that outputs were judged by is gone from the store."""


class PartitionerChanged(StoreError):
    """Records were forwarded to the shard by another partitioner than the one that is set."""


REFUSALS = (LogError, OutputsError, StoreError)
"""A worker that stops by one of these is understood: the message says what is wrong and what to do, in one sentence."""

REFUSED: dict[Status, str] = {
    "FENCED": "another owner has claimed shard %d (%s): a worker, or `kairos skip`. What it did is kept",
    "LOST": (
        "APPLY refused: the store has lost the newest batches of shard %d (%s), by a crash, a failover or a restored "
        "copy. What they had counted is read again from Kafka"
    ),
    "EMPTY": (
        "APPLY refused: the store no longer knows shard %d (%s): it came back without its data. Is its persistence "
        "off, or was it emptied by FLUSHALL? All that Kafka still holds is read again"
    ),
}
"""How the log tells a `Fenced`: by the store's status, with the shard and the batch."""


@contextmanager
def quoting(shoppers: Iterable[str]) -> Iterator[None]:
    """Whatever is raised here says in `shoppers` whose ids it may quote: a log may hide them."""
    try:
        yield
    except Exception as error:
        error.shoppers = tuple(shoppers)  # type: ignore[attr-defined]
        raise
