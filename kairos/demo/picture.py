"""A picture of the live view, of a real state: ``kairos demo --seconds 40 --picture docs/demo``."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from kairos.commands.dashboard import address
from kairos.config.settings import Settings
from kairos.demo.plain import meanwhile
from kairos.demo.state import DemoState
from kairos.demo.view import View

WIDTH, HEIGHT = 80, 24
PAGE = address(Settings().dashboard.bind, Settings().dashboard.port)
"""Where the live page is, unless that port is taken."""
FOREIGN = re.compile(r"@font-face \{.*?\}|<!--.*?-->", re.DOTALL)
"""Fonts from elsewhere, and an advertisement."""


def draw(name: str, state: DemoState) -> None:
    """Write the view to name.svg, and as text to name.txt."""
    console = Console(record=True, file=io.StringIO(), width=WIDTH, height=HEIGHT, force_terminal=True)
    console.print(View(state, PAGE, hint=meanwhile(Settings()), whole=True))
    text = "".join(f"{line.rstrip()}\n" for line in console.export_text(clear=False).splitlines())
    Path(f"{name}.txt").write_text(text, encoding="utf-8")
    svg = console.export_svg(title="kairos demo", theme=MONOKAI)
    Path(f"{name}.svg").write_text(FOREIGN.sub("", svg), encoding="utf-8")
