"""Instructions an event of each history, for its table: Kairos and the loop by hand, without Kafka and Redis."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from bench.counting import WORKERS, Case, counted, missing
from bench.figures import Counted
from bench.results import Made
from bench.sources import NAMES, Source
from bench.worker import WorkerFailed

FEW, MANY = 4_000, 24_000
"""Events from the first of these to the second are counted."""


def measure(sources: Mapping[str, Source], file: Path | None, made: Made, console: Console) -> list[Counted]:
    """Every worker on every history that is there, one case beside the other. Raises WorkerFailed."""
    if reason := missing():
        raise WorkerFailed(reason)
    cases = [Case(name, worker, FEW, MANY) for name in NAMES if name in sources for worker in WORKERS]
    console.print(f"instructions: {len(cases)} cases of {MANY:,} events under callgrind ...", highlight=False)
    try:
        found = counted(cases, file)
    except ValueError as error:
        raise WorkerFailed(str(error)) from None
    for case, count in found.items():
        console.print(f"{case.source}, {case.worker}: {count:,} instructions an event", highlight=False)
    return [Counted(c.source, c.worker, made.commit, made.date, count) for c, count in found.items()]
