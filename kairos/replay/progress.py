"""How far a replay has come: a bar on a terminal, a plain line now and then elsewhere. Both on standard error."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from kairos.replay.row import Span
from kairos.terminal.lines import say
from kairos.terminal.times import iso

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
    """A progress bar. Where the number of rows is not known but the period of event time they fill (ms) is, what has
    come so far tells how many there will be."""

    def __init__(self, console: Console, total: int | None, period: tuple[int, int] | None = None) -> None:
        self._period = period
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
            self._progress.update(self._task, at=iso(span.tick), total=self._total(span.tick))

    def _total(self, at: int) -> float | None:
        """Rows there will be; None leaves it as it is."""
        if self._period is None or at <= self._period[0]:
            return None
        start, end = self._period
        return self._progress.tasks[0].completed * max(1.0, (end - start) / (at - start))


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


def meter(console: Console, total: int | None, period: tuple[int, int] | None = None) -> Meter:
    """What suits the console; `total` is the number of rows, if known, else `period` the event time they fill (ms)."""
    return Bar(console, total, period) if console.is_terminal else Lines(console)
