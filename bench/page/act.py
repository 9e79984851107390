"""The part of the results about messages on their way to endpoints."""

from __future__ import annotations

from collections.abc import Sequence

from bench.act import RATE, Delivered
from bench.page.goal import said
from bench.page.tables import table

GOAL = 1_000.0
"""ms that 99 of 100 messages stay below, whatever another endpoint does."""

HEAD = ("beside", "messages", "p50 ms", "p99", "most")

METHOD = """\
`kairos act` sends {rate} messages a second, each of a shopper of its own, for {seconds} s, over real Kafka and Redis,
to an endpoint that takes each at once; from before Kafka's client has a message to its arrival. The second time an
endpoint beside it takes connections and never answers: every attempt lasts until its time-out of 15 s, as it would for
an hour."""


def section(found: Sequence[Delivered]) -> list[str]:
    """Paragraphs of Markdown; none without figures."""
    if not found:
        return []
    worst = found[-1].delay.p99
    goal = said("p99 below a second beside an endpoint that hangs", worst < GOAL, f"{worst:,.0f} ms")
    method = METHOD.format(rate=RATE, seconds=found[0].seconds)
    return ["## Messages to endpoints", method, table(HEAD, map(row, found)), goal]


def row(found: Delivered) -> list[str]:
    """One run."""
    beside = f"one that hangs, {found.hung:,} attempts" if found.hanging else "none"
    delay = found.delay
    return [beside, f"{delay.count:,}", f"{delay.p50:,.0f}", f"{delay.p99:,.0f}", f"{delay.most:,.0f}"]
