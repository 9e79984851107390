"""The demo: a tag, a trigger, a recovery and an alert are seen, with reasons; others find it; it ends well."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kairos.commands.cli import app
from kairos.demo import run_file
from kairos.simulate.scripted import FIRST
from tests.conftest import Run
from tests.kairos.demo.demos import PROGRAM, Terminal, missing, piped

WITHIN = ("--seconds", "45")
ELSEWHERE = {"KAFKA_URL": "127.0.0.1:1", "REDIS_URL": "redis://127.0.0.1:1/0"}
"""Servers that are set, and have nothing to do with a demo."""


@pytest.mark.slow
def test_through_a_pipe_it_says_lines(run: Run, tmp_path: Path) -> None:
    with piped(tmp_path, *WITHIN, **ELSEWHERE) as process:
        assert process.stdout is not None
        text = ""
        for line in process.stdout:
            text += line
            if not missing(text):
                break
        assert missing(text) == []
        assert "\x1b" not in text
        first, second = text.splitlines()[:2]
        assert re.fullmatch(r"the live page: http://127\.0\.0\.1:\d+/", first)
        assert second.startswith("folding history: 30 days, ")
        assert "folded 90 days of a small shop that is made up in " in text
        assert f"kairos profile --demo shopper-{FIRST}, kairos tail --demo user-tags\n" in text
        others_find_it(run, tmp_path)
        others_find_its_inputs(tmp_path)
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate()
        assert (process.returncode, errors) == (0, "")
        assert rest.splitlines()[-2].startswith("ended at 2024-06-")
        assert "kairos replay --local" in rest.splitlines()[-1]
    assert run_file.running(tmp_path / ".kairos" / "demo.json") is None


def others_find_it(run: Run, folder: Path) -> None:
    """Commands in other terminals."""
    assert run_file.running(folder / ".kairos" / "demo.json") is not None
    found = run("profile", f"shopper-{FIRST}")
    assert found.exit_code == 0
    assert found.stdout.startswith(f"shopper-{FIRST}\n")
    missing = run("profile", "nobody\x1b[2J")
    assert missing.exit_code == 1
    assert "no shopper" in missing.stderr
    assert "\x1b" not in missing.stderr
    tail = [*PROGRAM, "tail", "user-tags", "--from-start", "--json"]
    with subprocess.Popen(tail, cwd=folder, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline().startswith('{"id":"')
        other.send_signal(signal.SIGINT)
        assert other.wait() == 130


def others_find_its_inputs(folder: Path) -> None:
    """What the hint says, where other servers are set: and the same with `--demo` for an input."""
    assert CliRunner().invoke(app, ["profile", "--demo", f"shopper-{FIRST}"], env=ELSEWHERE).exit_code == 0
    tail = [*PROGRAM, "tail", "--demo", "clickstream", "--from-start"]
    environment = os.environ | ELSEWHERE
    with subprocess.Popen(tail, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        line = other.stdout.readline()
        assert re.match(r"2024-06-\S+Z  (Product|Promotion|page|Signed In).* (shopper|device)-", line)
        other.send_signal(signal.SIGINT)
        assert other.wait() == 130


@pytest.mark.slow
def test_on_a_terminal_it_shows_a_view_and_gives_the_terminal_back(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, *WITHIN)
    try:
        while missing(terminal.plain) and terminal.read():
            pass
        assert missing(terminal.plain) == []
        assert "folding 90 days of history" in terminal.plain
        for word in ("events/s", "lag", "open carts", "dead letters", "SEGMENTS", "60 times as fast"):
            assert word in terminal.plain, word
        terminal.type(b"\x03")
        modes = terminal.current_modes()
        assert terminal.finish() == 0
        assert modes == terminal.modes
        taken, given = "\x1b[?1049h", "\x1b[?1049l"
        assert (terminal.text.count(taken), terminal.text.count(given)) == (1, 1)
        assert terminal.text.rindex("\x1b[?25h") > terminal.text.rindex("\x1b[?25l"), "the cursor is visible again"
        left = terminal.plain[terminal.plain.rindex("Kairos demo: ") :]
        assert "SEGMENTS" in left
        assert "ended at 2024-06-" in left
        assert "Traceback" not in terminal.plain
    finally:
        terminal.close()


@pytest.mark.servers
def test_it_says_so_when_it_ends_before_its_history_is_folded(tmp_path: Path) -> None:
    with piped(tmp_path, "--seconds", "1") as process:
        out, errors = process.communicate()
    assert (process.returncode, errors) == (130, "kairos: stopped before its history was folded\n")
    assert "folded 90 days" not in out
    assert not (tmp_path / ".kairos" / "demo.json").exists()


@pytest.mark.servers
def test_it_ends_when_nobody_reads_it(tmp_path: Path) -> None:
    with piped(tmp_path) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait() != 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert not (tmp_path / ".kairos" / "demo.json").exists()
