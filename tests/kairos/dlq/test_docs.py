"""docs/dead-letters.md shows what is printed, and knows every code."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from kairos.dlq.advice import CODES
from models.kernel.outputs import DeadLetter
from tests.conftest import Run
from tests.kairos.dlq.dead_letters import topic

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "dead-letters.md").read_text("utf-8")


def test_the_list_is_what_is_printed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    told = re.findall(r'^{.*"kind":"dead_letter".*}$', (DOCS / "outputs.md").read_text("utf-8"), re.MULTILINE)
    topic(monkeypatch, [msgspec.json.decode(line, type=DeadLetter) for line in told])
    [shown] = re.findall(r"```\n\$ kairos dlq list\n(.*?)```", PAGE, re.DOTALL)
    assert run("dlq", "list", KAFKA_URL="127.0.0.1:1").stdout == shown


def test_every_code_has_its_row() -> None:
    table = PAGE[PAGE.index("| code |") : PAGE.index("kairos dlq redrive --code")]
    assert {code for code in re.findall(r"`(\w+)`", table) if code.islower()} == set(CODES)
