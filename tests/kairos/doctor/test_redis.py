"""What doctor says of a Redis: each fault provoked once, on a real server where one can be brought to have it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from kairos.doctor import redis_server
from kairos.doctor.check import Check
from kairos.wiring import client
from tests.conftest import Run
from tests.integration.servers import RedisServer
from tests.kairos.config.test_secured import RIGHTS


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer(appendonly="yes") as made:
        yield made


@pytest.fixture
def admin(server: RedisServer) -> Iterator[Redis]:
    """Put back how it was afterwards."""
    with Redis.from_url(server.url) as made:
        yield made
        made.config_set("maxmemory", 0)
        made.config_set("maxmemory-policy", "noeviction")
        made.config_set("appendonly", "yes")
        made.slaveof()


def looked(url: str, clock: Callable[[], float] = time.time) -> dict[str, Check]:
    with client(url, timeout=2.0, attempts=0) as made:
        return {check.name: check for check in redis_server.checks(made, "kairos", clock)}


def faults(found: dict[str, Check]) -> dict[str, str]:
    assert all(check.advice for check in found.values() if check.status != "ok")
    return {name: check.status for name, check in found.items() if check.status != "ok"}


def test_a_server_as_it_should_be(server: RedisServer) -> None:
    found = looked(server.url)
    assert faults(found) == {}
    assert list(found) == [
        "redis",
        "redis clock",
        "redis rights",
        "redis version",
        "redis role",
        "redis eviction",
        "redis memory",
        "redis log",
    ]


def test_nobody_there() -> None:
    found = looked("redis://127.0.0.1:1/0")
    assert faults(found) == {"redis": "problem"}
    assert len(found) == 1


def test_a_server_that_evicts(server: RedisServer, admin: Redis) -> None:
    admin.config_set("maxmemory-policy", "allkeys-lru")
    found = looked(server.url)
    assert faults(found) == {"redis eviction": "warning"}
    assert "maxmemory-policy noeviction" in found["redis eviction"].advice
    admin.config_set("maxmemory", 1 << 30)
    found = looked(server.url)
    assert faults(found) == {"redis eviction": "problem"}
    assert "a worker does not start like this" in found["redis eviction"].said


@pytest.mark.parametrize(("share", "status"), [(0.95, "problem"), (0.8, "warning")])
def test_a_server_that_is_full(server: RedisServer, admin: Redis, share: float, status: str) -> None:
    admin.config_set("maxmemory", int(admin.info("memory")["used_memory"] / share))
    assert faults(looked(server.url)) == {"redis memory": status}


def test_a_server_that_keeps_no_log(server: RedisServer, admin: Redis) -> None:
    admin.config_set("appendonly", "no")
    assert faults(looked(server.url)) == {"redis log": "warning"}


def test_a_disk_that_is_full() -> None:
    assert redis_server._log({"aof_enabled": 1, "aof_last_write_status": "err"}).status == "problem"


def test_a_replica(server: RedisServer, admin: Redis) -> None:
    admin.slaveof("127.0.0.1", 1)
    assert faults(looked(server.url))["redis role"] == "problem"


@pytest.mark.parametrize(("ahead", "expected"), [(90.0, "problem"), (-90.0, "problem"), (5.0, "warning"), (0.5, None)])
def test_clocks(server: RedisServer, ahead: float, expected: str | None) -> None:
    found = faults(looked(server.url, lambda: time.time() + ahead))
    assert found == ({"redis clock": expected} if expected else {})


@pytest.mark.parametrize(
    ("info", "status"),
    [
        ({"redis_version": "6.2.14"}, "problem"),
        ({"redis_version": "7.0.0"}, "ok"),
        ({"redis_version": "10.1.0"}, "ok"),
        ({"redis_version": "7.2.4", "valkey_version": "9.0.1"}, "ok"),
        ({}, "problem"),
    ],
)
def test_versions(info: dict[str, str], status: str) -> None:
    assert redis_server._version(info).status == status


def as_user(server: RedisServer, admin: Redis, rights: str) -> str:
    admin.execute_command("ACL", "SETUSER", "someone", "reset", "on", ">secret", *rights.split())
    return server.url.replace("redis://", "redis://someone:secret@")


def test_the_rights_that_are_documented_suffice(server: RedisServer, admin: Redis) -> None:
    found = looked(as_user(server, admin, RIGHTS))
    assert faults(found) == {"redis server": "warning"}  # INFO is not among them
    assert faults(looked(as_user(server, admin, f"{RIGHTS} +info"))) == {}


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        (f"{RIGHTS} +info -zadd -xadd", "may not call ZADD, XADD on {kairos:0}"),
        (RIGHTS.replace("~{kairos:*", "") + " +info", "on {kairos:0}"),
        (RIGHTS.replace("~kairos:*", "") + " +info", "on kairos:partitions"),
        (RIGHTS.replace("+@scripting", "") + " +info", "eval"),
    ],
)
def test_a_user_of_too_few_rights(server: RedisServer, admin: Redis, rights: str, words: str) -> None:
    found = looked(as_user(server, admin, rights))
    assert faults(found) == {"redis rights": "problem"}
    assert words in found["redis rights"].said


def test_a_wrong_password_is_not_repeated(server: RedisServer, admin: Redis) -> None:
    found = looked(as_user(server, admin, RIGHTS).replace("secret", "hunter2"))
    assert faults(found) == {"redis": "problem"}
    assert "correct REDIS_URL" in found["redis"].said
    assert "hunter2" not in str(found)


def test_nothing_is_changed(server: RedisServer, admin: Redis) -> None:
    looked(server.url)
    assert admin.dbsize() == 0


def test_nothing_set(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 1
    assert "PROBLEM  redis           REDIS_URL is not set" in result.stdout
    assert "PROBLEM  kafka           KAFKA_URL is not set" in result.stdout
    assert result.stderr == "kairos: 2 problems\n"


def test_as_json(run: Run, server: RedisServer) -> None:
    result = run("doctor", "--json", REDIS_URL=server.url)
    found = json.loads(result.stdout)
    assert (result.exit_code, found["ok"]) == (1, False)
    assert found["checks"][0] == {"name": "redis", "status": "ok", "said": "answers", "advice": ""}
    assert [check["name"] for check in found["checks"] if check["status"] == "problem"] == ["kafka"]


def test_a_kafka_that_is_not_there(run: Run) -> None:
    result = run("doctor", "--json", KAFKA_URL="127.0.0.1:1")
    (check,) = (check for check in json.loads(result.stdout)["checks"] if check["name"] == "kafka")
    assert check["status"] == "problem"
    assert "KAFKA_URL" in check["advice"]
