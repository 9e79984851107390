"""The part of the results about instructions."""

from __future__ import annotations

from collections.abc import Sequence

from bench.counted import FEW, MANY
from bench.figures import Counted
from bench.page.tables import table
from bench.page.throughput import TITLES
from bench.peers import PEERS

METHOD = f"""\
Instructions an event, counted by valgrind's callgrind (`make bench ARGS="--only instructions"`): they do not depend on
what else the machine does. Events {FEW:,} to {MANY:,} of each history go through one shard on the memory store, or
through the batch loop with Redis and Kafka in memory. `python -m bench.instructions --check` tells whether a smaller,
fixed set has moved by more than 2 % since it was recorded."""


def section(found: Sequence[Counted]) -> list[str]:
    """Paragraphs of Markdown; none without counts."""
    if not found:
        return []
    first: dict[tuple[str, str], int] = {}
    for c in found:
        first.setdefault((c.source, c.worker), c.instructions)
    rows = [
        [
            TITLES[c.source],
            PEERS[c.worker].title,
            c.commit,
            c.date,
            f"{c.instructions:,}",
            f"{c.instructions / first[c.source, c.worker]:.0%}",
        ]
        for c in found
    ]
    head = ("history", "worker", "commit", "date", "instructions", "of the first")
    return ["## Instructions an event", METHOD, table(head, rows)]
