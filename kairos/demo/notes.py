"""What is logged while the view has the terminal: shown in its last line, and printed once the terminal is back."""

from __future__ import annotations

import logging
import time
from collections import deque

from rich.console import Console

from kairos.terminal.escape import safe
from kairos.terminal.lines import say

FRESH = 10.0
"""Seconds a note is shown."""
KEPT = 100


class Notes(logging.Handler):
    """Keeps warnings and errors of the whole process from `start` to `stop`."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._kept: deque[str] = deque(maxlen=KEPT)
        self._newest = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it; by any thread."""
        self._kept.extend(safe(line) for line in self.format(record).split("\n"))
        self._newest = time.monotonic()

    @property
    def newest(self) -> str:
        """The newest line; empty after a while."""
        return self._kept[-1] if self._kept and time.monotonic() - self._newest < FRESH else ""

    def start(self) -> None:
        """From now on nothing is printed."""
        logging.getLogger().addHandler(self)

    def stop(self) -> None:
        """Print what was kept on standard error."""
        logging.getLogger().removeHandler(self)
        while self._kept:
            say(Console(stderr=True), self._kept.popleft())
