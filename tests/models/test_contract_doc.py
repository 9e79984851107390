"""docs/contract.md says what the code does: every name, code and example."""

from __future__ import annotations

import re
from pathlib import Path

from models.decoding.money import EXPONENTS
from models.decoding.rejections import MISROUTED, PRECEDENCE
from models.decoding.segment import NAMES, TYPES
from tests.models.messages import E, read

DOC = (Path(__file__).parents[2] / "docs" / "contract.md").read_text(encoding="utf-8")


def test_every_name_stands_in_it() -> None:
    table = DOC[DOC.index("## Events") : DOC.index("## Time")]
    assert [name for name in (*NAMES, *TYPES) if name not in table] == []


def test_the_codes_stand_in_their_order() -> None:
    table = DOC[DOC.index("## Codes") : DOC.index("## Outcomes")]
    assert re.findall(r"^\| `(\w+)`(?! \(message\)) ", table, re.M) == [*PRECEDENCE, MISROUTED]


def test_the_examples_are_good() -> None:
    examples = re.findall(r"```json\n(.*?)```", DOC, re.S)
    assert examples
    assert [read(example.encode(), E).rejected for example in examples] == [None] * len(examples)


def test_the_counts_of_currencies() -> None:
    kinds = [list(EXPONENTS.values()).count(decimals) for decimals in (0, 3, 4)]
    assert f"JPY and {kinds[0] - 1} more 0; KWD and {kinds[1] - 1} more 3" in DOC
    assert kinds[2] == 2
