"""docker-compose.yml: what it tells Kafka and Redis. A real Redis says whether it understands."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers import BYTES, SERVICES, measure


def redis_options() -> dict[str, str]:
    """The options of redis-server, by name."""
    program, *words = SERVICES["redis"]["command"]
    assert program == "redis-server"
    return {name.removeprefix("--"): value for name, value in zip(words[::2], words[1::2], strict=True)}


@pytest.fixture
def redis_config(tmp_path: Path) -> Iterator[dict[str, str]]:
    """What a redis-server says of itself that was started as Compose starts it."""
    if shutil.which("redis-server") is None or shutil.which("redis-cli") is None:
        pytest.skip("redis-server and redis-cli are not on PATH")
    socket = str(tmp_path / "redis.sock")
    own = ["--port", "0", "--unixsocket", socket, "--dir", str(tmp_path)]
    with subprocess.Popen([*SERVICES["redis"]["command"], *own], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            for line in server.stdout:
                if "eady to accept connections" in line:
                    break
            cli = ["redis-cli", "-s", socket, "--json", "config", "get", *redis_options()]
            said = subprocess.run(cli, capture_output=True, text=True, check=True).stdout
            yield json.loads(said)
        finally:
            server.terminate()


def test_redis_takes_its_options(redis_config: dict[str, str]) -> None:
    assert redis_config == redis_options() | {"maxmemory": str(2**30)}


def test_redis_keeps_what_it_is_given() -> None:
    kept = {"appendonly": "yes", "appendfsync": "everysec", "save": "", "maxmemory-policy": "noeviction"}
    assert kept.items() <= redis_options().items()


def test_redis_has_room_to_rewrite_its_log() -> None:
    limit = measure(SERVICES["redis"]["mem_limit"], BYTES)
    assert limit >= 2 * measure(redis_options()["maxmemory"], BYTES)


def test_kafka_makes_no_topic_by_itself() -> None:
    assert SERVICES["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
