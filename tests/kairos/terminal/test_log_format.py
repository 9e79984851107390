"""Logs for machines are JSON, one object a record; logs for anybody hold no shopper's id unless asked for."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kairos.config.settings import LogSettings
from kairos.terminal import logs
from kairos.terminal.log_format import configure
from kairos.terminal.redact import hashed, redacted
from sinks.memory_store import MemoryStore
from streams.fold import Shoppers
from tests.kairos.terminal.hostile import ALL, harmless
from tests.streams.logs import T0, tick, track
from tests.streams.test_shard import feed, shard

pytestmark = pytest.mark.usefixtures("own_logs")
each = pytest.mark.parametrize("text", ALL.values(), ids=ALL)
Start = Callable[[LogSettings], io.StringIO]

logger = logging.getLogger("streams.shards")


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Start:
    """Log by these settings; what is written."""

    def configured(log: LogSettings) -> io.StringIO:
        out = io.StringIO()
        monkeypatch.setattr(sys, "stderr", out)
        logs.install(log.ids)
        configure(log)
        return out

    return configured


def objects(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_record_is_an_object(start: Start) -> None:
    out = start(LogSettings(format="json"))
    before = datetime.now(UTC)
    logger.warning("shard %d waits", 3, extra={"shard": 3, "shopper": "u42"})
    [said] = objects(out)
    at = datetime.fromisoformat(said.pop("time"))
    assert abs((at - before).total_seconds()) < 60
    assert said == {
        "level": "warning",
        "logger": "streams.shards",
        "message": "shard 3 waits",
        "shard": 3,
        "shopper": hashed("u42"),
    }


@each
def test_whatever_is_said_is_one_line_and_harmless(start: Start, text: str) -> None:
    out = start(LogSettings(format="json"))
    try:
        raise KeyError(text)
    except KeyError:
        logger.exception("%s", text, extra={"topic": text})
    [said] = objects(out)
    assert out.getvalue().count("\n") == 1
    assert harmless(out.getvalue())
    assert harmless(said["message"] + said["topic"] + said["traceback"])
    assert said["traceback"].startswith("Traceback (most recent call last):\n  File ")


def test_the_level_and_chatty_libraries(start: Start) -> None:
    out = start(LogSettings(format="json", level="warning"))
    logger.info("not told")
    logging.getLogger("mode").info("nor this")
    logger.warning("[^told]")
    assert [said["message"] for said in objects(out)] == ["[^told]"]


def failing(user: str, monkeypatch: pytest.MonkeyPatch) -> BaseException:
    """What a shard raises whose fold of that shopper fails, quoting the id."""

    def fail(*_: object) -> None:
        try:
            raise KeyError(user)
        except KeyError as error:
            raise ValueError(f"no interest of {user}: {user!r}") from error

    monkeypatch.setattr(Shoppers, "event", staticmethod(fail))
    made = shard(MemoryStore())
    later = tick(T0 + 60_000)
    feed(made, clicks=[track("Product Viewed", T0, user=user, product_id="p1"), later], cart=[later], orders=[later])
    with pytest.raises(ValueError, match="no interest") as raised:
        made.step()
    return raised.value


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("user", ["u42", "jane@example.org", "-", "a\nb\x1b[2J", 'o\'hara "x"', "\u5c0f\u660e"])
def test_an_error_in_a_fold_names_nobody(start: Start, monkeypatch: pytest.MonkeyPatch, user: str, form: Any) -> None:
    failure = failing(user, monkeypatch)
    out = start(LogSettings(format=form))
    logger.critical("shard %d failed: %s", 0, failure)
    logger.critical("crashed", exc_info=failure)
    shown = out.getvalue()
    assert f"shard 0 failed: no interest of {hashed(user)}: '{hashed(user)}'" in shown.replace('"shopper', "'shopper")
    assert shown.count(hashed(user)) >= 5
    if user != "-":
        assert user not in shown
        assert repr(user)[1:-1] not in shown


def test_ids_in_plain_where_they_are_asked_for(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    failure = failing("u42", monkeypatch)
    out = start(LogSettings(format="json", ids="plain"))
    logger.critical("shard %d failed: %s", 0, failure, extra={"shopper": "u42"}, exc_info=failure)
    [said] = objects(out)
    assert said["message"] == "shard 0 failed: no interest of u42: 'u42'"
    assert said["shopper"] == "u42"
    assert "KeyError: 'u42'" in said["traceback"]


def test_nothing_else_is_hashed() -> None:
    assert redacted("u4 is u42, _u4, u4_ and \u00e9u4", ["u4", ""]) == f"{hashed('u4')} is u42, _u4, u4_ and \u00e9u4"
    assert redacted("as it is", []) == "as it is"


@pytest.mark.servers
def test_a_worker_logs_json(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.kairos.terminal.crashing", "kairos", str(tmp_path)]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={"KAIROS_LOG_FORMAT": "json"}
    )
    assert ended.returncode == 1
    said = [json.loads(line) for line in ended.stderr.splitlines()]
    assert {"streams.shards", "kairos.worker"} <= {line["logger"] for line in said}
    assert [line["level"] for line in said if line["message"].startswith("shard 0 failed")] == ["critical"]
