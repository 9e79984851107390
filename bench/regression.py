"""Whether an event takes as many instructions as it did: a fixed set, counted and compared with `instructions.json`."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from pathlib import Path

import msgspec
from msgspec import Struct

from bench.counting import SHOP, Case, counted
from bench.sources import STREAM

FILE = Path(__file__).resolve().parent / "instructions.json"
ANEW = "python -m bench.instructions --record"
TOLERANCE = 2
"""Percent that a count may move, either way."""
CASES = (
    Case(STREAM, "fixed", 400, 1_600),
    Case(STREAM, "kairos", 400, 1_600),
    Case(SHOP, "kairos", 400, 1_600),
)
PACKAGES = ("msgspec", "numpy", "redis")


class Recorded(Struct):
    """Instructions an event by case, and what they depend on beside our own code."""

    python: str
    packages: dict[str, str]
    counts: dict[str, int]


def here() -> Recorded:
    """What the counts would depend on here; none yet."""
    python = f"{sys.version} on {platform.machine()}"
    return Recorded(python, {name: version(name) for name in PACKAGES}, {})


def name(case: Case) -> str:
    """How a case is called.

    >>> name(CASES[0])
    'stream, fixed cuts'
    """
    return f"{case.source}, {'fixed cuts' if case.worker == 'fixed' else 'daily tables'}"


def measured() -> dict[str, int]:
    """The fixed set. Raises ValueError where valgrind fails."""
    return {name(case): count for case, count in counted(CASES).items()}


def recorded() -> Recorded:
    """What was recorded last."""
    return msgspec.json.decode(FILE.read_bytes(), type=Recorded)


def elsewhere() -> str:
    """Why counts made here cannot be compared with the recorded ones; "" if they can."""
    theirs, ours = recorded(), here()
    if theirs.python != ours.python:
        return f"recorded with Python {theirs.python}, not {ours.python}"
    if theirs.packages != ours.packages:
        return f"recorded with {theirs.packages}, not {ours.packages}"
    return ""


def moved(before: dict[str, int], after: dict[str, int]) -> list[str]:
    """A line for each case that is not within the tolerance.

    >>> moved({"a": 1_000, "b": 1_000}, {"a": 1_020, "b": 979})
    ['b: 979 instructions an event, 1,000 before (-2.1 %)']
    """
    return [
        f"{case}: {count:,} instructions an event, {before[case]:,} before ({100 * (count / before[case] - 1):+.1f} %)"
        for case, count in after.items()
        if abs(count - before[case]) * 100 > TOLERANCE * before[case]
    ]


def record(counts: dict[str, int]) -> None:
    """Write counts down, to compare with from now on."""
    found = here()
    found.counts = counts
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
