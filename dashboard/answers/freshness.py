"""How old what is shown is."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from dashboard.shop import ShopView
from dashboard.snapshot import Snapshot
from sinks import workers
from sinks.reports import HEARD
from sinks.workers import ShardReport, WorkerReport


class Freshness(Struct, frozen=True):
    """How old what is shown is.

    Attributes
    ----------
    as_of
        Event time that all shards have reached which have begun; 0: nothing was ever folded.
    behind
        How far that is behind the clock (ms); None under ``clock=event``, where event time has nothing to do with it.
    lag
        Records that lie in Kafka and are not folded yet, as the workers told last; None: no worker tells.
    workers
        Workers heard of within the last 10 s.
    """

    as_of: int
    behind: int | None
    lag: int | None
    workers: int


def freshness(snapshot: Snapshot, shop: ShopView) -> Freshness:
    """Of a snapshot."""
    as_of = min(filter(None, reached(snapshot).values()), default=0)
    behind = max(0, snapshot.at - as_of) if live(snapshot, shop) and as_of else None
    lags = [sum(report.lag.values()) for _, report in owners(snapshot).values()]
    return Freshness(as_of, behind, sum(lags) if lags else None, len(list(heard(snapshot))))


def reached(snapshot: Snapshot) -> dict[int, int]:
    """By shard, the event time (ms) it has come to, at rest too; 0: it has not begun."""
    told = owners(snapshot)
    return {
        shard.partition: workers.reached(shard.state.watermark, told.get(shard.partition)) for shard in snapshot.shards
    }


def live(snapshot: Snapshot, shop: ShopView) -> bool:
    """Whether event time is the time: as the worker says that was heard of last, else as the page was told."""
    newest = max(heard(snapshot), key=lambda worker: worker.at, default=None)
    return (newest.clock if newest else shop.clock) == "wall"


def heard(snapshot: Snapshot) -> Iterator[WorkerReport]:
    """The workers that told something lately."""
    return (worker for worker in snapshot.workers if snapshot.at - worker.at < HEARD)


def owners(snapshot: Snapshot) -> dict[int, tuple[WorkerReport, ShardReport]]:
    """By shard, the worker that owns it and what it told of it."""
    return workers.owners(snapshot.workers, snapshot.at)
