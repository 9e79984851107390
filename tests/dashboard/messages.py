"""Every text of the page that is to be translated, as templates and Python name it.

``python tests/dashboard/messages.py`` prints what the Chinese catalogue lacks and what it no longer needs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from jinja2 import Environment, nodes

import dashboard
from dashboard.words.catalog import texts

HOME = Path(dashboard.__file__).parent


def all_messages() -> set[str]:
    """The English texts; of a plural the singular."""
    found = {text for path in HOME.rglob("*.py") for text in _of_python(path)}
    return found | {text for path in HOME.rglob("templates/**/*.html") for text in _of_template(path)}


def _of_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            own = isinstance(node.func, ast.Name) and path.parent.name == "words" and name == "self"
            if (own or _translates(name, node.func)) and isinstance(node.args[0].value, str):
                yield node.args[0].value


def _translates(name: str, function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        of = function.value
        called = of.attr if isinstance(of, ast.Attribute) else getattr(of, "id", "")
        return name == "words" or (called == "words" and name in ("html", "plural"))
    return name in ("words", "message")


def _of_template(path: Path) -> Iterator[str]:
    tree = Environment(extensions=["jinja2.ext.do"]).parse(path.read_text(encoding="utf-8"))
    for call in tree.find_all(nodes.Call):
        function = call.node
        direct = isinstance(function, nodes.Name) and function.name == "words"
        of_words = isinstance(function, nodes.Getattr) and getattr(function.node, "name", "") == "words"
        if direct or (of_words and function.attr in ("html", "plural")):
            first = call.args[0]
            if isinstance(first, nodes.Const):
                yield first.value


if __name__ == "__main__":
    known = set(texts(Locale.parse("zh_CN")))
    for missing in sorted(all_messages() - known):
        print("missing", repr(missing))
    for stale in sorted(known - all_messages()):
        print("stale  ", repr(stale))
