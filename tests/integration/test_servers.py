"""Which server the tests get, in which order, and what is said where there is none."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis

from ops.kafka import local
from ops.kafka.local import LocalKafka
from tests import conftest
from tests.integration import servers


def way(name: str, open_: bool, log: list[str]) -> servers.Way:
    @contextmanager
    def enter() -> Iterator[str]:
        log.append(f"try {name}")
        if not open_:
            raise servers.Unavailable(f"no {name}")
        yield name
        log.append(f"close {name}")

    return enter


def test_the_first_way_that_is_open_is_taken_and_closed() -> None:
    log: list[str] = []
    ways = [way("given", False, log), way("docker", True, log), way("local", True, log)]
    with servers.some_kafka(ways) as bootstrap:
        assert bootstrap == "docker"
    assert log == ["try given", "try docker", "close docker"]


def test_where_none_is_open_every_reason_is_said() -> None:
    ways = [way("given", False, []), way("docker", False, [])]
    with pytest.raises(servers.Unavailable, match="no given; no docker"), servers.some_kafka(ways):
        pass


def test_a_failure_inside_the_test_is_not_taken_for_an_unavailable_server() -> None:
    log: list[str] = []
    with pytest.raises(ZeroDivisionError), servers.some_kafka([way("given", True, log), way("local", True, log)]):
        raise ZeroDivisionError
    assert "try local" not in log


@pytest.mark.parametrize("url", ["kafka://b1:9092", "b1:9092"])
def test_kafka_url_with_and_without_scheme(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(local, "answers", lambda bootstrap: bootstrap == "b1:9092")
    with servers.given_kafka({"KAFKA_URL": url}) as bootstrap:
        assert bootstrap == "b1:9092"


def test_a_given_kafka_that_does_not_answer_is_an_error_not_a_reason_to_take_another() -> None:
    with pytest.raises(RuntimeError, match="no Kafka answers there"), servers.given_kafka({"KAFKA_URL": "127.0.0.1:1"}):
        pass
    with pytest.raises(servers.Unavailable), servers.given_kafka({}):
        pass


def test_no_docker_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(servers.Unavailable, match="no Docker daemon"), servers.docker_kafka():
        pass


def test_the_container_advertises_the_port_that_tests_connect_to() -> None:
    settings = servers._container_settings(20123)
    assert settings["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://127.0.0.1:20123"
    assert settings["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert not [value for value in settings.values() if "$" in value]


@pytest.mark.parametrize(
    ("tools", "java", "jars", "reason"),
    [
        ([], "", True, "Java is not installed"),
        (["java"], 'openjdk version "11.0.2"', True, "Java 17 or newer is needed, this is 11"),
        (["java"], 'openjdk version "17.0.9"', False, "Maven, which fetches them, is not installed"),
        (["java"], 'openjdk version "21"', True, None),
        (["java", "mvn"], 'openjdk version "21"', False, None),
    ],
)
def test_what_a_local_broker_needs(
    monkeypatch: pytest.MonkeyPatch, tools: list[str], java: str, jars: bool, reason: str | None
) -> None:
    class Said:
        stderr = java

    monkeypatch.setattr(local.shutil, "which", lambda name: name if name in tools else None)
    monkeypatch.setattr(local.subprocess, "run", lambda *_args, **_kwargs: Said)
    monkeypatch.setattr(local, "fetched", lambda: jars)
    said = local.available()
    assert said == reason if reason is None else reason in str(said)


def test_a_skip_is_a_failure_where_kafka_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAIROS_REQUIRE_KAFKA", "1")
    with pytest.raises(pytest.fail.Exception, match="no Java"):
        conftest.no_kafka("no Java")
    monkeypatch.delenv("KAIROS_REQUIRE_KAFKA")
    with pytest.raises(pytest.skip.Exception, match="no Java"):
        conftest.no_kafka("no Java")


def test_each_server_runs_scripts(server: str) -> None:
    with redis.Redis.from_url(server) as client:
        assert client.keys("*") == []
        assert client.eval("#!lua\nredis.call('SET', KEYS[1], 'v') return redis.call('GET', KEYS[1])", 1, "k") == b"v"


@pytest.mark.servers
def test_a_killed_server_comes_back_with_what_its_log_holds() -> None:
    options = {"appendonly": "yes", "appendfsync": "always"}
    with servers.RedisServer(**options) as server, redis.Redis.from_url(server.url) as client:
        client.set("k", "v")
        server.kill()
        server.start()
        assert client.get("k") == b"v"


def test_a_broker_comes_back_on_its_port_with_its_data(own_kafka: LocalKafka) -> None:
    from kafka import KafkaConsumer, KafkaProducer, TopicPartition
    from kafka.admin import KafkaAdminClient, NewTopic

    admin = KafkaAdminClient(bootstrap_servers=own_kafka.bootstrap)
    admin.create_topics([NewTopic("t", 1, 1)])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=own_kafka.bootstrap)
    producer.send("t", b"before").get(30)
    producer.close()

    own_kafka.stop()
    assert not local.answers(own_kafka.bootstrap)
    own_kafka.start()

    consumer = KafkaConsumer(bootstrap_servers=own_kafka.bootstrap, auto_offset_reset="earliest")
    consumer.assign([TopicPartition("t", 0)])
    assert next(consumer).value == b"before"
    consumer.close()


def test_the_shared_broker_answers(kafka: str) -> None:
    assert local.answers(kafka)


@pytest.mark.servers
def test_a_broker_that_cannot_start_says_why() -> None:
    if reason := local.available():
        conftest.no_kafka(reason)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        broker = LocalKafka(port=taken.getsockname()[1])
        with pytest.raises(local.KafkaError, match="Address already in use"), broker:
            pass
    assert not broker.data.exists()
