"""A checkout of the code whose worker is measured: this one, or another beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Checkout(NamedTuple):
    """Where the code is, the script `kairos` that starts it (its own, or ours where it has no environment), and its
    commit when the bench began."""

    root: Path
    script: Path
    commit: str

    def kairos(self, clock: str) -> list[str]:
        """The command line of its worker. What it imports is what PYTHONPATH says: `root`."""
        return [str(self.script.with_name("python")), str(self.script), "worker", "--clock", clock]


def commit(root: Path) -> str:
    """The commit of a checkout, and whether something is changed in it."""
    ask = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(ask, cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


HERE = Checkout(ROOT, Path(sys.executable).with_name("kairos"), commit(ROOT))


def other(path: Path) -> Checkout:
    """Another checkout. ValueError if there is none at `path`."""
    root = path.resolve()
    if not (root / "streams" / "topology.py").exists():
        raise ValueError(f"{path} is no checkout of Kairos")
    own = root / ".venv" / "bin" / "kairos"
    return Checkout(root, own if own.exists() else HERE.script, commit(root))
