"""How worker processes end, by either command line: what the log says last, and the exit code."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from sinks.keys import shard_keys
from tests.integration.fleet import CHECKOUT, COMMAND, environment, own_state, own_topics

KAIROS = [*COMMAND, "worker"]
FAUST = [sys.executable, "-m", "faust", "-A", "streams.app", "worker", "-l", "info", "--without-web"]
EACH = pytest.mark.parametrize("command", [KAIROS, FAUST], ids=["kairos", "faust"])


@pytest.fixture
def variables(kafka: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    """Of a worker over topics of its own, which are there."""
    given = {"KAFKA_URL": f"kafka://{kafka}", "REDIS_URL": redis_url, "FAUST_DATADIR": str(tmp_path)}
    ours = environment(given | own_topics() | own_state() | {"KAIROS_CLOCK": "wall"})
    subprocess.run([*COMMAND, "topics", "create", "--partitions", "2"], env=ours, cwd=CHECKOUT, check=True)
    return ours


@contextmanager
def started(command: list[str], variables: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (
        log.open("wb") as out,
        subprocess.Popen(command, env=variables, cwd=CHECKOUT, stdout=out, stderr=out) as worker,
    ):
        try:
            yield worker
        finally:
            worker.kill()


def until_said(log: Path, words: str, within: float = 30.0) -> None:
    deadline = time.monotonic() + within
    while words not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@EACH
def test_a_stop_that_was_asked_for(command: list[str], variables: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    for number in (signal.SIGTERM, signal.SIGINT):
        with started(command, variables, log) as worker:
            until_said(log, "claimed shards 0, 1")
            worker.send_signal(number)
            assert worker.wait(30) == 0
        assert log.read_text().rstrip().splitlines()[-1].rstrip().endswith("stopped: everything committed")


@EACH
def test_a_refusal(command: list[str], variables: dict[str, str], redis_url: str, tmp_path: Path) -> None:
    """Redis has read further than the log goes."""
    keys = shard_keys(variables["KAIROS_NAMESPACE"], 1)
    with redis.Redis.from_url(redis_url) as client:
        client.hset(keys.offsets, variables["KAIROS_TOPICS_CART"], 7)
    log = tmp_path / "log"
    with started(command, variables, log) as worker:
        assert worker.wait(30) == 1
    said, topic = log.read_text(), variables["KAIROS_TOPICS_CART"]
    assert said.count(f"{topic}[1]: the store has read up to offset 7, but the log ends at 0") == 1
    assert said.count("CRITICAL") == 1
    assert "ERROR" not in said
    assert "Traceback" not in said
    assert "stopped:" not in said


def test_as_json(variables: dict[str, str], redis_url: str, tmp_path: Path) -> None:
    variables |= {"KAIROS_LOG_FORMAT": "json"}
    log = tmp_path / "log"
    with started(KAIROS, variables, log) as worker:
        until_said(log, "claimed shards 0, 1")
        worker.terminate()
        assert worker.wait(30) == 0
    assert json.loads(log.read_text().splitlines()[-1])["message"] == "stopped: everything committed"
    with redis.Redis.from_url(redis_url) as client:
        client.hset(shard_keys(variables["KAIROS_NAMESPACE"], 1).own, "schema", 999)
    with started(KAIROS, variables, log) as worker:
        assert worker.wait(30) == 1
    *_, last = map(json.loads, log.read_text().splitlines())
    assert (last["level"], "traceback" in last) == ("critical", False)
    assert last["message"].endswith("upgrade this worker")
