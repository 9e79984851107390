"""The part of the results about a live worker: what it costs, and how soon its messages come."""

from __future__ import annotations

from collections.abc import Sequence

from bench.live import Pace
from bench.page.goal import said
from bench.page.tables import table
from bench.quantiles import Quantiles
from bench.watched import CART_DELAY, GRACE, WARM
from models.kernel.settings import SECOND

CORE = {0: 0.015, 200: 0.10, 1_000: 0.30}
"""Share of a core that the worker may use, by events a second."""
P50, P99 = 15.0, 50.0
"""ms that a message, or a reminder beyond its grace, may take."""
RATES = (200, 1_000)
"""Events a second at which delays have a goal."""
ENOUGH = 1_000
"""Values of which the 99.9th percentile is told."""

USED = ("events/s", "commit", "worker, of a core", "commits/s", "wake-ups/s", "Redis, of a core", "of the other's CPU")

METHOD = """\
`kairos worker` under `clock=wall`, alone on 3 topics of {partitions} partitions, a process on an empty Redis at each
rate; where there are two commits, both in turns in one run. CPU is user and system time from `/proc`, wake-ups are
voluntary context switches of all its threads, commits are batches of all shards. The first {warm} seconds are not
counted."""

MESSAGES = (
    "events/s",
    "commit",
    "messages",
    "due → message p50",
    "p99",
    "p99.9",
    "most",
    "append → message p50",
    "p99",
    "due → append p99",
)

DELAY = """\
In the same runs, in ms. A message is the first that an event brings to `user-tags`; each order in the traffic is a new
shopper's first, and must bring one. The broker stamps every record as it appends it (LogAppendTime, whole ms): *append
→ message* is from the event's append to that of the tag; *due → message* from the moment the event was due to be sent,
so that a producer held up by a busy machine hides nothing (*due → append* is what it and the broker took). The
producer (aiokafka, its clock the schedule, never waiting for an answer), broker, Redis and worker share the cores. The
99.9th percentile is told of {enough:,} messages or more."""

REMINDERS = ("events/s", "commit", "while events come", "p50", "p99", "p99.9", "in silence", "p50", "p99", "p99.9")

CARTS = """\
Carts count as left after {delay} s here, and a reminder is due in event time. While events come, the next one of the
shard moves it on: ms from when the reminder was due. In the silence after the last event, event time follows the clock
{grace:,} ms behind it, the grace for records on their way: ms beyond that."""


def section(found: Sequence[Pace], partitions: int) -> list[str]:
    """Paragraphs of Markdown; none without figures."""
    if not found:
        return []
    told = [pace for pace in found if pace.delays]
    ours = [pace for pace in found if not pace.other]
    return [
        "## A live worker",
        METHOD.format(partitions=partitions, warm=WARM // SECOND),
        used(found),
        *[goal for pace in ours for goal in core(pace)],
        "### Delay of a message",
        DELAY.format(enough=ENOUGH),
        table(MESSAGES, map(messages, told)),
        *[goal for pace in ours for goal in delay(pace)],
        "### Delay of a reminder",
        CARTS.format(delay=CART_DELAY // SECOND, grace=GRACE),
        table(REMINDERS, map(reminders, told)),
        *[goal for pace in ours for goal in grace(pace)],
    ]


def used(found: Sequence[Pace]) -> str:
    """What the worker used, and the ratio to the other commit's at the same rate."""
    return table(USED, [_used(pace, found) for pace in found])


def _used(pace: Pace, found: Sequence[Pace]) -> list[str]:
    others = [other.used.worker for other in found if other.rate == pace.rate and other.other and not pace.other]
    return [
        f"{pace.rate:,}",
        pace.commit,
        f"{pace.used.worker:.1%}",
        f"{pace.used.commits:,.0f}",
        f"{pace.used.wakeups:,.0f}",
        f"{pace.used.redis:.1%}",
        f"{pace.used.worker / others[0]:.2f} ×" if others and others[0] else "",
    ]


def messages(pace: Pace) -> list[str]:
    """One line of delays, in ms."""
    assert pace.delays is not None
    intended, appended, sender = pace.delays.intended, pace.delays.appended, pace.delays.sender
    return [
        f"{pace.rate:,}",
        pace.commit,
        f"{intended.count:,}",
        *shown(intended),
        f"{intended.most:,.0f}",
        *shown(appended)[:2],
        f"{sender.p99:,.0f}",
    ]


def reminders(pace: Pace) -> list[str]:
    """One line of reminders, in ms."""
    assert pace.delays is not None
    cells = [f"{pace.rate:,}", pace.commit]
    for found, beyond in ((pace.delays.timers, 0), (pace.delays.silent, GRACE)):
        cells += [f"{found.count:,}", *shown(found, beyond)] if found else ["0", "", "", ""]
    return cells


def shown(found: Quantiles, beyond: float = 0) -> list[str]:
    """Median, 99th and 99.9th percentile, less what is allowed anyway."""
    values = [found.p50, found.p99]
    if found.p999 is not None and found.count >= ENOUGH:
        values.append(found.p999)
    return [f"{value - beyond:,.0f}" for value in values] + [""] * (3 - len(values))


def core(pace: Pace) -> list[str]:
    """Whether the worker used little enough."""
    if pace.rate not in CORE:
        return []
    wanted, name = CORE[pace.rate], f"{pace.rate:,} events/s" if pace.rate else "nothing"
    return [said(f"at most {wanted:.1%} of a core at {name}", pace.used.worker <= wanted, f"{pace.used.worker:.1%}")]


def delay(pace: Pace) -> list[str]:
    """Whether messages come soon enough, by the stricter of both measures."""
    if pace.rate not in RATES or pace.delays is None:
        return []
    return [_soon(f"p50 at most {P50:.0f} ms and p99 {P99:.0f} at {pace.rate:,} events/s", pace.delays.intended)]


def grace(pace: Pace) -> list[str]:
    """Whether reminders do, beyond their grace."""
    if pace.rate not in RATES or pace.delays is None or pace.delays.silent is None:
        return []
    return [_soon(f"reminders beyond their grace the same after {pace.rate:,} events/s", pace.delays.silent, GRACE)]


def _soon(goal: str, found: Quantiles, beyond: float = 0) -> str:
    p50, p99 = found.p50 - beyond, found.p99 - beyond
    return said(goal, p50 <= P50 and p99 <= P99, f"{p50:,.0f} and {p99:,.0f} ms")
