"""The part of the results about the live page."""

from __future__ import annotations

from bench.dashboard import Page, Watched
from bench.page.goal import said
from bench.page.tables import table

REDIS, PAGE = 0.01, 0.03
"""Shares of a core that the page may cost Redis, and use itself, with 100 viewers."""

HEAD = (
    "viewers",
    "Redis, the page's commands",
    "Redis in all, less without the page",
    "the page's process",
    "its memory MiB",
    "looks a second",
    "KB a second a viewer",
)

METHOD = """\
`kairos dashboard` over a Redis with keys of {shoppers:,} shoppers and eight busy shards of some 700 counters, each of
which commits four batches a second. A viewer is a stream of *Now* over HTTP. Shares of one core, over {seconds} s."""


def section(found: Page | None) -> list[str]:
    """Paragraphs of Markdown; none without figures."""
    if found is None:
        return []
    most = found.windows[-1]
    redis = said(f"less than {REDIS:.0%} of a core of Redis", most.redis_cost < REDIS, f"{most.redis_cost:.2%}")
    page = said(f"less than {PAGE:.0%} of a core for the page", most.page < PAGE, f"{most.page:.2%}")
    method = METHOD.format(shoppers=found.shoppers, seconds=found.seconds)
    return ["## The live page", method, table(HEAD, map(row, found.windows)), redis, page]


def row(found: Watched) -> list[str]:
    """One number of viewers."""
    return [
        f"{found.viewers}",
        f"{found.commands:.2%}",
        f"{found.redis:.2%}",
        f"{found.page:.2%}",
        f"{found.resident:.0f}",
        f"{found.looks:.2f}",
        f"{found.bytes / 1000:.1f}",
    ]
