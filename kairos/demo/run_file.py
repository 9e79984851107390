"""``.kairos/demo.json``: where a running demo is, so that other commands find it in another terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from kairos.errors import NoServer, no_redis
from sinks.store import Unavailable

FILE = Path(".kairos/demo.json")


ASIDE = "a demo runs in this folder: `--demo` looks into it"
"""What a command says that looked elsewhere."""


class Demo(Struct, frozen=True):
    """A demo: its Redis, how many shards, its namespace, its process."""

    redis: str
    shards: int
    namespace: str
    pid: int


@contextmanager
def written(redis: str, shards: int, namespace: str, file: Path = FILE) -> Iterator[None]:
    """The file exists while this is entered; whole at once, readable by this user alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_bytes(msgspec.json.encode(Demo(redis, shards, namespace, os.getpid())))
    draft.chmod(0o600)
    draft.replace(file)
    try:
        yield
    finally:
        found = running(file)
        if found is None or found.pid == os.getpid():
            file.unlink(missing_ok=True)


def running(file: Path = FILE) -> Demo | None:
    """The demo that lives, None if there is none: a file that a killed demo left behind does not count."""
    try:
        demo = msgspec.json.decode(file.read_bytes(), type=Demo)
        os.kill(demo.pid, 0)
    except (FileNotFoundError, ProcessLookupError, msgspec.DecodeError):
        return None
    except PermissionError:  # another user's process has the id now
        return None
    return demo


def required() -> None:
    """NoServer if no demo runs here."""
    if running() is None:
        raise NoServer("no demo runs in this folder: `make demo` starts one")


@contextmanager
def mentioned(elsewhere: bool) -> Iterator[None]:
    """What was not found is told together with the demo that runs here, if the command looked `elsewhere`."""
    try:
        yield
    except (NoServer, Unavailable) as error:
        if not elsewhere or running() is None:
            raise
        found = no_redis(error) if isinstance(error, Unavailable) else error
        raise NoServer(f"{found}; {ASIDE}") from None
