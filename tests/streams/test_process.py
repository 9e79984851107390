"""The worker as a process: how it ends, and with which exit code."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.servers

PROGRAM = """
import asyncio, os, sys
from pathlib import Path

import faust

import streams.process
from tests.streams.embedded import TOPICS, new_app, new_broker, produce
from tests.streams.fakes import FakeShard, Ledger

streams.process.CRASH_WITHIN = 3.0
how, ledger = sys.argv[1], Ledger(Path(sys.argv[2]))


class Shard(FakeShard):
    def step(self, *clock):
        if how != "term":
            raise ValueError("this shard is broken")
        if super().step(*clock):
            print("applied", flush=True)
            return True
        return False


class Resource:
    async def start(self):
        if how == "start":
            raise OSError("no port left")

    async def stop(self):
        print("resource stopped", flush=True)
        if how == "hang":
            await asyncio.sleep(3600)


broker = new_broker(partitions=1)
produce(broker, 10)
app = new_app(broker, ledger, lambda p, n: Shard(p, TOPICS, ledger), resources=[Resource()])
faust.Worker(app, loglevel="WARN", redirect_stdouts=False).execute_from_commandline()
"""


def run(how: str, directory: Path) -> tuple[int, str, float]:
    """Exit code, what was said, and seconds from the crash (or SIGTERM) to the end."""
    command = [sys.executable, "-c", PROGRAM, how, str(directory / "ledger.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said, since = "", time.monotonic()
        for line in process.stdout:
            said += line
            if line == "applied\n" and how == "term":
                process.send_signal(signal.SIGTERM)
                since = time.monotonic()
            if "this shard is broken" in line and "failed" in line:
                since = time.monotonic()
        return process.wait(30), said, time.monotonic() - since


def test_sigterm_ends_it_cleanly(tmp_path: Path) -> None:
    code, said, seconds = run("term", tmp_path)
    assert (code, said.count("resource stopped")) == (0, 1), said
    assert seconds < 5


def test_a_crash_ends_it_with_a_message(tmp_path: Path) -> None:
    code, said, _ = run("crash", tmp_path)
    assert (code, said.count("resource stopped")) == (1, 1), said
    assert "shard 0 failed: ValueError: this shard is broken" in said


def test_a_crash_ends_it_even_if_something_hangs(tmp_path: Path) -> None:
    code, said, seconds = run("hang", tmp_path)
    assert (code, said.count("resource stopped")) == (1, 1), said
    assert seconds == pytest.approx(3.0, abs=2.0)


def test_what_cannot_start_says_why(tmp_path: Path) -> None:
    code, said, _ = run("start", tmp_path)
    assert code == 1, said
    assert "no port left" in said
