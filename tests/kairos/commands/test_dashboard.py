"""`kairos dashboard`, as a process: where it is, when it refuses to start, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest

COMMAND = [sys.executable, "-c", "from kairos.commands.cli import main; main()", "dashboard"]
SECRET = "hunter2"
AWAY = f"redis://me:{SECRET}@127.0.0.1:1/0"
fetch = build_opener(ProxyHandler({})).open

pytestmark = [pytest.mark.servers, pytest.mark.slow]


def environment(**settings: str) -> dict[str, str]:
    """This one's, without settings but these."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("KAIROS_", "KAFKA_", "REDIS_"))}
    return own | {"KAIROS_DASHBOARD_PORT": "0"} | settings


@contextmanager
def dashboard(folder: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and the address it says first."""
    process = subprocess.Popen(
        COMMAND, cwd=folder, env=environment(**settings), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("page: http://"), process.communicate()
        yield process, said.removeprefix("page: ").strip()
    finally:
        process.kill()
        process.communicate()


def refused(folder: Path, **settings: str) -> tuple[int, str]:
    """The exit code and words of one that does not start."""
    done = subprocess.run(
        COMMAND, cwd=folder, env=environment(**settings), text=True, capture_output=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


def test_it_starts_while_redis_is_away_and_ends_at_once_with_a_stream_open(tmp_path: Path) -> None:
    with dashboard(tmp_path, REDIS_URL=AWAY) as (process, url):
        with pytest.raises(HTTPError) as problem:
            fetch(f"{url}api/v1/ready")
        assert problem.value.code == 503
        with fetch(f"{url}live/now") as stream:
            stream.readline()
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            assert process.wait(10) == 0
            assert time.monotonic() - began < 2
        out, err = process.communicate()
        assert SECRET not in out + err


def test_an_address_that_others_reach_needs_a_token(tmp_path: Path) -> None:
    code, said = refused(tmp_path, REDIS_URL=AWAY, KAIROS_DASHBOARD_BIND="0.0.0.0")
    assert (code, "set KAIROS_DASHBOARD_TOKEN" in said, "Traceback" in said) == (2, True, False)


def test_a_token_that_is_no_good_is_not_repeated(tmp_path: Path) -> None:
    code, said = refused(tmp_path, REDIS_URL=AWAY, KAIROS_DASHBOARD_TOKEN=SECRET)
    assert (code, "KAIROS_DASHBOARD_TOKEN: expected" in said, SECRET in said) == (2, True, False)


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = refused(tmp_path, REDIS_URL=AWAY, KAIROS_DASHBOARD_PORT=port)
    assert (code, f"KAIROS_DASHBOARD_PORT={port}: 127.0.0.1" in said, "Traceback" in said) == (2, True, False)


def test_without_a_redis_it_says_what_to_do(tmp_path: Path) -> None:
    code, said = refused(tmp_path)
    assert (code, "make demo" in said) == (1, True)
