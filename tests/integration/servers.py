"""Real servers for tests: where they come from, in which order, and why one is not to be had.

Kafka is the one named by KAFKA_URL, else one in Docker, else a local one by Java and Maven. Redis is always a server of
our own, on a free port with its data in a temporary directory: tests delete keys, and must never meet a user's server.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from ops.kafka import local
from ops.kafka.local import LocalKafka, free_port
from sinks.embedded import EmbeddedServer

KAFKA_IMAGE = "apache/kafka:4.1.0"


class Unavailable(Exception):
    """This way to a server is not open here; the message says why."""


# Kafka


@contextmanager
def given_kafka(environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """The one KAFKA_URL names. If it does not answer, that is an error: another would not be what was asked for."""
    url = environ.get("KAFKA_URL", "")
    if not url:
        raise Unavailable("KAFKA_URL is not set")
    bootstrap = url.removeprefix("kafka://")
    if not local.answers(bootstrap):
        raise RuntimeError(f"KAFKA_URL is {url}, but no Kafka answers there")
    yield bootstrap


@contextmanager
def docker_kafka(timeout: float = 120) -> Iterator[str]:
    if not _docker_answers():
        raise Unavailable("no Docker daemon answers")
    from testcontainers.core.container import DockerContainer

    port = free_port()
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(9092, port)
    for name, value in _container_settings(port).items():
        container = container.with_env(name, value)
    try:
        container.start()
    except Exception as error:  # the image cannot be pulled, the disk is full: whatever Docker says
        raise Unavailable(f"Docker runs, but not {KAFKA_IMAGE}: {error}") from error
    try:
        deadline = time.monotonic() + timeout
        while not local.answers(f"127.0.0.1:{port}"):
            if time.monotonic() > deadline:
                raise Unavailable(f"{KAFKA_IMAGE} runs in Docker, but did not answer within {timeout:.0f} s")
            time.sleep(0.2)
        yield f"127.0.0.1:{port}"
    finally:
        container.stop()


def _docker_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    ask = ["docker", "version", "--format", "{{.Server.Version}}"]
    return subprocess.run(ask, capture_output=True, timeout=30, check=False).returncode == 0


def _container_settings(port: int) -> dict[str, str]:
    """server.properties of the local broker, as the image wants it: KAFKA_SOME_NAME for some.name."""
    lines = (local.HERE / "server.properties").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    settings |= {
        "controller.quorum.voters": "1@localhost:9093",
        "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "log.dirs": "/var/lib/kafka/data",
    }
    return {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in settings.items()}


@contextmanager
def local_kafka() -> Iterator[str]:
    if reason := local.available():
        raise Unavailable(reason)
    try:
        local.fetch()
    except local.KafkaError as error:
        raise Unavailable(str(error)) from error
    with LocalKafka() as bootstrap:
        yield bootstrap


Way = Callable[[], AbstractContextManager[str]]


@contextmanager
def some_kafka(ways: Sequence[Way] = (given_kafka, docker_kafka, local_kafka)) -> Iterator[str]:
    """The first broker that is to be had, as host:port; `Unavailable` with every reason if there is none."""
    reasons = []
    with ExitStack() as stack:
        for way in ways:
            try:
                bootstrap = stack.enter_context(way())
                break
            except Unavailable as error:
                reasons.append(str(error))
        else:
            raise Unavailable("; ".join(reasons))
        yield bootstrap


# Redis


class RedisServer(EmbeddedServer):
    """A server whose data is in a temporary directory of its own, and goes with it; `config` as in redis.conf."""

    def __init__(self, binary: Path | None = None, **config: str) -> None:
        super().__init__(Path(tempfile.mkdtemp(prefix="kairos-redis-")), binary=binary, config=config)

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        shutil.rmtree(self.data, ignore_errors=True)
