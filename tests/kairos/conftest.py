"""The command line in an empty folder, with none of this machine's settings."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kairos.commands.cli import app
from kairos.terminal.log_repeats import CLIENTS

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command: its arguments, and settings as keywords."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith(("KAIROS_", "KAFKA_", "REDIS_")):
            monkeypatch.delenv(name)

    def command(*arguments: str, input: bytes | None = None, **settings: str) -> Result:
        return CliRunner().invoke(app, arguments, input=input, env=settings)

    return command


@pytest.fixture
def own_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the test does to logging is undone."""
    factory, level, handlers = logging.getLogRecordFactory(), logging.root.level, list(logging.root.handlers)
    clients = [(one, one.level, one.propagate, list(one.handlers)) for one in map(logging.getLogger, CLIENTS)]
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield
    logging.setLogRecordFactory(factory)
    logging.root.setLevel(level)
    logging.root.handlers[:] = handlers
    for client, before, propagate, own in clients:
        client.setLevel(before)
        client.handlers[:], client.propagate = own, propagate
