"""The container files, read once: docker-compose.yml, Dockerfile and what Prometheus is given."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE_FILE = ROOT / "docker-compose.yml"
PROMETHEUS = ROOT / "ops" / "prometheus"
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
"""The services of our own image."""
DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
"""One instruction a line."""

SECONDS = {"s": 1, "m": 60, "h": 3600}
BYTES = {"m": 2**20, "mb": 2**20, "g": 2**30, "gb": 2**30}


def instructions(name: str) -> list[str]:
    """What follows each instruction of this name in the Dockerfile."""
    return re.findall(rf"^{name}\s+(.+)$", DOCKERFILE, re.MULTILINE)


def image_environment() -> dict[str, str]:
    """ENV of the image that is shipped: of the last stage."""
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(re.findall(r"^ENV (.+)$", last, re.MULTILINE))))


def environment(service: str) -> dict[str, str]:
    """What the processes of one of our services find in their environment."""
    given = SERVICES[service].get("environment", {})
    return image_environment() | {name: str(value) for name, value in given.items()}


def measure(text: str, units: dict[str, int]) -> int:
    """A number with its unit.

    >>> measure("30s", SECONDS), measure("1536m", BYTES)
    (30, 1610612736)
    """
    found = re.fullmatch(r"(\d+)([a-z]+)", text)
    assert found, text
    return int(found[1]) * units[found[2]]
