"""Demos in processes of their own, through a pipe and on a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAIN = "from kairos.commands.cli import main; main()"
PROGRAM = [sys.executable, "-c", MAIN]
ON_TERMINAL = (
    "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); from kairos.commands.cli import main; main()"
)
"""The terminal becomes the process's own: only so a Ctrl-C typed there reaches it."""

ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9])")

KINDS = {
    "entered": r"entered segment:\w+ +\S+ +R \d F \d M \d",
    "triggered": r"triggered +\S+ +\d+ items? left for 30 min without an order",
    "recovered": r"recovered +\S+ +ordered after the trigger",
    "raised": r"raised +\S+ +no order for 3 times the usual gap",
}
"""What has to be seen, each with its reason; a time stands before it."""


def missing(text: str) -> list[str]:
    """Kinds that are not in the text."""
    return [kind for kind, pattern in KINDS.items() if not re.search(r"\d\d:\d\d(:\d\dZ)? +" + pattern, text)]


@contextmanager
def piped(folder: Path, *options: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """A demo whose output goes through a pipe, with settings as environment variables."""
    command = [*PROGRAM, "demo", *options]
    pipe = subprocess.PIPE
    environment = os.environ | settings
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


class Terminal:
    """A terminal of 80 columns and 24 lines with a demo on it; what it was sent so far is `text`."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._ours, self._its = pty.openpty()
        fcntl.ioctl(self._its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.modes = self.current_modes()
        self.text = ""
        environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", ON_TERMINAL, "demo", *options],
            cwd=folder,
            env=environment | {"TERM": "xterm-256color"},
            stdin=self._its,
            stdout=self._its,
            stderr=self._its,
            start_new_session=True,
        )

    def current_modes(self) -> list[object]:
        """Echo, line discipline and so on."""
        return termios.tcgetattr(self._its)

    def type(self, keys: bytes) -> None:
        """As if somebody typed them."""
        os.write(self._ours, keys)

    def read(self) -> bool:
        """Take what was written next; False once there is nothing any more."""
        try:
            fresh = os.read(self._ours, 65536)
        except OSError:  # the other side is closed; elsewhere that reads as nothing
            return False
        self.text += fresh.decode(errors="replace")
        return bool(fresh)

    @property
    def plain(self) -> str:
        """The text without control sequences."""
        return ESCAPES.sub("", self.text)

    def finish(self) -> int:
        """Take all that comes until the process has ended; its exit code."""
        os.close(self._its)
        while self.read():
            pass
        return self.process.wait()

    def close(self) -> None:
        """End the process if it still runs."""
        self.process.kill()
        self.process.wait()
        os.close(self._ours)
