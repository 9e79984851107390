"""What must hold under load: a long backlog while live events come, a shopper who never rests, many partitions."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from rich.console import Console

from bench import backlog, hot
from bench.backlog import Backlog
from bench.checkout import HERE
from bench.hot import Hot
from bench.live import Pace, pace
from bench.servers import Servers
from bench.sizes import Sizes

MANY = 64
"""Partitions of each input."""
RATES = (0, 200)


class Load(Struct, frozen=True):
    """All three; `many` are rates with so many partitions as `MANY`."""

    backlog: Backlog
    hot: list[Hot]
    many: list[Pace]


def measure(ours: Servers, sizes: Sizes, data: Path, console: Console) -> Load:
    """One after the other. Raises WorkerFailed, also where a promise is broken."""
    return Load(
        backlog.measure(ours, sizes.backlog, data, console),
        hot.measure(ours, sizes, data, console),
        [pace(ours, HERE, rate, sizes.many_seconds, data, console, MANY) for rate in RATES],
    )
