"""What clients of servers repeat while a server is away: each kind of message once a minute, with how many more there
were.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

CLIENTS = ("aiokafka", "kafka", "redis")
"""Loggers of the clients. They tell of every attempt; what it means for the worker, `streams.outages` says."""
EVERY = 60.0
"""Seconds between two messages of one kind."""
KINDS = 1_000
"""Kinds of messages remembered."""


class Repeats(logging.Handler):
    """Hands the records of a client's loggers on to the root logger, and holds back warnings that repeat.

    Two messages are of one kind where their logger and their wording are the same, whatever they quote.
    """

    def __init__(self, every: float = EVERY, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._every = every
        self._clock = clock
        self._kinds: dict[tuple[str, str], tuple[float, int]] = {}  # when told, how many held back since

    def emit(self, record: logging.LogRecord) -> None:
        """Called with the handler's lock held, from any thread."""
        if record.levelno >= logging.WARNING:
            kind, now = (record.name, str(record.msg)), self._clock()
            told, held = self._kinds.get(kind, (-math.inf, 0))
            if now - told < self._every:
                self._kinds[kind] = told, held + 1
                return
            if len(self._kinds) == KINDS:  # worded anew each time: nothing repeats
                self._kinds.clear()
            self._kinds[kind] = now, 0
            if held:
                record.msg = f"{record.msg} ({held} more like it held back)"
        logging.getLogger().handle(record)


def install() -> None:
    """From now on no client of this process repeats itself, whoever formats the log. Safe to call twice."""
    for name in CLIENTS:
        client = logging.getLogger(name)
        if not any(isinstance(handler, Repeats) for handler in client.handlers):
            client.addHandler(Repeats())
        client.propagate = False
