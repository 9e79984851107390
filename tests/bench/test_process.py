"""What is read from /proc about a process, and whose code it runs."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from bench import checkout
from bench.process import cpu, peak, resident, wakeups

SLEEPS = 40


def test_wakeups_are_those_of_all_threads():
    code = f"import threading, time\ndef f():\n  for _ in range({SLEEPS}): time.sleep(.01)\n  time.sleep(30)\n"
    code += "for _ in range(2): threading.Thread(target=f, daemon=True).start()\nprint(flush=True); time.sleep(30)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        for _ in range(100):
            if (found := wakeups(process.pid)) >= 2 * SLEEPS:
                break
            time.sleep(0.1)
        process.kill()
    assert 2 * SLEEPS <= found < 4 * SLEEPS + 100


def test_memory_now_is_at_most_the_peak():
    code = "print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it runs
        assert 1 < resident(process.pid) <= peak(process.pid) < 1_000
        assert cpu(process.pid) < 60
        process.kill()


def test_another_checkout_with_its_own_environment_or_ours(tmp_path):
    with pytest.raises(ValueError, match="no checkout of Kairos"):
        checkout.other(tmp_path)
    (tmp_path / "streams").mkdir()
    (tmp_path / "streams" / "topology.py").touch()
    assert checkout.other(tmp_path).script == checkout.HERE.script
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "kairos").touch()
    found = checkout.other(tmp_path)
    assert found.kairos("wall")[:2] == [str(tmp_path / ".venv/bin/python"), str(tmp_path / ".venv/bin/kairos")]
    assert found.root == tmp_path
