"""Logs say what strangers wrote escaped, and a line of a log is one that we wrote."""

from __future__ import annotations

import io
import logging
import re
import signal
import subprocess
import sys
import threading
import traceback
from pathlib import Path

import pytest

from kairos.config.settings import LogSettings
from kairos.terminal import logs
from kairos.terminal.log_format import configure
from tests.kairos.terminal.crashing import TEXT
from tests.kairos.terminal.hostile import ALL, harmless, spelt

pytestmark = pytest.mark.usefixtures("own_logs")
each = pytest.mark.parametrize("text", ALL.values(), ids=ALL)

logger = logging.getLogger("streams.shards")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the worker's own set-up writes."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    logs.install()
    configure(LogSettings())
    return out


def failure(text: str) -> ValueError:
    """An error that was caused by another, both about the text."""
    try:
        try:
            raise KeyError(text)
        except KeyError as error:
            raise ValueError(text) from error
    except ValueError as error:
        return error


@each
def test_a_message_is_one_line(log: io.StringIO, text: str) -> None:
    logger.warning("no such topic: %s", text)
    assert log.getvalue().endswith(f" WARNING  streams.shards: no such topic: {spelt(text)}\n")
    assert log.getvalue().count("\n") == 1


@each
def test_a_traceback_keeps_its_lines_and_no_more(log: io.StringIO, text: str) -> None:
    error = failure(text)
    logger.error("failed", exc_info=error)
    _, *shown = log.getvalue().splitlines()
    plain = "".join(traceback.format_exception(failure("plain"))).splitlines()
    assert harmless(log.getvalue())
    assert len(shown) == len(plain)
    assert shown[-1] == f"ValueError: {spelt(text)}"
    assert [line for line in shown if line.startswith("  File")] == [
        line for line in plain if line.startswith("  File")
    ]


def test_a_traceback_is_that_of_python() -> None:
    for error in (failure("x"), ExceptionGroup("two", [ValueError("a")])):
        assert logs.traced(error).splitlines()[-1] in ("ValueError: x", "ValueError: a")
    assert logs.traced(failure("x")) + "\n" == "".join(traceback.format_exception(failure("x")))


def test_an_error_that_is_its_own_context_ends() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__context__, other.__context__ = other, one
    assert logs.traced(one).count("ValueError") == 2


@each
def test_other_formatters_get_nothing_else(text: str) -> None:
    logs.install()
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    logger.addHandler(handler)
    try:
        logger.error("%s", text, exc_info=failure(text))
    finally:
        logger.removeHandler(handler)
    assert harmless(out.getvalue())
    assert out.getvalue().splitlines()[0] == spelt(text)


def test_what_ends_a_thread(log: io.StringIO) -> None:
    def fail() -> None:
        raise ValueError(TEXT)

    thread = threading.Thread(target=fail, name="fetcher")
    thread.start()
    thread.join()
    assert " CRITICAL kairos.logs: thread fetcher failed\nTraceback" in log.getvalue()
    assert log.getvalue().endswith(f"ValueError: {spelt(TEXT)}\n")


@pytest.mark.servers
@pytest.mark.parametrize(
    ("program", "start"),
    [("kairos", r"\d{4}-\d\d-\d\d .* (INFO|ERROR|CRITICAL) "), ("faust", r"\[\d{4}-\d\d-\d\d .*\]")],
    ids=["kairos", "faust"],
)
def test_a_worker_that_fails_over_such_a_string(tmp_path: Path, program: str, start: str) -> None:
    command = [sys.executable, "-m", "tests.kairos.terminal.crashing", program, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    shown = ended.stdout + ended.stderr
    assert ended.returncode == 1
    assert f"shard 0 failed: ValueError: {spelt(TEXT)}" in shown
    assert harmless(shown)
    traces = ("Traceback", "  ", "KeyError: ", "ValueError: ", logs.CAUSE.strip())
    strange = [
        line for line in shown.splitlines() if line and not re.match(start, line) and not line.startswith(traces)
    ]
    assert not strange


@pytest.mark.slow
def test_a_crash_in_c_is_told_with_the_stack_of_every_thread() -> None:
    script = "import faulthandler; from kairos.commands import cli; cli.app = faulthandler._sigsegv; cli.main()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGSEGV
    assert done.stderr.startswith("Fatal Python error: Segmentation fault\n")
    assert "in main" in done.stderr  # of cli.py
