"""A shopper who never rests: what that costs everybody else, beside a shop without, and one where many do as much."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import merge
from operator import itemgetter
from pathlib import Path

from msgspec import Struct
from rich.console import Console

from bench.delays import Delays
from bench.inputs import PARTITIONS
from bench.live import begin, told
from bench.servers import Servers
from bench.sizes import Sizes
from bench.traffic import LATER, Traffic
from bench.watched import EXTRA, WARM, Used, now, watched
from models.kernel.partition import java_partition
from models.kernel.settings import SECOND

OTHERS = 1_000
"""Events a second by everybody else."""
HOT = "hot"
CROWD = [f"crowd-{number}" for number in range(20_000)]
WHO: dict[str, Sequence[str]] = {"nobody": [], "one hot shopper": [HOT], "20,000 shoppers": CROWD}
"""By whom the further events are."""
SHARD = java_partition(HOT.encode(), PARTITIONS)
NO_BOTS = {"KAIROS_BOT_RATE": "1000000"}
"""Or the hot shopper's clicks would not be folded."""


class Hot(Struct, frozen=True):
    """Delays of everybody else: `beside` in the hot shopper's shard, `elsewhere` in the others. `title` says who made
    the `events` beside theirs."""

    title: str
    events: int
    seconds: int
    used: Used
    beside: Delays
    elsewhere: Delays


def measure(ours: Servers, sizes: Sizes, data: Path, console: Console) -> list[Hot]:
    """One run after the other. Raises WorkerFailed."""
    return [_measure(ours, title, sizes, data, console) for title in WHO]


def _measure(ours: Servers, title: str, sizes: Sizes, data: Path, console: Console) -> Hot:
    users = WHO[title]
    seconds, extra = sizes.hot_seconds, sizes.hot if users else 0
    console.print(f"load: beside {OTHERS:,} events/s {extra:,} by {title}", highlight=False)
    with watched(ours, data, f"hot-{now()}", extra=EXTRA | NO_BOTS) as one:
        traffic, duration = Traffic(), WARM + seconds * SECOND
        start = begin(OTHERS * seconds + extra)
        rows = traffic.rows(OTHERS, OTHERS * duration // SECOND, start)
        more = Traffic(seed=12, first=LATER).clicks(extra / seconds, extra, start + WARM, users) if extra else ()
        used = one.during(list(merge(rows, more, key=itemgetter(0))), start + WARM, start + duration)
        one.silence()
    near = told(one.where, start + WARM, start + duration, beside)
    far = told(one.where, start + WARM, start + duration, elsewhere)
    console.print(
        f"load: p99 {near.intended.p99:.0f} ms in its shard, {far.intended.p99:.0f} elsewhere", highlight=False
    )
    return Hot(title, extra, seconds, used, near, far)


def beside(user: str) -> bool:
    """Whether the events of a shopper count in the hot shopper's shard."""
    return user != HOT and not user.startswith("crowd-") and java_partition(user.encode(), PARTITIONS) == SHARD


def elsewhere(user: str) -> bool:
    """Whether they count in another."""
    return not user.startswith("crowd-") and java_partition(user.encode(), PARTITIONS) != SHARD
