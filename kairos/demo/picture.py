"""A picture of the live view, of a real state: ``kairos demo --seconds 40 --picture docs/demo.svg`` (or .txt)."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from kairos.demo.state import State
from kairos.demo.view import View

WIDTH, HEIGHT = 80, 24
FOREIGN = re.compile(r"@font-face \{.*?\}|<!--.*?-->", re.DOTALL)
"""Fonts from elsewhere, and an advertisement."""


def draw(file: str, state: State) -> None:
    """Write the view to a file: as SVG if its name ends so, else as text."""
    console = Console(record=True, file=io.StringIO(), width=WIDTH, height=HEIGHT, force_terminal=True)
    console.print(View(state, whole=True))
    if file.endswith(".svg"):
        text = FOREIGN.sub("", console.export_svg(title="kairos demo", theme=MONOKAI))
    else:
        text = "".join(f"{line.rstrip()}\n" for line in console.export_text().splitlines())
    Path(file).write_text(text, encoding="utf-8")
