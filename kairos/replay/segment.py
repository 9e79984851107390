"""Segment calls, one a line: files, or standard input as ``-``.

A line goes out byte for byte as it came. Only to know its key, role and hour it is read, by the engine's own reader, so
both agree on the event time. What cannot be read goes out as well: telling why is the engine's business.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from kairos.errors import ReplayError
from kairos.replay.row import Row, Rows
from models.events import Tick
from models.reader import Reader
from models.settings import Settings as Shop

BLOCK = 4 << 20
"""Bytes read at once; a pipe gives what it has."""


class Segment:
    """Rows of files of JSON lines, in file order. Blank lines are left out; so are ticks, since replay writes its own
    (`ticks` counts them)."""

    total: int | None = None

    def __init__(self, files: Sequence[str], shop: Shop) -> None:
        for file in files:
            if file != "-" and not Path(file).is_file():
                raise ReplayError(f"{file}: no such file")
        self.files = files
        self.ticks = 0
        self._read = Reader(shop).read

    def __iter__(self) -> Iterator[Rows]:
        for file in self.files:
            if file == "-":
                yield from self._blocks(sys.stdin.buffer)
            else:
                with open(file, "rb") as stream:
                    yield from self._blocks(stream)

    def _blocks(self, stream: BinaryIO) -> Iterator[Rows]:
        rest = b""
        read = getattr(stream, "read1", stream.read)
        while block := read(BLOCK):
            *lines, rest = (rest + block).split(b"\n")
            if lines:
                yield self.rows(lines)
        if rest.strip():
            yield self.rows([rest])

    def rows(self, lines: list[bytes]) -> Rows:
        """Read some lines. A timestamp ahead of the clock counts as now, as the engine will count it."""
        now = time.time_ns() // 1_000_000
        return [row for line in lines if (stripped := line.strip()) and (row := self._row(stripped, now))]

    def _row(self, line: bytes, now: int) -> Row | None:
        reading = self._read(line, now)
        if isinstance(reading.event, Tick):
            self.ticks += 1
            return None
        key = reading.shopper.encode() if reading.shopper else None
        return (reading.e if reading.e >= 0 else None), reading.role, key, line
