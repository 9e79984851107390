"""The part ``churn`` of the bench: everything that the churn model costs."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from bench.churn import footprints, timing
from bench.churn.operations import operations
from bench.churn.recording import record
from bench.churn.results import Churn
from bench.sizes import Sizes
from models.churn.counts import Counts
from models.churn.sequence import SIZE


def measure(sizes: Sizes, ga360: Path | None, cdnow: Path | None, data: Path, console: Console) -> Churn:
    """Times, instructions and bytes. Raises RuntimeError where the run is too short for a model."""
    console.print("churn: folding the simulator's shop, to record calls ...", highlight=False)
    recorded = record(sizes.churn)
    console.print(f"churn: {sizes.churn_rounds} rounds of every operation ...", highlight=False)
    micros = timing.timed(operations(recorded), sizes.churn_rounds)
    console.print("churn: instructions, under callgrind ...", highlight=False)
    counted = timing.instructions(recorded)
    labels = len(Counts.decode(recorded.counts).sequence) // SIZE
    shops, everything = footprints.measure(sizes.churn, ga360, cdnow, data, console)
    return Churn(labels, micros, counted, timing.imported(3), shops, everything)
