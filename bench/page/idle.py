"""The part of the results about shards with nothing to do."""

from __future__ import annotations

from collections.abc import Sequence

from bench.idle import Idle
from bench.page.goal import said
from bench.page.tables import table

GOAL = 1.0
"""ms a step or a tick may take where nothing is due."""

HEAD = ("timers that wait", "idle step p50 ms", "p99", "Redis µs", "tick p50 ms", "p99", "Redis µs")

METHOD = """\
One shard has all the timers, none of them due. *Idle step*: under `clock=wall` a shard without events is stepped, and
finds nothing to do. *Tick*: under `clock=event` a tick on each of three inputs is taken and event time committed. In
the bench's own process on a real Redis, {steps:,} times each."""


def section(found: Sequence[Idle]) -> list[str]:
    """Paragraphs of Markdown; none without figures."""
    if not found:
        return []
    worst = max(max(idle.step.p50, idle.tick.p50) for idle in found)
    goal = said(f"less than {GOAL:.0f} ms where nothing is due", worst < GOAL, f"{worst:.2f} ms at most, by medians")
    method = METHOD.format(steps=found[0].step.count)
    return ["## Timers that wait", method, table(HEAD, map(row, found)), goal]


def row(found: Idle) -> list[str]:
    """One number of timers."""
    by_step, by_tick = found.redis
    step, tick = found.step, found.tick
    return [
        f"{found.timers:,}",
        f"{step.p50:.3f}",
        f"{step.p99:.3f}",
        f"{by_step:.0f}",
        f"{tick.p50:.3f}",
        f"{tick.p99:.3f}",
        f"{by_tick:.0f}",
    ]
