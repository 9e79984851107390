"""Segment calls, one a line or in a JSON array: files, or standard input as ``-``, as they are or packed by gzip or
Zstandard.

A call goes out byte for byte as it came. Only to know its key, role and time it is read, by the engine's own reader, so
both agree on them. What cannot be read goes out as well: telling why is the engine's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kairos.replay.recognition import recognized
from kairos.replay.row import Row, Rows
from kairos.replay.stream import STDIN, check
from kairos.replay.values import values
from models.decoding.decoder import Decoder
from models.kernel.events import Tick
from models.kernel.settings import SharedSettings

WHENEVER = 1 << 62
"""A record's time (ms) that no timestamp is after."""
TICKS = "ticks in the files, left out since replay writes its own"


class Segment:
    """Rows of files of calls, in file order. Blank lines are left out; so are ticks, since replay writes its own.

    Raises `ReplayError` where a file is missing, or, on the way, something else or damaged.
    """

    total: int | None = None

    def __init__(self, files: Sequence[str], shop: SharedSettings) -> None:
        check(files)
        for file in files[1:]:  # before anything of the first one goes out
            if file != STDIN:
                next(recognized(file, values(file)), None)
        self.files = files
        self.left_out = {TICKS: 0}
        self._read = Decoder(shop).read

    def __iter__(self) -> Iterator[Rows]:
        for file in self.files:
            for batch in recognized(file, values(file)):
                yield self.rows(batch)

    def rows(self, batch: list[bytes]) -> Rows:
        """Read some lines, at the times they say."""
        return [row for line in batch if (stripped := line.strip()) and (row := self._row(stripped))]

    def _row(self, line: bytes) -> Row | None:
        reading = self._read(line, WHENEVER)
        if isinstance(reading.event, Tick):
            self.left_out[TICKS] += 1
            return None
        key = reading.shopper.encode() if reading.shopper else None
        return (reading.e if reading.e >= 0 else None), reading.role, key, line
