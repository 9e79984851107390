"""The part of the results about delay."""

from __future__ import annotations

from bench.delays import Latency, Pace
from bench.page.goal import said
from bench.page.tables import table
from bench.quantiles import Quantiles

GOAL, AT = 50.0, 1_000
"""ms that the 99th percentile may take, at so many events a second."""

HEAD = (
    "events/s",
    "messages",
    "append → message p50",
    "p99",
    "most",
    "due → message p50",
    "p99",
    "due → append p99",
    "reminder due → message p50",
    "p99",
    "worker, of a core",
)

METHOD = """\
`kairos worker` under `clock=wall`, alone on all shards. Each order in the traffic is a new shopper's first, so that its
event must bring a tag (`user-tags`) at once. The broker stamps every record as it appends it (LogAppendTime, whole ms):
*append → message* is from the event's append to that of the tag, which the broker then acknowledges; *due → message*
from the moment the event was due to be sent, so that a producer held up by a busy machine hides nothing (*due → append*
is what it and the broker took). The producer (aiokafka, its clock the schedule, never waiting for an answer), broker,
Redis and worker share the cores. Carts count as left after {delay} s here; a reminder is due in event time, which runs
up to 2 s (grace) behind the clock where no event moves it on. Five seconds at each rate are not counted. The last rate
is half of {saturation:,.0f} events/s, at which the same worker had folded a backlog just before."""

SILENT = (
    "Reminders due after the last event, in silence: {p50:,.0f} ms (p50), {p99:,.0f} ms (p99) after they were due, "
    "2,000 ms of it grace ({count:,} reminders)."
)


def section(found: Latency | None) -> list[str]:
    """Paragraphs of Markdown; none without figures."""
    if found is None:
        return []
    method = METHOD.format(saturation=found.saturation, delay=5)
    silent = found.silent
    tail = [SILENT.format(p50=silent.p50, p99=silent.p99, count=silent.count)] if silent else []
    goals = [goal(pace) for pace in found.paces if pace.rate == AT]
    return ["## Delay of a message", method, table(HEAD, map(row, found.paces)), *goals, *tail]


def row(pace: Pace) -> list[str]:
    """One rate's line, in ms."""
    appended, intended, timers = pace.appended, pace.intended, pace.timers
    return [
        f"{pace.rate:,}",
        f"{appended.count:,}",
        *shown(appended),
        f"{appended.most:,.0f}",
        *shown(intended),
        f"{pace.sender.p99:,.0f}",
        *(shown(timers) if timers else ("", "")),
        f"{pace.worker:.0%}",
    ]


def shown(found: Quantiles) -> tuple[str, str]:
    """Median and 99th percentile."""
    return f"{found.p50:,.0f}", f"{found.p99:,.0f}"


def goal(pace: Pace) -> str:
    """Whether the 99th percentile is small enough, by the stricter of both measures."""
    p99 = pace.intended.p99
    return said(f"p99 at most {GOAL:.0f} ms at {AT:,} events/s", p99 <= GOAL, f"{p99:,.0f} ms from when it was due")
