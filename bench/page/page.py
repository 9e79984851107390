"""``RESULTS.md``, whole."""

from __future__ import annotations

from bench.inputs import PARTITIONS
from bench.page import (
    act,
    churn,
    counted,
    dashboard,
    due,
    footprint,
    idle,
    live,
    load,
    recovery,
    sampled,
    scale,
    throughput,
)
from bench.page.tables import table
from bench.results import Results

PICTURE = "![CPU an event beside the peers; delay of a message](results.svg)"
HEAD = """\
Written by `make bench`; the numbers of each run: [results.json](results.json). Each part is as it was measured last,
with {versions}."""


def markdown(found: Results) -> str:
    """The page."""
    versions = ", ".join(f"{name} {number}" for name, number in found.versions.items())
    head = [
        "# Results",
        HEAD.format(versions=versions),
        origins(found),
        *[f"Not measured: {part} ({reason})." for part, reason in found.left_out.items()],
        *found.notes,
    ]
    parts = [
        *([PICTURE] if found.tables else []),
        *throughput.section(found.tables, found.instructions),
        *counted.section(found.instructions),
        *sampled.section(found.profile),
        *churn.section(found.churn),
        *live.section(found.live, PARTITIONS),
        *load.section(found.load),
        *footprint.section(found.memory),
        *recovery.section(found.recovery),
        *scale.section(found.scale),
        *idle.section(found.idle),
        *due.section(found.due),
        *act.section(found.act),
        *dashboard.section(found.dashboard),
    ]
    return "\n\n".join([*head, *parts]) + "\n"


def origins(found: Results) -> str:
    """Where each part's figures come from."""
    rows = [[part, made.commit, made.date, f"`{made.command}`", made.machine] for part, made in found.made.items()]
    return table(("part", "commit", "date", "command", "machine"), rows)
