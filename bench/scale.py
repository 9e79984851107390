"""What an event costs with many shoppers in Redis, and with very many: the same work, nothing cached.

Each of the same number of shoppers comes once, so that a batch has as many shoppers as events at any size, and none of
those that stay away has anything due.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

from rich.console import Console

from bench.figures import Run
from bench.filled import fill, name
from bench.inputs import PARTITIONS, Inputs
from bench.peers import Peer
from bench.progress import progress
from bench.run import Bench
from bench.servers import Servers
from bench.sizes import Sizes
from bench.sources import Feed
from bench.stream import CHUNK, END, choose, row
from kairos.replay.row import Rows
from models.kernel.settings import HOUR
from sinks.redis_store import RedisStore

STRIDE = 7_919
"""A prime that divides no size: shoppers come in an order that has nothing to do with how they were written."""
FIRST = 10_000_000
"""Number of the first visit's message: those of the shoppers' pasts are lower, and would make it a repeat."""
SPAN = HOUR
"""Event time of all visits (ms)."""
UNCACHED = {"KAIROS_CACHE_PROFILES": "0", "KAIROS_TABLE_EVERY": "0"}
TIMEOUT = 600.0


def measure(ours: Servers, sizes: Sizes, data: Path, console: Console) -> list[Run]:
    """Runs at each size, in turns; the run's `peer` is the number of shoppers. Raises WorkerFailed."""
    inputs, bench, count = Inputs(ours, 0, console), Bench(ours, data, TIMEOUT), sizes.visits
    feeds = {}
    for shoppers in sizes.shops:
        feed = Feed(f"scale-{shoppers}", events=count, folded=count)
        feeds[shoppers] = inputs.add(feed, visits(shoppers, count), ticked=True)
    return [
        _run(bench, shoppers, feed, number, sizes.repeats, console)
        for number in range(1, sizes.repeats + 1)
        for shoppers, feed in feeds.items()
    ]


def _run(bench: Bench, shoppers: int, feed: Feed, number: int, of: int, console: Console) -> Run:
    title = f"scale, round {number} of {of}: {shoppers:,} shoppers"
    with progress(console, title, feed.events) as show:
        fill = partial(_fill, shoppers, console)
        run = bench.run(str(shoppers), Peer("", "ticked", extra=UNCACHED), feed, number, show, fill)
    console.print(f"{title}: {run.worker:.1f} + {run.redis:.1f} µs an event", highlight=False)
    return run


def _fill(shoppers: int, console: Console, store: RedisStore) -> None:
    fill(store, PARTITIONS, shoppers, END, lambda _: None)


def visits(shoppers: int, events: int, seed: int = 5) -> Iterator[Rows]:
    """One event each of `events` shoppers out of all."""
    random, rows = Random(seed), Rows()
    for number in range(events):
        user = name(number * STRIDE % shoppers)
        rows.append(row(random, FIRST + number, END + SPAN * number // events, user, choose(random)))
        if len(rows) == CHUNK:
            yield rows
            rows = []
    yield rows
