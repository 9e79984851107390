"""What threads must not do at the same time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("models", "streams", "sinks")
"""What a worker's threads run."""


def typed(path: Path) -> Iterator[str]:
    """Where `decode` of msgspec is called with a type."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and any(keyword.arg == "type" for keyword in node.keywords):
            called = ast.unparse(node.func)
            if called.startswith("msgspec.") and called.endswith(".decode"):
                yield f"{path.relative_to(ROOT)}:{node.lineno}"


def test_decoders_are_made_as_a_module_is_imported() -> None:
    """`msgspec.json.decode(..., type=T)` works out what T is where it is called first: where two threads do that at the
    same time msgspec 0.22 may end the process by SIGSEGV, as a worker did that claimed two shards."""
    found = [place for package in PACKAGES for path in (ROOT / package).rglob("*.py") for place in typed(path)]
    assert found == []
