"""Files of events for tests: a simulated shop for a while, with some of the bad records that real feeds have."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from kairos.simulate.settings import BUSY
from kairos.simulate.shop import Shop
from models.kernel.settings import HOUR

OPENED = 1_709_542_800_000
"""The shop opens at 2024-03-04T09:00Z, a Monday."""
SHOP = replace(BUSY, start=OPENED, shoppers=30_000, known=1.0, bad=0.002)
BAD = (b"not json", b'{"type":"page","userId":"u1"}', b'{"type":"track","event":"Order Completed","userId":"u1"}')


def sold(hours: int, seed: int = 7) -> list[bytes]:
    """The shop's first hours, one call each, but for those without a time."""
    rows = Shop(replace(SHOP, seed=seed, end=OPENED + hours * HOUR))
    return [value for at, _, _, value in rows if at is not None]


def write(folder: Path, hours: int = 24) -> str:
    """A file of the shop's first hours, with bad records in it; the same one again and again."""
    lines = sold(hours)
    for number, bad in enumerate(BAD):
        lines.insert(len(lines) * number // 3, bad)
    file = folder / "events.jsonl"
    file.write_bytes(b"\n".join(lines) + b"\n")
    return str(file)
