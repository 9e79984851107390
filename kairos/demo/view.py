"""The live view: the whole terminal, drawn to whatever size it has."""

from __future__ import annotations

from itertools import zip_longest

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from kairos.demo.lanes import lanes
from kairos.demo.numbers import numbers, segments, stages
from kairos.demo.play import SPEED
from kairos.demo.state import DemoState
from kairos.terminal.times import stamp

HEIGHT = 24
"""Lines of a frame that does not fill the terminal."""
WIDE = 110
"""Columns from which on segments stand beside the outputs instead of above them."""
ASIDE = 44
"""Columns they take there."""
LOW = 20
"""Lines below which the segments are left out."""


class View:
    """One frame.

    Parameters
    ----------
    state
        What is shown.
    page
        Address of the live page.
    note
        Stands in the last line instead of the usual hint.
    hint
        What to try in another terminal.
    whole
        Fill the terminal; else `HEIGHT` lines, and no hint.
    """

    def __init__(
        self, state: DemoState, page: str = "", note: str = "", hint: str = "", *, whole: bool = False
    ) -> None:
        self.state = state
        self.page = page
        self.note = note
        self.hint = hint
        self.whole = whole

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines(options.max_width, options.size.height if self.whole else HEIGHT):
            line.no_wrap, line.overflow = True, "ellipsis"
            yield line

    def lines(self, width: int, height: int) -> list[Text]:
        """Exactly so many lines, none of them wider than so many columns once cut."""
        head = [*_title(self.state, self.page, width), *numbers(self.state, width), Text()]
        foot = [self._foot(width)] if self.whole else []
        return [*head, *self._body(width, max(0, height - len(head) - len(foot))), *foot][:height]

    def _foot(self, width: int) -> Text:
        if self.note:
            return Text(self.note, style="yellow")
        line = f"Ctrl-C ends this; meanwhile: {self.hint}"
        return Text(line if len(line) <= width else f"Ctrl-C ends; {self.hint}", style="dim")

    def _body(self, width: int, room: int) -> list[Text]:
        if width >= WIDE:
            aside = [*segments(self.state, ASIDE, 1), Text(), *stages(self.state, ASIDE)]
            return _beside(lanes(self.state, width - ASIDE - 3, room), aside, width - ASIDE - 3)[:room]
        above = segments(self.state, width, 2) if room >= LOW - 7 else []
        return [*above, *lanes(self.state, width, room - len(above))][:room]


def _title(state: DemoState, page: str, width: int) -> list[Text]:
    left = Text(f"Kairos demo: {page}" if page else "Kairos demo, a made-up shop", style="bold")
    right = f"{stamp(state.at)[:19].replace('T', ' ')} UTC, {SPEED} times as fast"
    left.truncate(max(0, width - len(right) - 1), overflow="ellipsis", pad=True)
    return [left.append(" " + right, style="not bold"), Text("─" * width, style="dim")]


def _beside(left: list[Text], right: list[Text], width: int) -> list[Text]:
    """Two blocks side by side, the left one so many columns wide."""
    lines = []
    for one, other in zip_longest(left, right, fillvalue=Text()):
        line = one.copy()
        line.truncate(width, overflow="ellipsis", pad=True)
        lines.append(line.append("   ").append_text(other))
    return lines
