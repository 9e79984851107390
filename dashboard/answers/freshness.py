"""How old what is shown is."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from dashboard.shop import ShopView
from dashboard.snapshot import Snapshot
from models.kernel.settings import SECOND
from sinks.workers import ShardReport, WorkerReport

HEARD = 10 * SECOND
"""A worker that told nothing for so long is not counted on."""


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
    as_of = min((shard.state.watermark for shard in snapshot.shards if shard.state.watermark), default=0)
    behind = max(0, snapshot.at - as_of) if shop.clock == "wall" and as_of else None
    lags = [sum(report.lag.values()) for _, report in owners(snapshot).values()]
    return Freshness(as_of, behind, sum(lags) if lags else None, len(list(heard(snapshot))))


def heard(snapshot: Snapshot) -> Iterator[WorkerReport]:
    """The workers that told something lately."""
    return (worker for worker in snapshot.workers if snapshot.at - worker.at < HEARD)


def owners(snapshot: Snapshot) -> dict[int, tuple[WorkerReport, ShardReport]]:
    """By shard, the worker that owns it and what it told of it: of two that say so the one with the newer claim."""
    found: dict[int, tuple[WorkerReport, ShardReport]] = {}
    for worker in sorted(heard(snapshot), key=lambda worker: worker.at):
        for shard in worker.shards:
            held = found.get(shard.partition)
            if shard.owned and (held is None or held[1].epoch <= shard.epoch):
                found[shard.partition] = worker, shard
    return found
