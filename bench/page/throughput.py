"""The part of the results about CPU an event, a table for each history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from bench.figures import Counted, Run
from bench.page.goal import said
from bench.page.tables import spread, table
from bench.peers import EXTRA, PEERS
from bench.results import Table
from bench.sources import GA360, NAMES, STREAM

KAIROS, FIXED, STOCK, LOOP = "kairos", "fixed", "faust", "batch"
GOALS = {GA360: {KAIROS: 15.0, FIXED: 15.0}, STREAM: {KAIROS: 12.0, FIXED: 15.0}}
"""How many times less CPU an event than the stock agent a line should take."""
BESIDE_LOOP = 1.5
"""How many times the loop by hand the line with the same cuts may take."""

HEAD = (
    "worker",
    "events",
    "events/s",
    "worker µs CPU an event",
    "instructions an event",
    "the same µs, whole life",
    "Redis µs",
    "broker µs",
    "outputs an event",
    "peak MiB",
    "stock agent takes",
)

METHOD = """\
Real Kafka (one broker, 3 topics of 8 partitions) and real Redis (AOF, synced each second); broker, Redis, worker and
bench share the cores. The input is written before. Each run is a process of its own on an empty Redis; the rounds are
interleaved. CPU is user and system time from `/proc` between 20 % and 100 % of the events; *whole life* is the worker's
from its first instruction to a second after its last event. After each run it is checked that the state holds every
event once. Figures are medians of the rounds, with the least and the most; *stock agent takes* is the ratio to the
stock agent of the same round. *Instructions* are those of the part [Instructions an event](#instructions-an-event),
without Kafka and Redis.

All fold with the same reader, fold and codec. The stock agent gets the history's last events, on profiles that hold all
those before: the same kind of events, as many as it can do in the time. Only Kairos commits state, offsets and outputs
as one behind a fence, merges topics by event time, keeps timers, counters and public hashes, and reads an hourly tick
on each partition; the peers notice that a cart was left, or a buyer is overdue, when that shopper's next event comes.
The peers have hiredis, msgspec and raw bytes, and the batch loop packs its outputs as Kairos does. The peers' cuts are
fixed, and they look at no table, so that the line without daily tables is the one to compare with.

Kafka Streams does *a fraction of the work*, a small job of its own (`bench/kstreams`): decayed counts, money, interest
in categories, the cart's value and a message on a change of segment. It drops no duplicates, keeps no timers, no public
hash, no counters, refuses nothing, and keeps all states on the heap. Its run is short for a JVM, which still compiles
during it."""

TITLES = {GA360: "A real shop", STREAM: "A sparse stream"}
WHAT = {
    GA360: """\
{events:,} events of three months of the Google Merchandise Store (ga360): 94 % of them clicks, most of visitors who
come once. Each event comes with {looks:.2f} looks at a day's table of RFM cuts.""",
    STREAM: """\
{events:,} events of a seeded stream (336 bytes on average, 20,000 shoppers, 85 % clicks, 10 % cart, 5 % orders), which
squeezes 90 days into 600,000 events: nearly every event begins a visit, and comes with {looks:.2f} looks at a day's
table of RFM cuts, far more than in a live shop.""",
}


def section(tables: Mapping[str, Table], counts: Sequence[Counted] = ()) -> list[str]:
    """Paragraphs of Markdown; none without runs."""
    names = [name for name in NAMES if name in tables]
    if not names:
        return []
    parts = ["## CPU an event", METHOD]
    for name in names:
        parts += _table(name, tables[name], [count for count in counts if count.source == name])
    return parts


def _table(name: str, found: Table, counts: Sequence[Counted]) -> list[str]:
    peers = by_peer(found.runs)
    stock, loops = peers.get(STOCK, []), [run.loop for run in found.runs]
    events = max(run.events for run in found.runs)
    noise = f"Before the runs a fixed loop took {min(loops):.0f} to {max(loops):.0f} ms of CPU: the machine's noise."
    latest = {count.worker: count.instructions for count in counts}  # of a worker as they came
    rows = [row(own, stock, latest) for own in peers.values()]
    goals = [verdict(name, line, peers) for line in (KAIROS, FIXED)]
    what = WHAT[name].format(events=events, looks=found.looks)
    return [f"### {TITLES[name]}", what, table(HEAD, rows), *filter(None, [*goals, beside(peers)]), noise]


def by_peer(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Each worker's runs."""
    return {name: [run for run in runs if run.peer == name] for name in dict.fromkeys(run.peer for run in runs)}


def row(own: Sequence[Run], stock: Sequence[Run], counts: Mapping[str, int]) -> list[str]:
    """One worker's line."""
    times, count = ratios(own, stock), counts.get(own[0].peer)
    return [
        (PEERS | EXTRA)[own[0].peer].title,
        f"{own[0].events:,}",
        spread([run.rate for run in own], 0),
        spread([run.worker for run in own]),
        f"{count:,}" if count else "",
        spread([run.whole for run in own]),
        spread([run.redis for run in own]),
        spread([run.kafka for run in own]),
        f"{median(run.outputs for run in own):.2f}",
        f"{max(run.peak for run in own):.0f}",
        f"{spread(times)} ×" if times else "",
    ]


def ratios(own: Sequence[Run], others: Sequence[Run]) -> list[float]:
    """How many times the CPU an event others take, round by round."""
    return [theirs.worker / ours.worker for ours, theirs in zip(own, others, strict=False) if ours.worker]


def verdict(source: str, line: str, peers: Mapping[str, Sequence[Run]]) -> str:
    """Whether the goal of a line is met, in a sentence; "" where it cannot be told."""
    times, wanted = ratios(peers.get(line, []), peers.get(STOCK, [])), GOALS[source][line]
    if not times:
        return ""
    goal = f"{PEERS[line].title}, at most a {wanted:.0f}th of the stock agent's CPU"
    return said(goal, median(times) >= wanted, f"1/{median(times):.1f}")


def beside(peers: Mapping[str, Sequence[Run]]) -> str:
    """The same of the loop by hand."""
    times = ratios(peers.get(LOOP, []), peers.get(FIXED, []))
    if not times:
        return ""
    goal = f"without daily tables at most {BESIDE_LOOP} times the CPU of the batch loop by hand"
    return said(goal, median(times) <= BESIDE_LOOP, f"{median(times):.2f} times")
