"""What workers tell of themselves (`sinks.reports`): each under its id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from sinks.reports import HEARD, Reports, readable


class ShardReport(Struct, frozen=True):
    """One shard that is assigned to a worker.

    Attributes
    ----------
    epoch, owned
        Number of the claim in force, 0 before; whether the shard is claimed and at work.
    token
        Eight hex digits that stand for the claim's token.
    lag
        By topic: records not folded yet.
    outbox, buffered
        Messages committed and not acknowledged yet; records fetched and not folded yet.
    timers_due
        Timers due and not fired; None where Redis did not say.
    watermark_delay
        How far event time is behind the clock (ms); None before any event.
    table_awaited
        The table of other shards that it waits for, in words; "" if none.
    busy_since
        Wall time (ms) since when Redis or Kafka have not done what they were asked; None if nothing is asked.
    """

    partition: int
    epoch: int = 0
    token: str = ""
    owned: bool = False
    lag: dict[str, int] = {}
    outbox: int = 0
    buffered: int = 0
    timers_due: int | None = None
    watermark_delay: int | None = None
    table_awaited: str = ""
    busy_since: int | None = None


class WorkerReport(Struct, frozen=True):
    """One worker. `at` is its wall time (ms); `problems` say in words why it is not at work, none where all is well."""

    id: str
    host: str
    pid: int
    version: str
    at: int
    clock: str
    shards: tuple[ShardReport, ...] = ()
    problems: tuple[str, ...] = ()
    kafka_up: bool = True
    redis_up: bool = True


_encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(WorkerReport).decode


def owners(reports: Iterable[WorkerReport], now: int) -> dict[int, tuple[WorkerReport, ShardReport]]:
    """By shard, the worker that owns it and what it told of it, of those heard of less than `HEARD` before `now` (wall
    ms): of two that say so the one that said it last."""
    lately = (worker for worker in reports if now - worker.at < HEARD)
    return {
        shard.partition: (worker, shard)
        for worker in sorted(lately, key=lambda worker: worker.at)
        for shard in worker.shards
        if shard.owned
    }


def reached(watermark: int, told: tuple[WorkerReport, ShardReport] | None) -> int:
    """The event time (ms) a shard has come to, by its watermark and what its owner told; 0: it has not begun.

    A shard at rest commits nothing, and its watermark stands still: how far it has come with the clock is known to its
    worker.

    >>> at_rest = ShardReport(0, owned=True, watermark_delay=2_000)
    >>> worker = WorkerReport("a", "shop", 7, "1", 90_000, "wall", (at_rest,))
    >>> reached(5, (worker, at_rest)), reached(5, None), reached(0, (worker, at_rest))
    (88000, 5, 0)
    """
    if not watermark or told is None:
        return watermark
    worker, shard = told
    if worker.clock != "wall" or shard.watermark_delay is None:
        return watermark
    return max(watermark, worker.at - shard.watermark_delay)


def decoded(fields: Mapping[str, bytes]) -> list[WorkerReport]:
    """Reports by the worker's id, those that can be read."""
    return list(readable((value for _, value in sorted(fields.items())), decode))


def tell(reports: Reports, report: WorkerReport) -> None:
    """Write a worker's report, by its id. Raises `sinks.store.StoreError`."""
    reports.report(report.id, _encode(report))
