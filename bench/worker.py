"""A worker as a process: started, asked how far it is, stopped."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from bench.process import children
from sinks.keys import shard_keys

POLL = 0.05
"""Seconds between two looks at how far Kairos is."""

Process = subprocess.Popen[bytes]


class WorkerFailed(Exception):
    """It ended too early, did not get on, or left a state that cannot be right; the message says which."""


@contextmanager
def worker(command: Sequence[str], env: Mapping[str, str], data: Path, timeout: float) -> Iterator[Process]:
    """Run it in `data`, and stop it in the end; after `timeout` seconds it is killed.

    Raises WorkerFailed, with the end of its log, instead of what goes wrong inside.
    """
    path = data / f"{time.time_ns()}.log"
    with path.open("wb") as log:
        # A session of its own: Ctrl-C in the terminal ends the bench, and the bench ends its workers.
        process = subprocess.Popen(command, cwd=data, env=env, stdout=-1, stderr=log, start_new_session=True)
    watchdog = threading.Timer(timeout, process.kill)
    watchdog.start()
    try:
        yield process
    except (WorkerFailed, OSError, StopIteration) as error:
        said = "\n".join(path.read_text(errors="replace").splitlines()[-15:])
        raise WorkerFailed(f"{error} (exit code {process.poll()}); its log ends:\n{said}") from error
    finally:
        watchdog.cancel()
        stop(process)


def stop(process: Process, patience: float = 15.0) -> None:
    """Ask, wait, then insist."""
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def printed(process: Process) -> Iterator[int]:
    """Events done, each time the worker prints how many."""
    assert process.stdout is not None
    yield from map(int, process.stdout)


def counted(process: Process, redis: Redis, namespace: str, partitions: int) -> Iterator[int]:
    """Events done, by the counters that Kairos commits with each batch."""
    names = [shard_keys(namespace, partition).stats for partition in range(partitions)]
    while process.poll() is None:
        yield sum(int(redis.hget(name, "events") or 0) for name in names)
        time.sleep(POLL)


def alone(process: Process) -> None:
    """WorkerFailed if it has children: what they use would be missing in its figures."""
    if children(process.pid):
        raise WorkerFailed("it starts processes of its own, which are not measured")
