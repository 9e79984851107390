"""The demo: within seconds a tag, a trigger and a recovery are seen; it ends cleanly, and others find it meanwhile."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kairos import demo, lease
from tests.kairos.conftest import Run

PROGRAM = [sys.executable, "-c", "from kairos.cli import main; main()"]


def test_it_shows_every_kind_and_ends_by_itself(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PACE", 0.005)
    started = time.monotonic()
    result = run("demo", "--seconds", "8")
    assert result.exit_code == 0, result.stderr
    assert time.monotonic() - started < 30
    lines = result.stdout.splitlines()
    said = [line.split(maxsplit=1)[1] for line in lines if line.startswith("2024-03-")]
    for kind in ("entered segment:", "exited segment:", "triggered ", "recovered "):
        assert any(line.startswith(kind) for line in said), kind
    assert all(len(line.split("  ")) >= 2 for line in said)
    assert lines[0].startswith("folded 7 days of a small shop")
    assert lines[-2].startswith("ended at 2024-03-")
    assert "kairos replay --local" in lines[-1]
    assert not (tmp_path / ".kairos" / "demo.json").exists()
    assert "\x1b" not in result.stdout


@contextmanager
def running(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo in a process of its own that is past its history."""
    process = subprocess.Popen(
        [*PROGRAM, "demo"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "in another terminal" in line:
                break
        yield process
    finally:
        process.kill()
        process.communicate()


def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, "")
        assert out.splitlines()[-2].startswith("ended at 2024-03-")


def test_others_find_it_until_it_is_terminated(run: Run, tmp_path: Path) -> None:
    with running(tmp_path) as process:
        assert lease.running(tmp_path / ".kairos" / "demo.json") is not None
        found = run("profile", "shopper-042")
        assert found.exit_code == 0
        assert found.stdout.startswith("user                     shopper-042\n")
        missing = run("profile", "nobody\x1b[2J")
        assert missing.exit_code == 1
        assert "no shopper" in missing.stderr
        assert "\x1b" not in missing.stderr
        tail = [*PROGRAM, "tail", "user-tags", "--from-start", "--json"]
        with subprocess.Popen(tail, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout is not None
            assert other.stdout.readline().startswith('{"id":"')
            other.send_signal(signal.SIGINT)
            assert other.wait(timeout=20) == 130
        process.terminate()
        assert process.wait(timeout=30) == 0
        assert lease.running(tmp_path / ".kairos" / "demo.json") is None
