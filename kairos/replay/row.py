"""What every format yields and both targets take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

Row = tuple[int | None, int, bytes | None, bytes]
"""One record to be: event time in ms (None: not readable), rank of its role, key, value. A plain tuple, since half a
million of them are made."""

Rows = list[Row]


class Source(Protocol):
    """A format, opened on its files."""

    total: int | None
    """Number of rows, where it is known beforehand."""

    @property
    def left_out(self) -> Mapping[str, int]:
        """What of the files does not go out, and how often that came so far."""
        ...

    def __iter__(self) -> Iterator[Rows]:
        """Rows by the thousands: in file order, or in the order of time where the format has another order."""
        ...


class Span(NamedTuple):
    """Rows, and a tick that follows them on every partition of every input (None: the hour goes on).

    `at` is the timestamp (ms) the rows' records get, to which the engine then clamps them; None: the time of writing.
    """

    rows: Rows
    tick: int | None = None
    at: int | None = None
