"""Files of events for tests: the demo's shop for a while, with some of the bad records that real feeds have."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

from kairos.shop import OPENED, Shop
from models.settings import HOUR

BAD = (b"not json", b'{"type":"page","userId":"u1"}', b'{"type":"track","event":"Order Completed","userId":"u1"}')


def sold(hours: int, seed: int = 7) -> list[bytes]:
    """The shop's first hours, one call each."""
    rows = takewhile(lambda row: row[0] is not None and row[0] < OPENED + hours * HOUR, Shop(seed))
    return [row[3] for row in rows]


def write(folder: Path, hours: int = 24) -> str:
    """A file of the shop's first hours, with bad records in it; the same one again and again."""
    lines = sold(hours)
    for number, bad in enumerate(BAD):
        lines.insert(len(lines) * number // 3, bad)
    file = folder / "events.jsonl"
    file.write_bytes(b"\n".join(lines) + b"\n")
    return str(file)
