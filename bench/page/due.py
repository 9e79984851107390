"""The part of the results about reminders that come due among many carts."""

from __future__ import annotations

from collections.abc import Sequence

from bench.due import DUE, Due
from bench.page.goal import said
from bench.page.tables import table

GOAL = 4.0
"""How many times as much a due timer may cost with the most carts as with the fewest."""

HEAD = ("open carts", "µs a due timer p50", "p99", "Redis µs", "times the first")

METHOD = """\
Each shopper of one shard has left a cart. Under `clock=event` {ticks:,} ticks make {due} reminders due each; what
follows from one is folded and committed, wall time and CPU of Redis are divided by the reminders. In the bench's own
process on a real Redis."""


def section(found: Sequence[Due]) -> list[str]:
    """Paragraphs of Markdown; none without figures."""
    if not found:
        return []
    first = found[0].took.p50
    most = max(due.took.p50 for due in found) / first
    goal = said(f"at most {GOAL:.0f} times as much among {found[-1].carts:,} carts", most <= GOAL, f"{most:.2f} times")
    method = METHOD.format(ticks=found[0].took.count, due=DUE)
    return ["## Reminders that come due", method, table(HEAD, (row(due, first) for due in found)), goal]


def row(due: Due, first: float) -> list[str]:
    """One number of carts."""
    took = due.took
    return [f"{due.carts:,}", f"{took.p50:.0f}", f"{took.p99:.0f}", f"{due.redis:.0f}", f"{took.p50 / first:.2f}"]
