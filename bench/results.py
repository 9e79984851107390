"""The findings as Markdown: what ``RESULTS.md`` holds."""

from __future__ import annotations

import platform
import shlex
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct, field

from bench import footprint, throughput
from bench.figures import Run
from bench.memory import Footprint
from bench.process import machine

PACKAGES = ("faust-streaming", "aiokafka", "redis", "hiredis", "msgspec")


class Results(Struct):
    """Everything a session found, and what somebody needs to repeat it."""

    date: str
    command: str
    commit: str
    machine: str = field(default_factory=machine)
    versions: dict[str, str] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    memory: list[Footprint] = field(default_factory=list)


def markdown(found: Results) -> str:
    """The page."""
    versions = ", ".join(f"{name} {number}" for name, number in found.versions.items())
    head = [
        "# Results",
        f"Written by `{found.command}` on {found.date}, at commit {found.commit}, on {found.machine}; {versions}.",
    ]
    return "\n\n".join([*head, *throughput.section(found.runs), *footprint.section(found.memory)]) + "\n"


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
