"""The part of the results about instructions."""

from __future__ import annotations

from collections.abc import Sequence

from bench.figures import Counted
from bench.page.goal import said
from bench.page.tables import table

GOAL = 0.45
"""Of the instructions that the first commit took."""

METHOD = """\
Instructions an event, counted by valgrind's callgrind: `python -m bench.instructions stream`, or a file of ga360.
Events go through one shard on the memory store; a figure is the difference between a run of 24,000 events and one of
4,000, divided by 20,000. It does not depend on what else the machine does. The first line of each input is the commit
before features had one seam ([decision 10](../docs/decisions/0010-features-facts-rules-signals.md))."""


def section(found: Sequence[Counted]) -> list[str]:
    """Paragraphs of Markdown; none without counts."""
    if not found:
        return []
    first: dict[tuple[str, str], int] = {}
    for c in found:
        first.setdefault((c.events, c.every), c.instructions)
    rows = [
        [c.events, c.every, c.commit, c.date, f"{c.instructions:,}", f"{c.instructions / first[c.events, c.every]:.0%}"]
        for c in found
    ]
    last = {(c.events, c.every): c.instructions / first[c.events, c.every] for c in found}
    worst = max(last.values())
    goal = said(f"at most {GOAL:.0%} of the first on each input", worst <= GOAL, f"{worst:.0%} at most")
    head = ("events", "tables every", "commit", "date", "instructions", "of the first")
    return ["## Instructions an event", METHOD, table(head, rows), goal]
