"""The part of the results about where a worker's time goes."""

from __future__ import annotations

from bench.page.tables import table
from bench.sampled import Sampled

METHOD = """\
The first line of the table above once more, under a sampling profiler (py-spy, 100 times a second, {samples:,} samples
of threads that hold the interpreter's lock). Shares of all samples: by stage, with all that it calls, and the
functions that take most by themselves."""


def section(found: Sampled | None) -> list[str]:
    """Paragraphs of Markdown; none without figures."""
    if found is None:
        return []
    parts = [
        table((head, "share"), ([name, f"{count / found.samples:.1%}"] for name, count in counts.items()))
        for head, counts in (("stage", found.stages), ("function", found.functions))
    ]
    return ["## Where the worker's time goes", METHOD.format(samples=found.samples), *parts]
