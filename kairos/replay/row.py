"""What every format yields and both targets take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

Row = tuple[int | None, int, bytes | None, bytes]
"""One record to be: event time in ms (None: not readable), rank of its role, key, value. A plain tuple, since half a
million of them are made."""

Rows = list[Row]


class Source(Protocol):
    """A format, opened on its files."""

    total: int | None
    """Number of rows, where it is known beforehand."""
    ticks: int
    """Ticks found in the files so far, and left out: replay writes its own."""

    def __iter__(self) -> Iterator[Rows]:
        """Rows in file order, by the thousands."""
        ...


class Span(NamedTuple):
    """Rows, and a tick that follows them on every partition of every input (None: the hour goes on)."""

    rows: Rows
    tick: int | None = None
