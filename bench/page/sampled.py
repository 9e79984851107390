"""The part of the results about where a worker's time goes."""

from __future__ import annotations

from collections.abc import Mapping

from bench.page.tables import table
from bench.page.throughput import TITLES
from bench.sampled import Sampled
from bench.sources import NAMES

METHOD = """\
`kairos worker` once more on each history, under a sampling profiler (py-spy, 100 times a second, of threads that hold
the interpreter's lock). Shares of all samples: by stage, with all that it calls, and the functions that take most by
themselves."""


def section(found: Mapping[str, Sampled]) -> list[str]:
    """Paragraphs of Markdown; none without figures."""
    if not found:
        return []
    parts = ["## Where the worker's time goes", METHOD]
    for name in filter(found.__contains__, NAMES):
        own = found[name]
        parts.append(f"### {TITLES[name]}: {own.samples:,} samples")
        parts += [
            table((head, "share"), ([what, f"{count / own.samples:.1%}"] for what, count in counts.items()))
            for head, counts in (("stage", own.stages), ("function", own.functions))
        ]
    return parts
