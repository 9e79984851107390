"""The demo on a terminal: a progress bar, then the live view, which leaves its last frame behind."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from kairos.demo.notes import Notes
from kairos.demo.plain import account, opening
from kairos.demo.state import DemoState
from kairos.demo.view import View
from kairos.terminal.lines import say
from kairos.terminal.times import iso
from models.kernel.settings import DAY


class Screen:
    """Implements `kairos.demo.front.Front`.

    Parameters
    ----------
    console
        A terminal.
    span
        How long history is (ms).
    hint
        What to try in another terminal.
    """

    def __init__(self, console: Console, span: int, hint: str) -> None:
        self._console = console
        self._hint = hint
        self._page = ""
        columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[far]}")
        self._progress = Progress(*columns, console=console, transient=True)
        self._task = self._progress.add_task(f"folding {span // DAY} days of history", total=span, far="")
        self._live = Live(console=console, screen=True, auto_refresh=False)
        self._notes = Notes()

    def __enter__(self) -> Screen:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
        self._live.stop()
        self._notes.stop()

    def served(self, page: str) -> None:
        """The first line; the view has it too."""
        self._page = page
        say(self._console, f"the live page: {page}")

    def folding(self, passed: int, events: int) -> None:
        """Move the bar."""
        self._progress.update(self._task, completed=passed, far=f"{events:,} events")

    def opened(self, state: DemoState, seconds: float) -> None:
        """The view takes the terminal over."""
        self._progress.stop()
        say(self._console, opening(state, seconds))
        self._notes.start()
        self._live.start()
        self.seen(state)

    def said(self, message: bytes) -> None:
        """Nothing: the next state has it."""

    def delivered(self, message: dict[str, Any], verified: bool) -> None:
        """Nothing: the next state counts it."""

    def seen(self, state: DemoState) -> None:
        """Draw it, to the terminal's size."""
        self._live.update(View(state, self._page, self._notes.newest, self._hint, whole=True), refresh=True)

    def closed(self, state: DemoState) -> None:
        """Give the terminal back, and leave the last frame in it."""
        self._live.stop()
        self._console.print(View(state, self._page))
        say(self._console, f"ended at {iso(state.at)}: {account(state)}")
