"""`kairos profile`: one shopper, as stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from rich.console import Console

from kairos.terminal.lines import say, say_json
from kairos.terminal.times import iso
from models.decoding.event_time import EARLIEST

INTERNAL = {"clicks", "acts", "ring", "changes", "burst", "views"}
"""Of use to the engine and to tests; shown as JSON only."""
LATEST = 4_102_444_800_000
"""2100-01-01. Amounts of money (minor units) are far below the first time, hashes far above this one."""


def show(console: Console, profile: Mapping[str, Any], *, as_json: bool = False) -> None:
    """Print a profile, for people or as one JSON object; nothing in it is taken as markup."""
    if as_json:
        say_json(msgspec.json.encode(profile))
        return
    for line in _lines({name: value for name, value in profile.items() if name not in INTERNAL}, 0):
        say(console, line)


def _lines(value: Mapping[str, Any], depth: int) -> list[str]:
    lines: list[str] = []
    for name, inner in value.items():
        head = f"{'  ' * depth}{name}"
        if isinstance(inner, Mapping) and inner:
            lines += [head, *_lines(inner, depth + 1)]
        elif _is_list(inner) and any(_is_list(item) for item in inner):
            lines += [head, *(f"{'  ' * depth}  {_shown(item)}" for item in inner)]
        else:
            lines.append(f"{head:<24} {_shown(inner)}")
    return lines


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _shown(value: Any) -> str:
    """A value in one line: a whole number in the range of times is one, nothing is a dash."""
    if _is_list(value):
        return ", ".join(map(_shown, value)) or "-"
    if isinstance(value, int) and EARLIEST <= value < LATEST:
        return iso(value)
    return "-" if value is None or value in ("", {}) else str(value)
