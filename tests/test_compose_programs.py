"""docker-compose.yml: what it has our own programs do, and what it tells them, is what they know."""

from __future__ import annotations

import re
from typing import Any

import pytest
import typer.main

from kairos.commands.cli import app
from kairos.config.variables import VARIABLES
from tests.containers import (
    COMPOSE_FILE,
    DOCKERFILE,
    OURS,
    ROOT,
    SERVICES,
    environment,
    image_environment,
    instructions,
)

each_of_ours = pytest.mark.parametrize("name", OURS)


@each_of_ours
def test_its_command_and_options_exist(name: str) -> None:
    words = list(SERVICES[name]["command"])
    assert instructions("ENTRYPOINT") == ['["kairos"]']
    command: Any = typer.main.get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    context = command.make_context(name, words)  # raises for what it does not know, and for values that are no good
    assert getattr(context.command, "invoke_without_command", True)  # a group that does nothing alone has no work here


@each_of_ours
def test_its_variables_exist_and_are_readable(name: str) -> None:
    given = environment(name).items() - {("PYTHONUNBUFFERED", "1"), ("PIP_DISABLE_PIP_VERSION_CHECK", "1")}
    for variable, value in given:
        VARIABLES[variable].parse(value)


@each_of_ours
def test_it_finds_its_servers(name: str) -> None:
    bootstrap = environment(name)["KAFKA_URL"].removeprefix("kafka://")
    assert f"://{bootstrap}," in SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert environment(name)["REDIS_URL"].startswith("redis://redis:")


@each_of_ours
def test_settings_of_ones_own_may_come_from_a_file_that_git_does_not_know(name: str) -> None:
    (file,) = SERVICES[name]["env_file"]
    assert not file["required"]
    assert file["path"] in (ROOT / ".gitignore").read_text().splitlines()


def test_no_secret_is_in_it() -> None:
    """But for the page's token, which comes from outside; its default guards a port of this machine alone."""
    secret = {variable.name for variable in VARIABLES.values() if variable.secret} - {"REDIS_URL"}
    for service in SERVICES.values():
        given = {name: value for name, value in service.get("environment", {}).items() if name in secret}
        assert set(given.items()) <= {("KAIROS_DASHBOARD_TOKEN", "${KAIROS_DASHBOARD_TOKEN:-this-machine-only}")}
    rest = COMPOSE_FILE.read_text().replace("KAIROS_DASHBOARD_TOKEN", "").replace("its token", "").replace("*token", "")
    assert not re.search(
        r"password|passwd|secret|token|requirepass|://[^/\s]*@", rest.replace("&token", ""), re.IGNORECASE
    )


def test_metrics_are_for_the_containers_alone() -> None:
    """Who runs the image elsewhere says so, before other machines see them."""
    assert environment("worker")["KAIROS_METRICS_BIND"] == "0.0.0.0"
    assert "KAIROS_METRICS_BIND" not in image_environment()
    assert "EXPOSE" not in DOCKERFILE
