"""The part of the results about CPU an event."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from bench.figures import Run
from bench.page.goal import said
from bench.page.tables import spread, table
from bench.peers import EXTRA, JAVA, PEERS

KAIROS, FIXED, STOCK = "kairos", "fixed", "faust"
GOAL = 20.0
"""How many times less CPU an event than the stock agent the full pipeline should take."""

HEAD = (
    "worker",
    "events",
    "events/s",
    "worker µs CPU an event",
    "the same, whole life",
    "Redis µs",
    "broker µs",
    "outputs an event",
    "peak MiB",
    "stock agent takes",
)

METHOD = """\
Real Kafka (one broker, 3 topics of 8 partitions) and real Redis (AOF, synced each second); broker, Redis, worker and
bench share the cores. The input is written before: a seeded stream of {events:,} events (336 bytes on average, 20,000
shoppers, 90 days, 85 % clicks, 10 % cart, 5 % orders). Each run is a process of its own on an empty Redis; the rounds
are interleaved. CPU is user and system time from `/proc` between 20 % and 100 % of the events; *whole life* is the
worker's from its first instruction to a second after its last event. After each run it is checked that the state holds
every event once. Figures are medians of {rounds} rounds, with the least and the most; *stock agent takes* is the ratio
to the stock agent of the same round.

All fold with the same reader, fold and codec. The stock agent gets the stream's last {slow:,} events, on profiles that
hold all those before: the same kind of events, as many as it can do in the time. Only Kairos commits state, offsets and
outputs as one behind a fence, merges topics by event time, keeps timers, counters and public hashes, and reads an
hourly tick on each partition; the peers notice that a cart was left, or a buyer is overdue, when that shopper's next
event comes. The peers have hiredis, msgspec and raw bytes, and the batch loop packs its outputs as Kairos does."""

TABLES = """\
By default a table of RFM cuts is computed each day, and every buyer looks at it once. The stream squeezes 90 days into
{events:,} events, so that each event comes with {looks:.2f} such looks, far more than in a live shop; the second line
is without them (`KAIROS_TABLE_EVERY=0`). The stock agent and the batch loop have fixed cuts and never look, so that the
second line is the one to compare with."""

SMALL = """\
Kafka Streams does *a fraction of the work*, a small job of its own (`bench/kstreams`): decayed counts, money, interest
in categories, the cart's value and a message on a change of segment. It drops no duplicates, keeps no timers, no public
hash, no counters, refuses nothing, and keeps all states on the heap. Its run is short for a JVM, which still compiles
during it."""


def section(runs: Sequence[Run], looks: float = 0.0) -> list[str]:
    """Paragraphs of Markdown; none without runs."""
    if not runs:
        return []
    peers = {name: [run for run in runs if run.peer == name] for name in dict.fromkeys(run.peer for run in runs)}
    stock = peers.get(STOCK, [])
    loops = [run.loop for run in runs]
    events = max(run.events for run in runs)
    method = METHOD.format(
        events=events,
        rounds=max(map(len, peers.values())),
        slow=max((run.events for run in stock), default=0),
    )
    noise = f"Before the runs a fixed loop took {min(loops):.0f} to {max(loops):.0f} ms of CPU: the machine's noise."
    rows = [row(own, stock) for own in peers.values()]
    goals = [verdict(name, peers.get(name, []), stock) for name in (KAIROS, FIXED)]
    notes = [TABLES.format(events=events, looks=looks)] if looks else []
    notes += [SMALL] if JAVA in peers else []
    return ["## CPU an event", method, *notes, table(HEAD, rows), *filter(None, goals), noise]


def row(own: Sequence[Run], stock: Sequence[Run]) -> list[str]:
    """One worker's line."""
    times = ratios(own, stock)
    return [
        (PEERS | EXTRA)[own[0].peer].title,
        f"{own[0].events:,}",
        spread([run.rate for run in own], 0),
        spread([run.worker for run in own]),
        spread([run.whole for run in own]),
        spread([run.redis for run in own]),
        spread([run.kafka for run in own]),
        f"{median(run.outputs for run in own):.2f}",
        f"{max(run.peak for run in own):.0f}",
        f"{spread(times)} ×" if times else "",
    ]


def ratios(own: Sequence[Run], stock: Sequence[Run]) -> list[float]:
    """How many times the CPU an event the stock agent takes, round by round."""
    return [theirs.worker / ours.worker for ours, theirs in zip(own, stock, strict=False)]


def verdict(name: str, own: Sequence[Run], stock: Sequence[Run]) -> str:
    """Whether the goal is met, in a sentence; "" where it cannot be told."""
    times = ratios(own, stock)
    if not times:
        return ""
    goal = f"{PEERS[name].title}, at most a {GOAL:.0f}th of the stock agent's CPU"
    return said(goal, median(times) >= GOAL, f"1/{median(times):.1f}")
