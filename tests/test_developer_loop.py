"""What CONTRIBUTING.md promises to who works on it: targets, hooks before a commit, how properties are tried."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text("utf-8").replace("$(BIN)", ".venv/bin")
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]


def recipe(target: str) -> list[str]:
    """The commands of a target."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert found, target
    return [line.strip().removeprefix("@") for line in found[1].splitlines()]


def test_help_names_every_target() -> None:
    (listed,) = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    named = set(re.findall(r'@echo "make ([a-z-]+)', MAKEFILE))
    assert named | {"help"} == set(listed.split()) == set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def test_hooks_are_the_commands_of_make_check() -> None:
    (repository,) = HOOKS
    assert repository["repo"] == "local"  # nothing is fetched
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    checks = [re.sub(r" (--check|\.)(?= |$)", "", command) for command in recipe("check")]
    assert [hook["entry"] for hook in repository["hooks"]] == checks


def test_properties_have_no_deadline(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--hypothesis-profile"):
        pytest.skip("another profile was asked for")
    used = settings()
    assert used.deadline is None
    assert HealthCheck.too_slow in used.suppress_health_check
    assert used.max_examples == pytestconfig.getoption("--examples")
    assert used.derandomize is (os.environ.get("CI") == "true")
