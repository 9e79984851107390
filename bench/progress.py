"""How far a long step has come: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

EVERY = 10.0
"""Seconds between lines."""

Show = Callable[[int], None]
"""Told how much is done, in all."""


@contextmanager
def progress(console: Console, title: str, total: int | None) -> Iterator[Show]:
    """Show a step's progress on standard error, as long as it lasts."""
    if not console.is_terminal:
        yield _lines(console, title, total)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)


def _lines(console: Console, title: str, total: int | None) -> Show:
    said = time.monotonic()
    console.print(f"{title} ...", highlight=False, markup=False)

    def show(done: int) -> None:
        nonlocal said
        if time.monotonic() - said >= EVERY:
            said = time.monotonic()
            console.print(f"{title}: {done:,}{f' of {total:,}' if total else ''}", highlight=False, markup=False)

    return show
