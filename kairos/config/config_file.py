"""The settings file: TOML, in which each variable has a key of its own: ``KAIROS_HALF_LIFE`` is ``half_life`` in
``[shop]``.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kairos.config.variables import VARIABLES
from kairos.errors import SettingsError

KEYS = {variable.key: variable.name for variable in VARIABLES.values()}
TABLE = re.compile(r"\s*\[([\w.\s-]+)\]\s*(#.*)?")
ENTRY = re.compile(r"\s*([\w.\s-]+?)\s*=")


class Given(NamedTuple):
    """A value as somebody wrote it, and where: ``env``, or ``FILE:LINE``."""

    text: str
    source: str


def read(path: str) -> dict[str, Given]:
    """The values of a file, by the name of their variable.

    Raises
    ------
    SettingsError
        It cannot be read, is no TOML, or has a key that is no setting: the message names the nearest one.
    """
    try:
        written = Path(path).read_text("utf-8")
        tree = tomllib.loads(written)
    except OSError as error:
        raise SettingsError(f"KAIROS_CONFIG, --config: {path}: {error.strerror or error}") from None
    except ValueError as error:  # of TOML, or of UTF-8
        raise SettingsError(f"{path}: no TOML: {error}") from None
    lines = _lines(written)
    found = {}
    for key, value in _flat(tree):
        where = f"{path}:{lines[key]}" if key in lines else path
        if key not in KEYS:
            raise SettingsError(f"{where}: {key}: no such setting{nearest(key)}")
        found[KEYS[key]] = Given(_text(value, f"{where}: {key}"), where)
    return found


def nearest(key: str) -> str:
    """What may be meant by a key that is none.

    >>> nearest("shop.half_live"), nearest("engine.half_life")
    ('; did you mean shop.half_life?', '; did you mean shop.half_life?')
    """
    same = [known for known in KEYS if known.partition(".")[2] == key.rpartition(".")[2]]
    near = same or difflib.get_close_matches(key, KEYS, n=1, cutoff=0.7)
    return f"; did you mean {near[0]}?" if near else "; `kairos settings` lists all"


def _flat(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _text(value: Any, where: str) -> str:
    """A value as its variable would have it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list) and not any(isinstance(part, list | dict) for part in value):
        return ",".join(_text(part, where) for part in value)
    raise SettingsError(f"{where}: expected text in quotes, a number, true or false, or a list of these")


def _lines(written: str) -> dict[str, int]:
    """The line of each key that stands at the start of one. (tomllib tells none.)"""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(written.splitlines(), 1):
        if match := TABLE.fullmatch(line):
            table = re.sub(r"\s", "", match[1]) + "."
        elif match := ENTRY.match(line):
            lines.setdefault(table + re.sub(r"\s", "", match[1]), number)
    return lines
