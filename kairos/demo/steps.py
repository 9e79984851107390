"""The shop's life, step by step: rows, and the tick that ends them."""

from __future__ import annotations

from collections.abc import Iterator

from kairos.replay.row import Row, Rows, Span


class Steps:
    """Cuts rows into spans.

    Parameters
    ----------
    rows
        In the order of their delivery, without end.
    start
        When the shop opens (ms).

    Attributes
    ----------
    at
        How far the shop's time has come (ms).
    events
        Rows taken so far.
    """

    def __init__(self, rows: Iterator[Row], start: int) -> None:
        self.at = start
        self.events = 0
        self._rows = rows
        self._row = next(rows)

    def take(self, step: int) -> Span:
        """The rows of the next `step` ms, and a tick."""
        self.at += step
        rows: Rows = []
        while (at := self._row[0]) is None or at < self.at:
            rows.append(self._row)
            self._row = next(self._rows)
        self.events += len(rows)
        return Span(rows, self.at)
