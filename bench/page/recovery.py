"""The part of the results about workers that die."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from bench.page.tables import spread, table
from bench.recovery import Recovery

HEAD = (
    "profiles",
    "MB in Redis",
    "kills",
    "claimed after s",
    "first commit after s",
    "beyond the session timeout",
)

METHOD = """\
Two workers under `clock=wall` share 8 shards, 200 events/s come in, and one of the two is killed (SIGKILL). Seconds
until the other has claimed, and until it has committed a batch of, the last of the dead one's shards. Kafka takes a
worker for dead {session:.0f} s after its last heartbeat, and the other hears of it at its own next one (every 2 s):
that is nearly all of it. A claim reads nothing that grows with the number of shoppers."""


def section(found: Sequence[Recovery]) -> list[str]:
    """Paragraphs of Markdown; none without figures."""
    if not found:
        return []
    session = found[0].session
    return ["## Recovery", METHOD.format(session=session), table(HEAD, map(row, found)), verdict(found)]


def row(found: Recovery) -> list[str]:
    """One number of profiles."""
    return [
        f"{found.profiles:,}",
        f"{found.held / 1e6:,.0f}",
        str(len(found.committed)),
        spread(found.claimed),
        spread(found.committed),
        spread([seconds - found.session for seconds in found.committed]),
    ]


def verdict(found: Sequence[Recovery]) -> str:
    """Fewest profiles against most."""
    few, many = found[0], found[-1]
    times, more = many.profiles / few.profiles, median(many.committed) - median(few.committed)
    return f"With {times:,.0f} times as many profiles it took {more:+.1f} s (heartbeats alone leave 2 s open)."
