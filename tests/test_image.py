"""Dockerfile: the image holds what a worker needs, from locked files, for an ordinary user."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.containers import DOCKERFILE, ROOT, image_environment, instructions

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LET_IN = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}


def test_hadolint_accepts_it() -> None:
    if shutil.which("hadolint") is None:
        pytest.skip("hadolint is not installed")
    done = subprocess.run(["hadolint", str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_what_it_copies_exists_and_is_let_in() -> None:
    sources = [line.split()[0] for line in instructions("COPY")]
    assert len(sources) >= 6
    for source in sources:
        assert (ROOT / source).exists()
    assert set(sources) == LET_IN


def test_it_holds_every_package() -> None:
    packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {f"{package} {package}" for package in packages} <= set(instructions("COPY"))


def test_packages_are_the_locked_ones() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert "--no-index" in DOCKERFILE
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    assert {canonicalize_name(Requirement(line).name) for line in wanted} <= locked


def test_its_python_is_one_that_is_supported() -> None:
    supported = SpecifierSet(PROJECT["project"]["requires-python"])
    versions = re.findall(r"^FROM python:([\d.]+)-", DOCKERFILE, re.MULTILINE)
    assert len(versions) == 2
    assert len(set(versions)) == 1, "packages built for one Python are installed in another"
    assert versions[0] in supported


def test_it_runs_as_an_ordinary_user() -> None:
    assert int(instructions("USER")[-1]) > 0
    assert DOCKERFILE.index("\nUSER ") < DOCKERFILE.index("\nENTRYPOINT")
    assert f"--uid {instructions('USER')[-1]} " in DOCKERFILE


def test_its_entry_point_is_the_command_line() -> None:
    (command,) = json.loads(instructions("ENTRYPOINT")[-1])
    assert command in PROJECT["project"]["scripts"]


class Worker(BaseHTTPRequestHandler):
    """Answers `/health` with `code`."""

    code = 200

    def do_GET(self) -> None:
        self.send_response(self.code if self.path == "/health" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@pytest.mark.parametrize(("code", "healthy"), [(200, True), (503, False), (None, False)])
def test_its_health_check_asks_the_worker(code: int | None, healthy: bool) -> None:
    (check,) = instructions("HEALTHCHECK")
    program, *words = json.loads(check[check.index("CMD ") + 4 :])
    assert program == "python"
    asked = f"http://127.0.0.1:{image_environment()['KAIROS_METRICS_PORT']}/"
    with HTTPServer(("127.0.0.1", 0), type("Answering", (Worker,), {"code": code})) as server:
        ours = f"http://127.0.0.1:{server.server_port}/"
        assert asked in words[-1]
        if code is None:
            server.server_close()
        else:
            threading.Thread(target=server.handle_request, daemon=True).start()
        words[-1] = words[-1].replace(asked, ours)
        done = subprocess.run([sys.executable, *words], capture_output=True, timeout=60, check=False)
    assert (done.returncode == 0) is healthy
