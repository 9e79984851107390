"""The file by which other commands find a running demo."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kairos import wiring
from kairos.config.settings import Settings, load
from kairos.demo import run_file
from kairos.errors import NoServer
from tests.conftest import Run

ASIDE = "; a demo runs in this folder: `--demo` looks into it"


def test_it_lives_as_long_as_the_demo(tmp_path: Path) -> None:
    file = tmp_path / "run" / "demo.json"
    with run_file.written("redis://127.0.0.1:1/0", 4, "shop", file):
        assert run_file.running(file) == run_file.Demo("redis://127.0.0.1:1/0", 4, "shop", os.getpid())
        assert file.stat().st_mode & 0o077 == 0
    assert run_file.running(file) is None
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize(
    "left", [b'{"redis":"redis://h","shards":4,"namespace":"n","pid":999999999}', b"", b"{}", b"\xff"]
)
def test_what_a_killed_demo_left_behind_does_not_count(tmp_path: Path, left: bytes) -> None:
    file = tmp_path / "demo.json"
    file.write_bytes(left)
    assert run_file.running(file) is None


def test_a_newer_demo_keeps_its_file(tmp_path: Path) -> None:
    file = tmp_path / "demo.json"
    with run_file.written("redis://a", 4, "shop", file):
        file.write_bytes(file.read_bytes().replace(str(os.getpid()).encode(), str(os.getppid()).encode()))
    assert file.exists()


def test_where_profiles_are_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoServer, match=r"no server: start `make demo` or set REDIS_URL"):
        wiring.reader(Settings())
    with run_file.written("redis://127.0.0.1:1/0", 4, "demo"):
        assert wiring.reader(load({})).namespace == "demo"
        assert wiring.reader(load({"REDIS_URL": "redis://127.0.0.1:1/0"})).namespace == "kairos"


@pytest.mark.parametrize("command", [("profile", "u1"), ("tail", "user-tags"), ("tail", "cart"), ("tables",)])
def test_a_demo_that_is_asked_for_must_run(run: Run, command: tuple[str, ...]) -> None:
    refused = run(*command, "--demo", REDIS_URL="redis://127.0.0.1:1/0", KAFKA_URL="127.0.0.1:1")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "kairos: no demo runs in this folder: `make demo` starts one\n"


def test_who_finds_nothing_elsewhere_is_told_of_the_demo(run: Run, redis_url: str) -> None:
    empty = {"REDIS_URL": redis_url, "KAIROS_NAMESPACE": "nobody-was-ever-here"}
    with run_file.written(redis_url, 4, "a-demo"):
        assert run("profile", "u1", **empty).stderr.endswith(ASIDE + "\n")
        for command in (("profile", "u1"), ("tables",)):
            lost = run(*command, REDIS_URL="redis://127.0.0.1:1/0")
            assert "Redis does not answer" in lost.stderr
            assert lost.stderr.endswith(ASIDE + "\n")
        assert run("tables", **empty).stderr == ASIDE.removeprefix("; ") + "\n"
        assert ASIDE not in run("profile", "u1", "--demo", **empty).stderr
        assert ASIDE not in run("profile", "u1").stderr
    assert ASIDE not in run("profile", "u1", **empty).stderr
