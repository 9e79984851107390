"""The findings, and what somebody needs to repeat them."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from bench.act import Delivered
from bench.churn.results import Churn
from bench.dashboard import Page
from bench.due import Due
from bench.figures import Counted, Run
from bench.idle import Idle
from bench.live import Pace
from bench.load import Load
from bench.memory import Footprint
from bench.process import machine
from bench.recovery import Recovery
from bench.sampled import Sampled
from bench.sources import NAMES

PACKAGES = ("faust-streaming", "aiokafka", "redis", "hiredis", "msgspec")


class Made(Struct, frozen=True):
    """Where a part's figures come from; `machine` in a line."""

    date: str
    commit: str
    command: str
    machine: str = field(default_factory=machine)


class Table(Struct, frozen=True):
    """CPU an event on one history: each worker's runs, and how often an event comes with a look at a day's table."""

    runs: list[Run]
    looks: float


class Results(Struct):
    """Everything that was found, by part, each as it was measured last.

    Attributes
    ----------
    made
        By part, where its figures come from.
    tables, profile
        By name of the history.
    instructions
        By commit: kept from session to session.
    left_out
        Parts or runs that failed in the last session that asked for them, and why.
    notes
        What else a reader must know, written by hand into `results.json`.
    """

    made: dict[str, Made] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    instructions: list[Counted] = field(default_factory=list)
    profile: dict[str, Sampled] = field(default_factory=dict)
    churn: Churn | None = None
    live: list[Pace] = field(default_factory=list)
    load: Load | None = None
    memory: list[Footprint] = field(default_factory=list)
    recovery: list[Recovery] = field(default_factory=list)
    scale: list[Run] = field(default_factory=list)
    idle: list[Idle] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    act: list[Delivered] = field(default_factory=list)
    dashboard: Page | None = None
    left_out: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def merged(old: Results, new: Results) -> Results:
    """The old findings with those parts anew that a session measured."""
    changes = {part: getattr(new, part) for part in new.made if part not in NAMES}
    if "instructions" in changes:
        changes["instructions"] = together(old.instructions, new.instructions)
    left = {name: reason for name, reason in old.left_out.items() if part_of(name) not in new.made}
    return replace(
        old,
        made=old.made | new.made,
        versions=old.versions | new.versions,
        tables=old.tables | new.tables,
        left_out=left | new.left_out,
        **changes,
    )


def together(old: Sequence[Counted], new: Sequence[Counted]) -> list[Counted]:
    """Counts of all commits, a commit's own replaced; by history and worker, then as they came."""
    anew = {count.key for count in new}
    kept = [count for count in old if count.key not in anew]
    return sorted([*kept, *new], key=lambda count: (NAMES.index(count.source), count.worker))


def part_of(name: str) -> str:
    """The part of what was left out.

    >>> part_of("stream: round 1 of 3, faust"), part_of("memory")
    ('stream', 'memory')
    """
    return name.partition(":")[0]


def versions() -> dict[str, str]:
    """Python and the packages that matter."""
    return {"Python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def command(arguments: Sequence[str], target: str = "bench") -> str:
    """How to run this again, by a target of `make`; of files only the names.

    >>> command([]), command(["--ga360", "data/events.parquet"])
    ('make bench', 'make bench ARGS="--ga360 events.parquet"')
    """
    words = [Path(word).name if "/" in word else word for word in arguments]
    return f'make {target} ARGS="{shlex.join(words)}"' if words else f"make {target}"
