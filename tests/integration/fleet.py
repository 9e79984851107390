"""`kairos worker` processes that share a group: they die, stop, go on, join and leave as a test says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import redis

from models.kernel.events import ROLES
from ops.kafka import local
from sinks.keys import shard_keys
from tests.integration.kafka_workers import Worker
from tests.topics import OUTPUT_TOPICS

CHECKOUT = local.HERE.parent.parent
COMMAND = [sys.executable, "-c", "from kairos.commands.cli import main; main()"]
POLL = 0.1
"""Seconds between two looks at Redis and the processes."""


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Ours without any setting of Kairos', and these."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("KAIROS_", "KAFKA_", "REDIS_"))}
    return ours | dict(variables)


def own_topics() -> dict[str, str]:
    """Variables that name input topics nobody else uses."""
    tag = uuid.uuid4().hex[:8]
    return {f"KAIROS_TOPICS_{role.upper()}": f"{role}-{tag}" for role in ROLES}


def own_state() -> dict[str, str]:
    """Variables that name a Redis namespace, which is the group's name too, and output topics nobody else uses."""
    tag = uuid.uuid4().hex[:8]
    outputs = {f"KAIROS_TOPIC_{role.upper().replace('-', '_')}": f"{role}-{tag}" for role in OUTPUT_TOPICS}
    return outputs | {"KAIROS_NAMESPACE": f"fleet-{tag}", "KAIROS_CLOCK": "event"}


class Member(Worker):
    """One `kairos worker`; what it says goes to a file."""

    def __init__(self, variables: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [*COMMAND, "worker"], env=environment(variables), cwd=CHECKOUT, stdout=out, stderr=subprocess.STDOUT
            )

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def stopped(self) -> bool:
        """By SIGSTOP."""
        asked = ["ps", "-o", "state=", "-p", str(self.process.pid)]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.startswith("T")


class Fleet:
    """The workers of one run. Use as a context manager: no process outlives it.

    Parameters
    ----------
    variables
        The environment of every worker: KAFKA_URL, REDIS_URL, KAIROS_NAMESPACE, ...
    shards
        How many there are.
    directory
        For logs.
    """

    def __init__(self, variables: Mapping[str, str], shards: int, directory: Path) -> None:
        self.variables = dict(variables)
        self.directory = directory
        self.directory.mkdir(exist_ok=True)
        self.members: list[Member] = []
        self._redis: Any = redis.Redis.from_url(variables["REDIS_URL"])
        self._keys = [shard_keys(variables["KAIROS_NAMESPACE"], partition) for partition in range(shards)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill what still runs."""
        for member in self.members:
            member.process.kill()
            member.process.wait()
        self._redis.close()

    def start(self, faults: str = "") -> Member:
        """One more worker, with a plan of what befalls it (`streams.faults`)."""
        log = self.directory / f"worker-{len(self.members)}.log"
        self.members.append(Member(self.variables | {"KAIROS_FAULTS": faults}, log))
        return self.members[-1]

    def until(self, condition: Callable[[], object], within: float = 120.0) -> None:
        """Wait until the condition holds. AssertionError with the logs if it takes too long, or a worker fails."""
        deadline = time.monotonic() + within
        while not condition():
            failed = [member for member in self.members if not (member.alive or member.leaving)]
            assert not failed, f"a worker ended with {failed[0].process.returncode}:\n{failed[0].said[-4000:]}"
            assert time.monotonic() < deadline, f"not within {within:.0f} s; applied {self.applied()}\n{self.tails()}"
            time.sleep(POLL)

    def killed(self, member: Member) -> None:
        """Wait for the end its plan has for it."""
        member.leaving = True
        self.until(lambda: not member.alive)
        assert member.process.returncode == -signal.SIGKILL, member.said[-4000:]

    def stop(self) -> None:
        """SIGTERM to all that are alive; each must end well."""
        living = [member for member in self.members if member.alive]
        for member in living:
            member.leaving = True
            member.signal(signal.SIGTERM)
        for member in living:
            assert member.ended(30) == 0, member.said[-4000:]

    def tails(self) -> str:
        """The last words of every worker."""
        return "\n".join(f"--- {member.log.name}\n{member.said[-1500:]}" for member in self.members)

    # What Redis says.

    def applied(self) -> int:
        """Batches committed so far, of all shards."""
        return sum(int(seq or 0) for seq in self._own("seq"))

    def tokens(self, shards: Iterable[int]) -> dict[int, bytes | None]:
        """Of the claim in force, by shard."""
        tokens = self._own("token")
        return {shard: tokens[shard] for shard in shards}

    def _own(self, field: str) -> list[bytes | None]:
        with self._redis.pipeline(transaction=False) as pipeline:
            for keys in self._keys:
                pipeline.hget(keys.own, field)
            return list(pipeline.execute())
