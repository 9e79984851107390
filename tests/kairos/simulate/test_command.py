"""`kairos simulate`, as its user sees it."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kairos.simulate.settings import START
from kairos.terminal.times import stamp
from models.kernel.settings import DAY
from tests.conftest import Run

PROGRAM = [sys.executable, "-c", "from kairos.commands.cli import main; main()", "simulate"]
SMALL = ("--days", "20", "--shoppers", "300", "--preset", "busy")
FAULTY = ("--duplicates", "0.02", "--late", "0.01", "--out-of-order", "0.02", "--bad", "0.01")


def test_a_file_is_what_replay_takes(run: Run, tmp_path: Path) -> None:
    made = run("simulate", "--out", "shop.jsonl", "--json", *SMALL, *FAULTY)
    assert made.exit_code == 0, made.stderr
    lines = (tmp_path / "shop.jsonl").read_bytes().splitlines()
    assert json.loads(made.stdout)["events"] == len(lines) > 1000
    folded = json.loads(run("replay", "--local", "--json", "shop.jsonl").stdout)
    assert folded["events"] == len(lines)
    assert sum(folded["dead_letters"].values()) == sum(b"-bad" in line for line in lines) + sum(
        not line.endswith(b"}") for line in lines
    )
    assert folded["duplicates"] > 0
    assert folded["orders"] > 10


def test_the_same_seed_is_the_same_file_packed_or_not(run: Run, tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl", "a.jsonl.gz", "b.jsonl.gz"):
        assert run("simulate", "--out", name, *SMALL).exit_code == 0
    run("simulate", "--out", "c.jsonl", "--seed", "8", *SMALL)
    plain, again, other = ((tmp_path / f"{name}.jsonl").read_bytes() for name in "abc")
    assert plain == again != other
    packed, twice = ((tmp_path / f"{name}.jsonl.gz").read_bytes() for name in "ab")
    assert packed == twice
    assert gzip.decompress(packed) == plain


def test_standard_output_has_the_events_and_nothing_else(run: Run) -> None:
    result = run("simulate", "--out", "-", *SMALL)
    lines = result.stdout.splitlines()
    assert all(json.loads(line)["anonymousId"].startswith("device-") for line in lines)
    assert f"events           {len(lines):,}" in result.stderr
    assert f"opens at 2024-03-04T00:00Z and closes at {stamp(START + 20 * DAY)[:16]}Z" in result.stderr


def test_complaints_name_what_to_do(run: Run) -> None:
    for arguments, code, said in (
        ((), 2, "KAFKA_URL: not set"),
        (("--out", "x", "--live", "--speed", "2"), 2, "--live"),
        (("--out", "no/such/folder", *SMALL), 1, "no/such/folder: cannot be written"),
        (("--out", "x", "--bad", "1.5"), 2, "--bad"),
        (("--out", "x", "--drift", "soon"), 2, "--drift"),
    ):
        result = run("simulate", *arguments)
        assert result.exit_code == code, arguments
        assert said in result.stderr, arguments
        assert "Traceback" not in result.stderr
    refused = run("simulate", "--days", "1", KAFKA_URL="127.0.0.1:1")
    assert refused.exit_code == 1
    assert "is it running" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code"), [(("--live", "--rate", "200"), 0), (("--rate", "50", "--days", "30"), 130)]
)
def test_ctrl_c_ends_it_with_whole_lines(tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    with subprocess.Popen(
        [*PROGRAM, "--out", "-", *arguments], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == code, err
    assert out == b"" or out.endswith(b"\n")
    assert b"events " in err
    assert b"Traceback" not in err


@pytest.mark.slow
def test_live_sends_at_the_rate_that_is_asked_for(run: Run) -> None:
    """Five seconds of it. A busy machine may take longer; it never takes less."""
    made = run("simulate", "--live", "--rate", "200", "--days", str(5 / 86_400), "--json", "--out", "live.jsonl")
    found = json.loads(made.stdout)
    assert abs(found["events"] / 1_000 - 1) < 0.1
    assert found["seconds"] > 4.5


def test_a_machine_that_is_too_slow_for_the_rate_says_so_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kairos.simulate.pace.BEHIND", 0.01)
    made = run("simulate", "--rate", "1e9", "--days", "20", "--out", "fast.jsonl")
    assert made.exit_code == 0
    assert made.stderr.count("events/s go out, not 1,000,000,000; this machine or Kafka is too slow for more") == 1


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*PROGRAM, "--out", "-", "--days", "300"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(timeout=30) == 0, err
    assert b"Broken" not in err
    assert b"Traceback" not in err
