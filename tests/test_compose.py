"""The container files: health checks, pinned versions, no root, nothing open to other machines.

Docker Compose itself judges the file where it is installed; what is asked of the content holds without it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PINNED = re.compile(r":\d+\.\d+(\.\d+)?(-[\w.-]+)?$")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


def test_docker_compose_accepts_it() -> None:
    command = ["docker", "compose", "--file", str(ROOT / "docker-compose.yml")]
    if not shutil.which("docker") or subprocess.run([*command, "version"], capture_output=True, check=False).returncode:
        pytest.skip("the Docker client with its compose plugin is not installed")
    done = subprocess.run([*command, "config", "--quiet"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_versions_are_pinned(compose: dict[str, Any], dockerfile: str) -> None:
    images = [service["image"] for service in compose["services"].values()]
    images += re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    assert len(images) >= 5
    assert [image for image in images if not PINNED.search(image)] == []


def test_kafka_is_the_version_that_tests_run_against(compose: dict[str, Any]) -> None:
    version = compose["services"]["kafka"]["image"].split(":")[1]
    assert f"<version>{version}</version>" in (ROOT / "ops/kafka/pom.xml").read_text()


def test_the_image_is_of_this_version(compose: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert compose["services"]["worker"]["image"] == f"kairos:{project['version']}"


def test_ports_are_open_to_this_machine_alone(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert len(ports) >= 2
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_every_service_has_a_health_check(compose: dict[str, Any], dockerfile: str) -> None:
    ours = re.search(r"^HEALTHCHECK ", dockerfile, re.MULTILINE)
    for name, service in compose["services"].items():
        if service.get("restart") == "no":
            continue  # runs once and ends
        assert "test" in service.get("healthcheck", {}) or (service.get("build") and ours), name


def test_the_worker_waits_for_healthy_servers_and_topics(compose: dict[str, Any]) -> None:
    services = compose["services"]
    conditions = {name: wait["condition"] for name, wait in services["worker"]["depends_on"].items()}
    assert conditions == {
        "kafka": "service_healthy",
        "redis": "service_healthy",
        "topics": "service_completed_successfully",
    }
    assert services["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}


def test_the_worker_finds_its_servers(compose: dict[str, Any]) -> None:
    environment = compose["services"]["worker"]["environment"]
    bootstrap = environment["KAFKA_URL"].removeprefix("kafka://")
    advertised = compose["services"]["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert f"://{bootstrap}" in advertised
    assert environment["REDIS_URL"].startswith("redis://redis:")


def test_redis_keeps_what_it_is_given(compose: dict[str, Any]) -> None:
    command = " ".join(compose["services"]["redis"]["command"])
    for option in ("--appendonly yes", "--appendfsync everysec", "--maxmemory-policy noeviction"):
        assert option in command


def test_data_outlives_the_containers(compose: dict[str, Any]) -> None:
    for name in ("kafka", "redis"):
        (volume,) = compose["services"][name]["volumes"]
        assert volume.split(":")[0] in compose["volumes"]


def test_the_image_runs_as_an_ordinary_user(dockerfile: str) -> None:
    last_user = re.findall(r"^USER (\S+)", dockerfile, re.MULTILINE)[-1]
    assert int(last_user) > 0
    assert dockerfile.index("\nUSER ") < dockerfile.index("\nENTRYPOINT")


def test_the_image_holds_every_package_and_only_locked_files(dockerfile: str) -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    let_in = (ROOT / ".dockerignore").read_text().splitlines()
    for package in packages["packages"]:
        assert f"COPY {package} {package}\n" in dockerfile
        assert f"!{package}" in let_in
    assert "--require-hashes" in dockerfile
    assert "--no-index" in dockerfile
