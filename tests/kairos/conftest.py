"""What a command does to logging ends with its test."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from kairos.terminal.log_repeats import CLIENTS


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
