"""``RESULTS.md``, whole."""

from __future__ import annotations

from bench.page import counted, footprint, idle, latency, recovery, sampled, scale, throughput
from bench.results import Results

PICTURE = "![CPU an event beside the peers; delay of a message](results.svg)"


def markdown(found: Results) -> str:
    """The page."""
    versions = ", ".join(f"{name} {number}" for name, number in found.versions.items())
    head = [
        "# Results",
        f"Written by `{found.command}` on {found.date}, at commit {found.commit}, on {found.machine}; {versions}. The "
        "numbers of each run: [results.json](results.json).",
        *[f"Not measured: {part} ({reason})." for part, reason in found.left_out.items()],
        *found.notes,
    ]
    parts = [
        *([PICTURE] if found.runs else []),
        *throughput.section(found.runs, found.looks),
        *counted.section(found.counted),
        *sampled.section(found.sampled),
        *latency.section(found.latency),
        *footprint.section(found.memory),
        *recovery.section(found.recovery),
        *scale.section(found.scale),
        *idle.section(found.idle),
    ]
    return "\n\n".join([*head, *parts]) + "\n"
