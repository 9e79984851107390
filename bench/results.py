"""The findings, and what somebody needs to repeat them."""

from __future__ import annotations

import platform
import shlex
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct, field

from bench.delays import Latency
from bench.figures import Counted, Run
from bench.idle import Idle
from bench.memory import Footprint
from bench.process import machine
from bench.recovery import Recovery
from bench.sampled import Sampled

PACKAGES = ("faust-streaming", "aiokafka", "redis", "hiredis", "msgspec")


class Results(Struct):
    """Everything a session found.

    Attributes
    ----------
    looks
        Looks at daily tables an event, in the stream.
    counted
        Instructions an event, by commit: kept from session to session.
    left_out
        Parts that were not measured, and why.
    notes
        What else a reader must know, written by hand into `results.json`.
    """

    date: str
    command: str
    commit: str
    machine: str = field(default_factory=machine)
    versions: dict[str, str] = field(default_factory=dict)
    looks: float = 0.0
    runs: list[Run] = field(default_factory=list)
    sampled: Sampled | None = None
    latency: Latency | None = None
    memory: list[Footprint] = field(default_factory=list)
    recovery: list[Recovery] = field(default_factory=list)
    scale: list[Run] = field(default_factory=list)
    idle: list[Idle] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def versions() -> dict[str, str]:
    """Python and the packages that matter."""
    return {"Python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def command(arguments: Sequence[str]) -> str:
    """How to run this again; of files only the names.

    >>> command([]), command(["--ga360", "data/events.parquet"])
    ('make bench', 'make bench ARGS="--ga360 events.parquet"')
    """
    words = [Path(word).name if "/" in word else word for word in arguments]
    return f'make bench ARGS="{shlex.join(words)}"' if words else "make bench"


def commit(root: Path) -> str:
    """The commit of the checkout, and whether something is changed in it."""
    ask = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(ask, cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
