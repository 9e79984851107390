"""The part of the results about load."""

from __future__ import annotations

from bench.backlog import AFTER, RATE, Backlog
from bench.hot import OTHERS, Hot
from bench.load import MANY, Load
from bench.page.live import used
from bench.page.tables import table

BACKLOG = """\
**A backlog.** {events:,} events of one hour lie in the topics when `kairos worker` starts under `clock=wall`; {rate}
live events a second come meanwhile, and for {after:.0f} s after it is folded. It is checked that each event counts
once, and that no reminder is said of a cart that was left before the start ({skipped:,} such carts were counted and
passed over; {reminders:,} reminders were said, each of a cart left after it)."""

BACKLOG_HEAD = ("backlog", "live events", "events/s", "worker µs CPU", "Redis µs", "MiB at quarters", "peak MiB")

HOT = """\
**A hot shopper.** Beside {others:,} events/s by others one shopper makes {events:,} clicks in {seconds} s; and as many
come from 20,000 further shoppers. Delays of the others' messages from when their events were due, in ms: in the hot
shopper's shard, and in the seven others. The rate that makes a shopper a bot (600 events a minute, of whom clicks are
not folded) is out of the way here (`KAIROS_BOT_RATE`)."""

HOT_HEAD = (
    "further events by",
    "events",
    "worker, of a core",
    "messages in its shard",
    "p50",
    "p99",
    "times p99 without",
    "elsewhere",
    "p50",
    "p99",
    "times p99 without",
)

MORE = "**Many partitions.** As in [A live worker](#a-live-worker), with 3 topics of {many} partitions on one worker."


def section(found: Load | None) -> list[str]:
    """Paragraphs of Markdown; none without figures."""
    if found is None:
        return []
    one, hot = found.backlog, found.hot
    told = BACKLOG.format(events=one.events, rate=RATE, after=AFTER, skipped=one.skipped, reminders=one.reminders)
    most = max(hot, key=lambda run: run.events)
    return [
        "## Under load",
        told,
        table(BACKLOG_HEAD, [backlog(one)]),
        HOT.format(others=OTHERS, events=most.events, seconds=most.seconds),
        table(HOT_HEAD, [beside(run, hot[0]) for run in hot]),
        MORE.format(many=MANY),
        used(found.many),
    ]


def backlog(found: Backlog) -> list[str]:
    """Its line."""
    return [
        f"{found.events:,}",
        f"{found.live:,}",
        f"{found.rate:,.0f}",
        f"{found.worker:.1f}",
        f"{found.redis:.1f}",
        ", ".join(f"{held:.0f}" for held in found.memory),
        f"{found.peak:.0f}",
    ]


def beside(found: Hot, without: Hot) -> list[str]:
    """One run's line, beside the run without further events."""
    cells = [found.title, f"{found.events:,}", f"{found.used.worker:.0%}"]
    for own, first in ((found.beside, without.beside), (found.elsewhere, without.elsewhere)):
        ms, ratio = own.intended, own.intended.p99 / max(1, first.intended.p99)
        cells += [f"{ms.count:,}", f"{ms.p50:,.0f}", f"{ms.p99:,.0f}", f"{ratio:.2f}"]
    return cells
