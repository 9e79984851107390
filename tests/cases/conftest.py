"""Inputs from the field, replayed here: what real shops send, made up after public bug reports.

The files are in `inputs/`; people and goods are invented. Each test states the right value of one of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.acting import ONCE
from tests.conftest import Run

INPUTS = Path(__file__).parent / "inputs"

Message = dict[str, Any]


class Replayed(NamedTuple):
    """What `kairos replay --local --json --dump` says of an input.

    Attributes
    ----------
    code
        Exit code.
    report
        The figures; empty where the command failed.
    messages
        All outputs.
    profiles
        What is known of each shopper at the end, by id.
    text
        All that the command printed.
    """

    code: int
    report: dict[str, Any]
    messages: list[Message]
    profiles: dict[str, dict[str, Any]]
    text: str

    def said(self, topic: str, user: str | None = None, kind: str | None = None) -> list[Message]:
        """Messages of one topic, of a shopper, of a kind, by `as_of`."""
        found = [m["message"] for m in self.messages if m["topic"] == topic and user in (None, m["message"]["user_id"])]
        return sorted((m for m in found if kind in (None, m["kind"])), key=lambda m: m["as_of"])


Replay = Callable[..., Replayed]


@pytest.fixture
def replay(run: Run, tmp_path: Path) -> Replay:
    """Replay an input by its name in `inputs/`, or another file; settings as keywords. Carts are reminded of once."""

    def replayed(file: str | Path, *options: str, until: str = "", **settings: str) -> Replayed:
        target = tmp_path / "dump.jsonl"
        target.write_bytes(b"")
        settings = {**ONCE, **settings}
        ends = ["--until", until] if until else []
        result = run(
            "replay", "--local", str(INPUTS / file), "--json", "--dump", str(target), *ends, *options, **settings
        )
        lines = [json.loads(line) for line in target.read_bytes().splitlines()]
        report = json.loads(result.stdout.splitlines()[-1]) if result.exit_code == 0 else {}
        profiles = {line["user"]: line["profile"] for line in lines if "profile" in line}
        return Replayed(result.exit_code, report, [line for line in lines if "topic" in line], profiles, result.output)

    return replayed
