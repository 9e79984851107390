"""The embedded server: found, started, stopped; its data as its settings say."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from sinks import embedded
from sinks.embedded import EmbeddedServer, ServerError


def fake(path: Path, says: str) -> Path:
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def test_path_comes_first_if_it_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded.on_path() is None
    assert embedded.find_server() == embedded.in_wheel()
    fake(tmp_path / "redis-server", "Redis server v=6.2.14 sha=0:0 malloc=libc bits=64")
    assert embedded.on_path() is None
    valkey = fake(tmp_path / "valkey-server", "Valkey server v=8.0.1 sha=0:0 malloc=libc bits=64")
    assert embedded.find_server() == valkey
    redis = fake(tmp_path / "redis-server", "Redis server v=10.2.0 sha=0:0 malloc=libc bits=64")
    assert embedded.find_server() == redis


def test_no_server_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(embedded, "in_wheel", lambda: None)
    with pytest.raises(ServerError, match="redis-server or valkey-server 7 or newer on PATH"):
        EmbeddedServer(tmp_path)


def test_it_never_drops_keys_and_is_not_on_the_network(server: EmbeddedServer, redis: Redis) -> None:
    settings = redis.config_get("maxmemory-policy", "bind")
    assert settings == {"maxmemory-policy": "noeviction", "bind": "127.0.0.1"}
    assert server.url == f"redis://127.0.0.1:{server.port}/0"


@pytest.mark.servers
@pytest.mark.parametrize("end", ["stop", "kill"])
def test_with_aof_data_outlives_the_process(tmp_path: Path, end: str) -> None:
    with EmbeddedServer(tmp_path / "new", aof=True, config={"appendfsync": "always"}) as server:
        with Redis.from_url(server.url) as client:
            client.set("k", "v")
        getattr(server, end)()
        server.start()
        with Redis.from_url(server.url) as client:
            assert client.get("k") == b"v"
    assert (tmp_path / "new" / "server.log").exists()


@pytest.mark.servers
def test_its_reason_is_told_when_it_does_not_start(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path, config={"maxmemory": "junk"})
    with pytest.raises(ServerError, match=r"maxmemory.*junk"):
        server.start()
    server.stop()


def test_another_server_on_its_port_is_not_taken_for_ours(
    server: EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "free_port", lambda: server.port)
    with pytest.raises(ServerError, match="in use"):
        EmbeddedServer(tmp_path).start()


@pytest.mark.parametrize(("version", "taken"), [("7.0.15", True), ("6.2.14", False), ("10.1.0", True)])
def test_a_server_on_path_is_taken_if_new_enough(monkeypatch: pytest.MonkeyPatch, version: str, taken: bool) -> None:
    class Said:
        stdout = f"Redis server v={version} sha=0:0"

    monkeypatch.setattr(embedded.shutil, "which", lambda name: f"bin/{name}")
    monkeypatch.setattr(embedded.subprocess, "run", lambda *_args, **_kwargs: Said)
    assert embedded.on_path() == (Path("bin/redis-server") if taken else None)
