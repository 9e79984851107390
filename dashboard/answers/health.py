"""*Health*: is anything wrong?"""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from dashboard.answers import endpoints
from dashboard.answers.feed import Item
from dashboard.answers.freshness import Freshness, freshness, heard, live, owners, reached
from dashboard.shop import ShopView
from dashboard.snapshot import ShardView, Snapshot
from dashboard.words import Words
from models.kernel.outputs import DEAD_LETTERS
from models.kernel.settings import MINUTE
from sinks.deliveries import Delivery, EndpointReport
from sinks.summary import FATES
from sinks.workers import ShardReport, WorkerReport

LATE = MINUTE
"""A shard that is so far behind the clock (ms) is a problem."""
PILED = 10_000
"""Records not folded yet that are a problem."""
SAMPLES = 20
"""Dead letters that are shown."""
BYTES = 300
"""Of a dead letter's value."""
SHARE = 0.01
"""Share of all events beyond which dead letters are a problem."""


class Shard(Struct, frozen=True):
    """A shard: how far it came, and what its worker told last. What only a worker knows is None while none tells.

    `worker` is the owner's id, "" if none is heard of; `watermark` event time; `behind` that behind the clock (ms);
    `lag` records not folded yet; `outbox` messages not acknowledged yet.
    """

    partition: int
    worker: str
    epoch: int | None
    batches: int
    watermark: int
    behind: int | None
    lag: int | None
    outbox: int | None
    buffered: int | None
    timers: int
    timers_due: int


class Worker(Struct, frozen=True):
    """A worker: which, where, its version, how many shards it owns, how long ago it was heard of (ms), and what it says
    is wrong."""

    id: str
    host: str
    pid: int
    version: str
    shards: int
    heard: int
    problems: tuple[str, ...]


class Endpoint(Struct, frozen=True):
    """An endpoint that messages are sent to: what was told of it last; whether nothing is told any more; its newest
    deliveries, newest first."""

    report: EndpointReport
    lost: bool
    newest: tuple[Delivery, ...]


class Sample(Struct, frozen=True):
    """A dead letter: when, why, whose, where its record is, and the beginning of its bytes as text."""

    as_of: int
    code: str
    reason: str
    user_id: str | None
    topic: str
    partition: int
    offset: int
    text: str


class Health(Struct, frozen=True, kw_only=True):
    """The view.

    Attributes
    ----------
    ok, problems
        Whether anything is wrong, and what, in words that say what to do.
    dead_letters, samples
        Dead letters by code; the newest few of those that the feed still has.
    unknown_names, coerced, ignored
        Names of events that are not known; fields that were read though of another type, or left out; by how often.
    fates
        Counters of what events met: late, clamped, too old, forwarded, ...
    """

    freshness: Freshness
    ok: bool
    problems: tuple[str, ...]
    events: int
    shards: tuple[Shard, ...]
    workers: tuple[Worker, ...]
    endpoints: tuple[Endpoint, ...]
    dead_letters: tuple[tuple[str, int], ...]
    samples: tuple[Sample, ...]
    unknown_names: tuple[tuple[str, int], ...]
    coerced: tuple[tuple[str, int], ...]
    ignored: tuple[tuple[str, int], ...]
    fates: tuple[tuple[str, int], ...]


def health(snapshot: Snapshot, shop: ShopView, feed: Sequence[Item], words: Words) -> Health:
    """The view of a snapshot, and of what was said lately."""
    fresh, summary = freshness(snapshot, shop), snapshot.summary
    told, times, behind = owners(snapshot), reached(snapshot), live(snapshot, shop)
    shards = tuple(
        _shard(view, times[view.partition], told.get(view.partition), snapshot.at if behind else None)
        for view in snapshot.shards
    )
    letters = [item for item in feed if item.topic == DEAD_LETTERS]
    problems = tuple(_problems(snapshot, fresh, shards, words))
    return Health(
        freshness=fresh,
        ok=not problems,
        problems=problems,
        events=summary.counts["events"],
        shards=shards,
        workers=_workers(snapshot),
        endpoints=tuple(
            Endpoint(each.report, endpoints.lost(each, snapshot.at), each.newest) for each in snapshot.endpoints
        ),
        dead_letters=_most(summary.dead_letters),
        samples=tuple(map(_sample, reversed(letters[-SAMPLES:]))),
        unknown_names=_most(summary.unknown_names),
        coerced=_most(summary.coerced),
        ignored=_most(summary.ignored),
        fates=tuple((name, summary.counts[name]) for name in FATES if summary.counts[name]),
    )


def _shard(view: ShardView, watermark: int, told: tuple[WorkerReport, ShardReport] | None, now: int | None) -> Shard:
    """A shard that has come to `watermark`; `now` is the time (ms), None where event time has its own."""
    worker, report = told or (None, None)
    return Shard(
        partition=view.partition,
        worker=worker.id if worker else "",
        epoch=report.epoch if report else None,
        batches=view.batches,
        watermark=watermark,
        behind=max(0, now - watermark) if now is not None and watermark else None,
        lag=sum(report.lag.values()) if report else None,
        outbox=report.outbox if report else None,
        buffered=report.buffered if report else None,
        timers=view.timers,
        timers_due=view.timers_due,
    )


def _workers(snapshot: Snapshot) -> tuple[Worker, ...]:
    """All of whom something is remembered, who was heard of last first."""
    return tuple(
        Worker(
            id=worker.id,
            host=worker.host,
            pid=worker.pid,
            version=worker.version,
            shards=sum(shard.owned for shard in worker.shards),
            heard=max(0, snapshot.at - worker.at),
            problems=worker.problems,
        )
        for worker in sorted(snapshot.workers, key=lambda worker: (-worker.at, worker.id))
    )


def _problems(snapshot: Snapshot, fresh: Freshness, shards: Sequence[Shard], words: Words) -> Iterator[str]:
    """What is wrong, the worst first, and what to do."""
    if snapshot.problem:
        yield words(
            "Redis does not answer: {problem}. What is shown is as of the last answer.", problem=snapshot.problem
        )
    if not shards:
        yield words("Nothing was ever folded here: start a worker (`kairos worker`), or `make demo` to see a shop.")
        return
    if not fresh.workers:
        yield words("No worker has told anything for 10 seconds: start one (`kairos worker`), or look into its log.")
    elif unowned := [shard.partition for shard in shards if not shard.worker]:
        yield words(
            "Nobody works at these shards: {shards}. If that lasts, look into the workers' logs, or start another one.",
            shards=", ".join(map(str, unowned)),
        )
    late = [shard for shard in shards if shard.behind is not None and shard.behind > LATE]
    if late:
        worst = max(late, key=lambda shard: shard.behind or 0)
        yield words(
            "{count} shards are behind the clock, shard {shard} by {delay}: what follows from time comes too late.",
            count=len(late),
            shard=worst.partition,
            delay=words.lasts(worst.behind or 0),
        )
    if fresh.lag is not None and fresh.lag > PILED:
        yield words(
            "{lag} records wait to be folded: if that grows, start more workers, or look at the machine.",
            lag=words.number(fresh.lag),
        )
    for worker in heard(snapshot):
        for problem in worker.problems:
            yield words("Worker {worker} says: {problem}", worker=worker.id, problem=problem)
    yield from endpoints.problems(snapshot, words)
    yield from _letters(snapshot, words)


def _letters(snapshot: Snapshot, words: Words) -> Iterator[str]:
    events, dead = snapshot.summary.counts["events"], snapshot.summary.dead_letters
    if events and dead.total() > SHARE * events:
        code, _ = dead.most_common(1)[0]
        yield words(
            "{share} of all events could not be used, most of them as `{code}`: see the samples below, mend what sends "
            "them, then `kairos dlq redrive`.",
            share=words.percent(dead.total() / events),
            code=code,
        )


def _most(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple((name, n) for name, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n > 0)


def _sample(item: Item) -> Sample:
    message = item.message
    value = b64decode(message.get("value") or "")[:BYTES]
    return Sample(
        as_of=item.as_of,
        code=message["code"],
        reason=item.reason,
        user_id=item.user_id,
        topic=message["topic"],
        partition=message["partition"],
        offset=message["offset"],
        text=value.decode("utf-8", "replace"),
    )
