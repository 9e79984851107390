"""TLS, SASL, client certificates and a Redis user of few rights: passed through to every client there is."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kairos import wiring
from kairos.config.settings import Settings, load
from kairos.kafka.topics import describe
from ops.kafka import local
from sinks.embedded import ServerError
from sinks.store import Refused, Unavailable
from tests.conftest import Run, no_kafka
from tests.integration.secured import PASSWORD, USER, Certificates, SecuredKafka, SecuredRedis, certificates
from tests.kairos.commands.test_kafka_commands import worker
from tests.kairos.shops import write

ROOT = Path(__file__).resolve().parents[3]
(RIGHTS,) = re.findall(r"^ACL SETUSER kairos on >PASSWORD (.*)$", (ROOT / "docs/redis-keys.md").read_text(), re.M)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def redis(files: Certificates) -> Iterator[SecuredRedis]:
    server = SecuredRedis(files, RIGHTS)
    try:
        server.start()
    except ServerError as error:
        if "tls" not in str(error).lower():
            raise
        pytest.skip(f"this server cannot do TLS: {error}")
    with closing(server):
        yield server


@pytest.fixture(scope="module")
def kafka(files: Certificates) -> Iterator[SecuredKafka]:
    if reason := local.available():
        no_kafka(reason)
    broker = SecuredKafka(files)
    with broker:
        yield broker


def redis_settings(redis: SecuredRedis, files: Certificates) -> dict[str, str]:
    return {
        "REDIS_URL": redis.secured,
        "REDIS_SSL_CAFILE": str(files.ca),
        "REDIS_SSL_CERTFILE": str(files.client),
        "REDIS_SSL_KEYFILE": str(files.client_key),
    }


def kafka_settings(kafka: SecuredKafka, files: Certificates) -> dict[str, str]:
    return {
        "KAFKA_URL": kafka.secured,
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SSL_CAFILE": str(files.ca),
        "KAFKA_SASL_USERNAME": USER,
        "KAFKA_SASL_PASSWORD": PASSWORD,
    }


def partitions(settings: Settings) -> int:
    return wiring.reader(settings).partitions()


def test_redis_over_tls_as_a_user(redis: SecuredRedis, files: Certificates) -> None:
    assert partitions(load(redis_settings(redis, files))) == 0


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ("REDIS_SSL_CAFILE", "certificate verify failed"),
        ("REDIS_SSL_CERTFILE REDIS_SSL_KEYFILE", "(?i)certificate|closed|reset|socket"),
    ],
)
def test_certificates_are_asked_for_on_both_sides(
    redis: SecuredRedis, files: Certificates, left_out: str, said: str
) -> None:
    settings = redis_settings(redis, files)
    for name in left_out.split():
        del settings[name]
    with pytest.raises(Unavailable, match=said):
        partitions(load(settings))


def test_a_wrong_password_says_so_and_is_not_repeated(redis: SecuredRedis, files: Certificates) -> None:
    settings = redis_settings(redis, files)
    settings["REDIS_URL"] = settings["REDIS_URL"].replace("s3cret", "hunter2")
    with pytest.raises(Refused, match="correct REDIS_URL") as raised:
        partitions(load(settings))
    assert "hunter2" not in str(raised.value)


def test_a_certificate_file_that_is_no_good_names_its_setting(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("no certificate")
    for file, words in (("no.pem", "No such file"), ("bad.pem", "expected a readable file in PEM")):
        result = run("topics", "describe", KAFKA_URL="a:1", KAFKA_SECURITY_PROTOCOL="SSL", KAFKA_SSL_CAFILE=file)
        assert result.exit_code == 2
        assert result.stderr.startswith(f"kairos: KAFKA_SSL_CAFILE={file}: ")
        assert words.lower() in result.stderr.lower()
        result = run("profile", "u1", REDIS_URL="rediss://a:1", REDIS_SSL_CAFILE=file)
        assert result.exit_code == 2
        assert result.stderr.startswith(f"kairos: REDIS_SSL_CAFILE={file}: ")


def test_kafka_over_tls_with_a_password(kafka: SecuredKafka, files: Certificates) -> None:
    assert [topic.partitions for topic in describe(load(kafka_settings(kafka, files)))] == [0] * 7


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"KAFKA_SASL_PASSWORD": "hunter2"}, "Authentication failed: Invalid username or password"),
        ({"KAFKA_SSL_CAFILE": ""}, "certificate verify failed"),
    ],
)
def test_doctor_tells_why_kafka_lets_nobody_in(
    run: Run, kafka: SecuredKafka, files: Certificates, wrong: dict[str, str], said: str
) -> None:
    result = run("doctor", "--json", **(kafka_settings(kafka, files) | wrong))
    (check,) = (check for check in json.loads(result.stdout)["checks"] if check["name"] == "kafka")
    assert check["status"] == "problem"
    assert said in check["said"]
    assert "hunter2" not in result.output


def test_everything_over_tls(
    run: Run, kafka: SecuredKafka, redis: SecuredRedis, files: Certificates, tmp_path: Path
) -> None:
    settings = kafka_settings(kafka, files) | redis_settings(redis, files)
    assert run("topics", "create", "--partitions", "2", **settings).exit_code == 0
    file = write(tmp_path, hours=3)
    with worker(settings) as process:
        done = run("replay", "--wait", "--json", file, **settings)
        assert done.exit_code == 0, done.stderr
        assert json.loads(done.stdout)["events"] == len(Path(file).read_bytes().splitlines())
        doctor = json.loads(run("doctor", "--json", **settings).stdout)["checks"]
        assert {check["name"] for check in doctor if check["status"] != "ok"} <= {"redis server", "contract"}
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_the_context_checks_names_and_refuses_old_protocols(files: Certificates) -> None:
    settings = load({"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CAFILE": str(files.ca)})
    context = settings.security.context()
    assert context is not None
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
