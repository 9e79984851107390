"""The command line: what it prints where, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.kairos.shops import BAD, sold, write

SHAPE = [
    "events", "applied", "duplicates", "dead_letters", "late", "clamped", "too_old", "dedupe_overflow",
    "unknown_events", "forwarded", "forward_repeats", "coerced", "ignored", "unknown_names", "orders",
    "order_conflict", "revenue", "outputs", "segments", "tags", "carts", "alerts", "risks", "grid", "trials",
    "shoppers", "shoppers_expired", "ticks", "seconds",
]  # fmt: skip
KINDS = {
    "user-tags": ["entered", "exited"],
    "churn-alerts": ["raised", "suppressed", "cleared"],
    "cart-abandonments": ["triggered", "suppressed", "cancelled", "recovered", "expired"],
    "dead-letters": ["dead_letter"],
}


@pytest.mark.parametrize(
    "command",
    [
        "",
        "worker",
        "replay",
        "profile",
        "tail",
        "topics",
        "topics create",
        "settings",
        "doctor",
        "demo",
        "learners",
        "lift",
    ],
)
def test_help(run: Run, command: str) -> None:
    result = run(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Usage: " in result.stdout


def test_help_names_every_setting(run: Run) -> None:
    assert all(f"  {name} " in run("worker", "--help").stdout for name in ("KAFKA_URL", "REDIS_URL", "KAIROS_GRACE"))


def test_help_is_fast_because_it_imports_little() -> None:
    heavy = {"faust", "polars", "kafka", "aiokafka", "redis"}
    code = f"import sys, kairos.commands.cli; print(*({heavy!r} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.split() in ([], ["redis"])


def test_replay_prints_one_object_as_its_last_line(run: Run, tmp_path: Path) -> None:
    result = run("replay", "--local", "--json", write(tmp_path))
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    found = json.loads(line)
    assert list(found) == SHAPE
    assert {topic: list(kinds) for topic, kinds in found["outputs"].items()} == KINDS
    assert found["events"] == len(sold(24)) + len(BAD)
    assert found["events"] == found["applied"] + found["duplicates"] + sum(found["dead_letters"].values())
    assert found["outputs"]["dead-letters"]["dead_letter"] == sum(found["dead_letters"].values())
    assert found["ticks"] == 24 * 3 * 8
    assert found["revenue"]["USD"] > 0
    assert "timers are still due after 2024-03-05T09:00Z" in result.stderr


def test_replay_for_people(run: Run, tmp_path: Path) -> None:
    result = run("replay", "--local", write(tmp_path))
    assert result.stdout.startswith(f"events           {len(sold(24)) + len(BAD):,}\n")


def test_replay_of_standard_input(run: Run) -> None:
    result = run("replay", "--local", "--json", "-", input=b"\n".join(sold(2)))
    assert json.loads(result.stdout)["events"] == len(sold(2))


@pytest.mark.slow
def test_until_lets_every_timer_fire(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path)
    assert json.loads(run("replay", "--local", "--json", file).stdout)["shoppers"] > 0
    late = run("replay", "--local", "--json", "--until", "2036-01-01", file)
    found = json.loads(late.stdout)
    assert found["shoppers"] == 0
    assert found["shoppers_expired"] > 0
    assert found["segments"] == {}
    assert found["outputs"]["user-tags"]["entered"] == found["outputs"]["user-tags"]["exited"]
    assert "still due" not in late.stderr


def test_dump(run: Run, tmp_path: Path) -> None:
    result = run("replay", "--local", "--json", "--dump", "all.jsonl", write(tmp_path))
    found = json.loads(result.stdout)
    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_bytes().splitlines()]
    assert sum("profile" in line for line in lines) == found["shoppers"]
    assert sum("message" in line for line in lines) == sum(sum(kinds.values()) for kinds in found["outputs"].values())


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["worker"], 2, "kairos: KAFKA_URL: not set; nothing will arrive. Set it to"),
        (["topics", "describe"], 2, "kairos: KAFKA_URL: not set"),
        (["replay", "x.jsonl"], 2, "kairos: KAFKA_URL: not set"),
        (["replay", "--local", "x.jsonl"], 1, "kairos: x.jsonl: no such file"),
        (["replay", "--local", "x.parquet"], 1, "kairos: x.parquet: no such file"),
        (["replay", "--local", "--wait", "x"], 2, "kairos: --wait"),
        (["replay", "--shards", "3", "x"], 2, "kairos: --shards"),
        (["replay", "--dump", "d", "x"], 2, "kairos: --dump"),
        (["replay", "--local", "--until", "soon", "x"], 2, "expected a time such as"),
        (["replay", "--local", "--shards", "0", "x"], 2, "--shards"),
        (["replay", "--format", "csv", "x"], 2, "--format"),
        (["profile", "u1"], 1, "kairos: no server: start `make demo` or set REDIS_URL"),
        (["tail", "user-tags"], 1, "kairos: no server: start `make demo` or set REDIS_URL"),
        (["topics", "create", "--retention", "7"], 2, "expected a number and its unit"),
        (["demo", "--seconds", "0"], 2, "--seconds"),
    ],
)
def test_complaints(run: Run, arguments: list[str], code: int, complaint: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert complaint in result.stderr


def test_a_worker_needs_redis(run: Run) -> None:
    result = run("worker", KAFKA_URL="127.0.0.1:9092")
    assert result.exit_code == 2
    assert result.stderr.startswith("kairos: REDIS_URL: not set;")


def test_a_bad_setting_ends_every_command(run: Run) -> None:
    result = run("replay", "--local", "x", KAIROS_REMINDER_VALID="soon")
    assert result.exit_code == 2
    assert result.stderr.startswith("kairos: KAIROS_REMINDER_VALID=soon: expected a number and its unit")


def test_a_misspelt_setting_ends_every_command(run: Run) -> None:
    result = run("profile", "u1", KAIROS_REMINDER_VALD="1m")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean KAIROS_REMINDER_VALID?" in result.stderr


def test_a_redis_that_does_not_answer(run: Run) -> None:
    result = run("profile", "u1", REDIS_URL="redis://127.0.0.1:1/0")
    assert result.exit_code == 1
    assert "kairos: Redis does not answer" in result.stderr


def test_a_kafka_that_does_not_answer(run: Run, tmp_path: Path) -> None:
    result = run("replay", write(tmp_path, hours=1), KAFKA_URL="127.0.0.1:1")
    assert result.exit_code == 1
    assert "is it running, and KAFKA_URL right?" in result.stderr
