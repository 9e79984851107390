"""The part of the results about many shoppers."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from bench.figures import Run
from bench.page.tables import spread, table

HEAD = ("shoppers in Redis", "events/s", "worker µs CPU an event", "Redis µs", "both", "times the first", "peak MiB")

METHOD = """\
Redis is filled with profiles, public hashes and timers of shoppers of all kinds, by commits of the store. Then
{events:,} of them come, once each, and `kairos worker` folds that with its cache of profiles off and without daily
tables: at every size a batch loads and stores as many profiles as it has events. None of those who stay away has
anything due. CPU as above, medians of {rounds} rounds."""


def section(runs: Sequence[Run]) -> list[str]:
    """Paragraphs of Markdown; none without runs."""
    if not runs:
        return []
    sizes = {name: [run for run in runs if run.peer == name] for name in dict.fromkeys(run.peer for run in runs)}
    first = next(iter(sizes.values()))
    method = METHOD.format(events=runs[0].events, rounds=len(first))
    return ["## From few shoppers to many", method, table(HEAD, (row(own, first) for own in sizes.values()))]


def row(own: Sequence[Run], first: Sequence[Run]) -> list[str]:
    """One size."""
    return [
        f"{int(own[0].peer):,}",
        spread([run.rate for run in own], 0),
        spread([run.worker for run in own]),
        spread([run.redis for run in own]),
        spread([both(run) for run in own]),
        f"{ratio(own, first):.2f}",
        f"{max(run.peak for run in own):.0f}",
    ]


def ratio(own: Sequence[Run], first: Sequence[Run]) -> float:
    """How much more CPU an event costs than at the first size, worker and Redis together."""
    return median(map(both, own)) / median(map(both, first))


def both(run: Run) -> float:
    """µs of worker and Redis."""
    return run.worker + run.redis
