"""How far a replay has come: a bar on a terminal, a plain line now and then elsewhere. Both on standard error."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from kairos.lines import say
from kairos.replay.row import Span
from kairos.times import iso

EVERY = 5.0
"""Seconds between plain lines."""


class Meter(Protocol):
    """Shows progress while it is entered."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def __call__(self, span: Span) -> None:
        """A span was dealt with."""
        ...


class _Speed(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} events/s", style="progress.data.speed")


class Bar:
    """A progress bar."""

    def __init__(self, console: Console, total: int | None) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.completed:,} events"),
            BarColumn(),
            _Speed(),
            TextColumn("{task.fields[at]}"),
        )
        self._progress = Progress(*columns, console=console, transient=True)
        self._task = self._progress.add_task("", total=total, at="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, span: Span) -> None:
        self._progress.advance(self._task, len(span.rows))
        if span.tick is not None:
            self._progress.update(self._task, at=iso(span.tick))


class Lines:
    """A line every few seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._events = 0
        self._at = ""
        self._started = self._said = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, span: Span) -> None:
        self._events += len(span.rows)
        if span.tick is not None:
            self._at = f", up to {iso(span.tick)}"
        now = time.monotonic()
        if now - self._said >= EVERY:
            self._said = now
            speed = self._events / (now - self._started)
            say(self._console, f"{self._events:,} events, {speed:,.0f} events/s{self._at}")


def meter(console: Console, total: int | None) -> Meter:
    """What suits the console; `total` is the number of rows, if known."""
    return Bar(console, total) if console.is_terminal else Lines(console)
