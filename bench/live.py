"""What a worker costs, and how soon its messages come, while events arrive: `kairos worker` under the wall clock.

At each rate a worker of its own, one after the other; where another checkout is measured beside this one, both take
turns at each rate. The broker itself stamps events and messages, so nothing listens meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from rich.console import Console

from bench import stamped
from bench.checkout import HERE, Checkout
from bench.delays import Delays, delays
from bench.inputs import PARTITIONS
from bench.servers import Servers
from bench.sizes import Sizes
from bench.traffic import Traffic
from bench.watched import WARM, Used, now, watched
from kairos.config.settings import Settings
from models.kernel.settings import SECOND

LEAD = 1_500
"""ms for the producer to start."""
MAKING = 30
"""Rows are made at least so many times as fast as time passes at 1,000 events/s."""


class Pace(Struct, frozen=True):
    """So many events a second, for `seconds`: what the worker of a commit used (`other`: of the checkout beside this
    one), and the delays (None: no events)."""

    rate: int
    seconds: int
    commit: str
    other: bool
    used: Used
    delays: Delays | None


def measure(ours: Servers, sizes: Sizes, against: Checkout | None, data: Path, console: Console) -> list[Pace]:
    """Each rate, with this checkout and the other in turns. Raises WorkerFailed."""
    codes = [HERE, *([against] if against else [])]
    return [
        pace(ours, code, rate, seconds, data, console)
        for rate, seconds in zip(sizes.rates, sizes.seconds, strict=True)
        for code in codes
    ]


def pace(
    ours: Servers,
    code: Checkout,
    rate: int,
    seconds: int,
    data: Path,
    console: Console,
    partitions: int = PARTITIONS,
) -> Pace:
    """One rate. Raises WorkerFailed."""
    what = f"{rate:,} events/s for {seconds} s, commit {code.commit}, {partitions} partitions"
    console.print(f"live: {what}", highlight=False)
    with watched(ours, data, f"live-{rate}-{partitions}-{now()}", code=code, partitions=partitions) as one:
        start, duration = begin(rate * seconds), WARM + seconds * SECOND
        rows = list(Traffic().rows(rate, rate * duration // SECOND, start)) if rate else []
        used = one.during(rows, start + WARM, start + duration)
        if rate:
            one.silence()
    found = told(one.where, start + WARM, start + duration) if rate else None
    said = f", p99 {found.intended.p99:.0f} ms of {found.intended.count:,} messages" if found else ""
    console.print(f"live: {used.worker:.1%} of a core, {used.commits:,.0f} commits/s{said}", highlight=False)
    return Pace(rate, seconds, code.commit, code is not HERE, used, found)


def begin(events: int) -> int:
    """When to begin with so many events (ms): they are made first, and the producer starts."""
    return now() + LEAD + events // MAKING


def told(where: Settings, start: int, end: int, counts: Callable[[str], bool] = lambda _: True) -> Delays:
    """The delays of events due from `start` to `end` (ms), of the shoppers that count. Raises WorkerFailed."""
    return delays(start, end, stamped.events(where), stamped.tags(where), stamped.triggers(where), counts)
