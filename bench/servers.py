"""A Kafka and a Redis of the bench's own: nobody else's server is ever touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from msgspec import Struct
from redis import Redis

from ops.kafka import local
from ops.kafka.local import LocalKafka
from sinks.embedded import EmbeddedServer


class Servers(Struct, frozen=True):
    """Where the servers are, and which processes they are."""

    kafka: str
    kafka_pid: int
    redis: str
    redis_pid: int
    versions: dict[str, str]

    def client(self) -> Redis:
        """A connection to Redis."""
        return Redis.from_url(self.redis)


@contextmanager
def servers(data: Path) -> Iterator[Servers]:
    """Start both with their data under `data`, and stop them in the end. Raises KafkaError or ServerError."""
    if reason := local.available():
        raise local.KafkaError(f"no Kafka: {reason}")
    broker = LocalKafka(data=data / "kafka")
    with broker as bootstrap, EmbeddedServer(data / "redis", aof=True) as redis:
        assert broker.process is not None
        with Redis.from_url(redis.url) as client:
            info = client.info("server")
        versions = {"Kafka": _kafka_version(), server_name(info): server_version(info)}
        yield Servers(bootstrap, broker.process.pid, redis.url, int(info["process_id"]), versions)


def server_name(info: dict[str, Any]) -> str:
    """Redis or Valkey, by what INFO says."""
    return "Valkey" if info.get("server_name") == "valkey" else "Redis"


def server_version(info: dict[str, Any]) -> str:
    """The server's own version."""
    return str(info.get("valkey_version") or info["redis_version"])


def _kafka_version() -> str:
    pom = ElementTree.parse(local.HERE / "pom.xml")
    return pom.findtext(".//dependency[1]/version") or "?"
