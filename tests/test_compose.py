"""docker-compose.yml: what the schema and Compose say of it, and what its containers may do. None is started here."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from streams.process import CRASH_WITHIN
from tests.containers import BYTES, COMPOSE, COMPOSE_FILE, OURS, ROOT, SECONDS, SERVICES, instructions, measure

PINNED = re.compile(r":v?\d+\.\d+\.\d+(-[\w.-]+)?$")
ONE_SHOT = {"topics"}
every_service = pytest.mark.parametrize("name", SERVICES)


def test_it_is_of_the_compose_specification() -> None:
    checked = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE_FILE)]
    done = subprocess.run(checked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("profile", ["", "simulator", "grafana", "act"])
def test_docker_compose_accepts_it(profile: str) -> None:
    command = ["docker", "compose", "--file", str(COMPOSE_FILE), "--profile", profile]
    if not shutil.which("docker") or subprocess.run([*command, "version"], capture_output=True, check=False).returncode:
        pytest.skip("the Docker client with its compose plugin is not installed")
    done = subprocess.run([*command, "config", "--quiet"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr.lower()


def test_versions_are_pinned() -> None:
    images = [service["image"] for service in SERVICES.values()]
    images += [image.split()[0] for image in instructions("FROM")]
    assert len(images) >= 8
    assert [image for image in images if not PINNED.search(image)] == []


def test_kafka_is_the_version_that_tests_run_against() -> None:
    version = SERVICES["kafka"]["image"].split(":")[1]
    assert f"<version>{version}</version>" in (ROOT / "ops/kafka/pom.xml").read_text()


def test_the_image_is_of_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {service["image"] for service in OURS.values()} == {f"kairos:{project['version']}"}


# What may start, stop and be reached


def test_ports_are_open_to_this_machine_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) >= 3
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_many_workers_may_run() -> None:
    assert {"ports", "container_name", "hostname"} & SERVICES["worker"].keys() == set()


@every_service
def test_what_it_waits_for_exists_and_can_come_true(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
        assert wait["condition"] == expected
        assert SERVICES[other].get("profiles") in (None, SERVICES[name].get("profiles"))
        if expected == "service_healthy":
            assert "test" in SERVICES[other]["healthcheck"]


def test_a_worker_waits_for_what_it_cannot_start_without() -> None:
    assert SERVICES["worker"]["depends_on"].keys() == {"kafka", "redis", "topics"}
    assert SERVICES["topics"]["depends_on"].keys() == {"kafka"}
    assert SERVICES["simulator"]["depends_on"].keys() == {"topics"}


@every_service
def test_it_has_a_health_check_or_says_that_it_has_none(name: str) -> None:
    own = SERVICES[name].get("healthcheck", {})
    assert "test" in own or own.get("disable") or (name in OURS and instructions("HEALTHCHECK"))


@every_service
def test_what_ends_is_started_again(name: str) -> None:
    assert SERVICES[name]["restart"] == ("no" if name in ONE_SHOT else "unless-stopped")


def test_a_stop_is_given_the_time_it_takes() -> None:
    assert measure(SERVICES["worker"]["stop_grace_period"], SECONDS) > CRASH_WITHIN
    for name in ("kafka", "redis", "prometheus", "grafana"):
        assert measure(SERVICES[name]["stop_grace_period"], SECONDS) > 10  # Docker's own patience


@every_service
def test_it_may_not_take_the_whole_machine(name: str) -> None:
    assert measure(SERVICES[name]["mem_limit"], BYTES) <= 2 * 2**30
    assert SERVICES[name]["cpus"] <= 2  # Docker refuses more than the machine has


@every_service
def test_it_can_do_no_more_than_it_must(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"privileged", "cap_add", "network_mode", "pid"} & service.keys() == set()
    assert service.get("read_only") or name == "kafka"  # whose image writes its settings at each start


@every_service
def test_logs_are_bounded(name: str) -> None:
    assert SERVICES[name]["logging"] == {"driver": "local"}


def test_data_outlives_the_containers() -> None:
    kept = {}
    for name in ("kafka", "redis", "prometheus", "grafana"):
        (kept[name],) = [volume for volume in SERVICES[name]["volumes"] if not volume.startswith("./")]
    assert {volume.split(":")[0] for volume in kept.values()} == COMPOSE["volumes"].keys()
    assert kept["kafka"].split(":")[1] == SERVICES["kafka"]["environment"]["KAFKA_LOG_DIRS"]
    assert f"--storage.tsdb.path={kept['prometheus'].split(':')[1]}" in SERVICES["prometheus"]["command"]


def test_files_it_brings_in_exist() -> None:
    mounts = [volume.split(":") for service in SERVICES.values() for volume in service.get("volumes", [])]
    for source, _, *mode in [mount for mount in mounts if mount[0].startswith("./")]:
        assert (ROOT / source).is_dir()
        assert mode == ["ro"]
